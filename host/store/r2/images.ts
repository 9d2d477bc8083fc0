/** Images in R2, one object each. */
import type { ImagePlace } from "../images.ts";

/** The origin of images, in the bucket `BUNDLES`. */
export function createR2Images(bucket: R2Bucket): ImagePlace {
  const keyOf = (key: string): string => `images/${key}`;
  return {
    name: "R2",
    async get(key) {
      const object = await bucket.get(keyOf(key));
      return object ? new Uint8Array(await object.arrayBuffer()) : undefined;
    },
    async put(key, bytes) {
      await bucket.put(keyOf(key), bytes);
    },
  };
}
