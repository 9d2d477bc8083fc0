/** How large a bundle and its parts may be. Checked before anything is held in memory whole. */
export const BUNDLE_LIMITS = {
  /** Bytes as uploaded. */
  archiveBytes: 2 * 1024 * 1024,
  /** Bytes of all files together. */
  totalBytes: 8 * 1024 * 1024,
  /** Files and folders in the archive. */
  entries: 64,
  /** Characters of a path. */
  pathChars: 200,
  manifestBytes: 256 * 1024,
  /** Bytes of `backend.js`. */
  codeBytes: 1024 * 1024,
  /** Bytes of `backend.js.map`. */
  sourceMapBytes: 4 * 1024 * 1024,
  signatureBytes: 8 * 1024,
  /** Bytes of any other file. */
  fileBytes: 1024 * 1024,
} as const;

/** What a signature may say. */
export const SIGNATURE_LIMITS = {
  /** Characters of a publisher's name. */
  publisherChars: 256,
  /** Milliseconds a clock of an author may be ahead of this host's. */
  clockAheadMs: 10 * 60_000,
} as const;
