/**
 * Where bundles are kept: R2 where a bucket is bound, else D1. Content-addressed, so writing twice is harmless and
 * nothing is ever overwritten by something else.
 */
import { createD1Bundles } from "./d1/bundles.ts";
import { createR2Bundles } from "./r2/bundles.ts";

/** Bundle archives by the digest of their files. */
export interface BundleStore {
  put(digest: string, archive: Uint8Array): Promise<void>;
  /** The archive, or null where none is kept. The caller checks the digest. */
  get(digest: string): Promise<Uint8Array | null>;
}

/** The store for the bindings at hand. */
export function createBundleStore(bucket: R2Bucket | undefined, db: D1Database): BundleStore {
  return bucket ? createR2Bundles(bucket) : createD1Bundles(db);
}
