/** What keeps bundles: content-addressed, so writing twice is harmless and nothing is overwritten by something else. */

/** Bundle archives by the digest of their files. */
export interface BundleStore {
  put(digest: string, archive: Uint8Array): Promise<void>;
  /** The archive, or null where none is kept. The caller checks the digest. */
  get(digest: string): Promise<Uint8Array | null>;
}
