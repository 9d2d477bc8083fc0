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
  /** Bytes of any other file. */
  fileBytes: 1024 * 1024,
} as const;
