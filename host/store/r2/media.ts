/** Media files in R2, one object each. */
import type { MediaStore } from "../media.ts";

/** A media store on the bucket `BUNDLES`, under a prefix of its own. */
export function createR2Media(bucket: R2Bucket): MediaStore {
  const keyOf = (key: string): string => `media/${key}`;
  return {
    async put(key, bytes) {
      await bucket.put(keyOf(key), bytes);
    },
    async get(key) {
      const object = await bucket.get(keyOf(key));
      return object ? { body: object.body, bytes: object.size } : undefined;
    },
    async delete(key) {
      await bucket.delete(keyOf(key));
    },
  };
}
