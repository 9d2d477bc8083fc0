/** Bundles in R2, one object each. */
import type { BundleStore } from "../bundles.ts";

/** A bundle store on the bucket `BUNDLES`. */
export function createR2Bundles(bucket: R2Bucket): BundleStore {
  const keyOf = (digest: string): string => `bundles/${digest}`;
  return {
    async put(digest, archive) {
      await bucket.put(keyOf(digest), archive);
    },
    async get(digest) {
      const object = await bucket.get(keyOf(digest));
      return object ? new Uint8Array(await object.arrayBuffer()) : null;
    },
  };
}
