/** Bundles in R2: an object for the archive, and one for the source map. */
import type { BundleStore } from "../bundles.ts";

/** A bundle store on the bucket `BUNDLES`. */
export function createR2Bundles(bucket: R2Bucket): BundleStore {
  const keyOf = (digest: string): string => `bundles/${digest}`;
  const mapKeyOf = (digest: string): string => `maps/${digest}`;
  async function read(key: string): Promise<Uint8Array | null> {
    const object = await bucket.get(key);
    return object ? new Uint8Array(await object.arrayBuffer()) : null;
  }
  return {
    async put(digest, { archive, map }) {
      if (map) await bucket.put(mapKeyOf(digest), map);
      await bucket.put(keyOf(digest), archive);
    },
    get: (digest) => read(keyOf(digest)),
    getMap: (digest) => read(mapKeyOf(digest)),
  };
}
