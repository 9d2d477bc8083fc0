/** What keeps bundles: by the digest of their files, so one archive only ever replaces another of the same files. */

/** Bundle archives by the digest of their files. */
export interface BundleStore {
  put(digest: string, archive: Uint8Array): Promise<void>;
  /** The archive, or null where none is kept. The caller checks the digest. */
  get(digest: string): Promise<Uint8Array | null>;
}
