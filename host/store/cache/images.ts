/** Images in the data centre's cache. On `workers.dev` it keeps nothing; KV stands behind it. */
import type { ImagePlace } from "../images.ts";

/** Nobody can ask for an address under `.invalid`. */
const ORIGIN = "https://images.invalid/";
const MAX_AGE_SECONDS = 86_400;

/** Images in a cache of the platform. */
export function createCacheImages(cache: Cache): ImagePlace {
  return {
    name: "cache",
    async get(key) {
      const found = await cache.match(ORIGIN + key);
      return found ? new Uint8Array(await found.arrayBuffer()) : undefined;
    },
    async put(key, bytes) {
      const headers = { "content-type": "application/octet-stream", "cache-control": `max-age=${MAX_AGE_SECONDS}` };
      await cache.put(ORIGIN + key, new Response(bytes, { headers }));
    },
  };
}
