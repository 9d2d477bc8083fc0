/** Images in KV, key `images:<key>`: near every visitor, and forgotten when nobody has made them anew for a month. */
import type { ImagePlace } from "../images.ts";

/** Seconds an image stays. Images of engines and versions that are gone leave by themselves. */
const TTL_SECONDS = 30 * 86_400;
/** Most bytes of a value. Source: Cloudflare's KV documentation. */
const MOST_BYTES = 25 * 1024 * 1024;

/** Images in a KV namespace. */
export function createKvImages(kv: KVNamespace): ImagePlace {
  const keyOf = (key: string): string => `images:${key}`;
  return {
    name: "KV",
    async get(key) {
      const bytes = await kv.get(keyOf(key), "arrayBuffer");
      return bytes ? new Uint8Array(bytes) : undefined;
    },
    async put(key, bytes) {
      if (bytes.length <= MOST_BYTES) await kv.put(keyOf(key), bytes, { expirationTtl: TTL_SECONDS });
    },
  };
}
