/** What keeps bundles: by the digest of their files, so one archive only ever replaces another of the same files. */

/** Bundle archives by the digest of their files, and their source maps beside them. See `bundle/stored.ts`. */
export interface BundleStore {
  put(digest: string, bundle: { readonly archive: Uint8Array; readonly map: Uint8Array | null }): Promise<void>;
  /** The archive, or null where none is kept. The caller checks the digest. */
  get(digest: string): Promise<Uint8Array | null>;
  /** The source map, or null where none is kept apart. The caller checks it. */
  getMap(digest: string): Promise<Uint8Array | null>;
}
