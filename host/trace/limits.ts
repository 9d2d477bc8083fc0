/** How much of an error is read and kept? Stack, map and sources are a stranger's text, read on the host's own time. */
export const TRACE_LIMITS = {
  /** Errors of one chain: what was thrown, and what caused it. */
  errors: 4,
  /** Frames kept of one error. */
  frames: 10,
  /** Characters of a stack that are looked at. */
  stackChars: 8_000,
  /** Characters of a function's name. */
  nameChars: 80,
  /** Characters of a source's path. */
  pathChars: 120,
  /** Characters of an error's message. */
  messageChars: 500,
  /** Lines of a code frame: the one in question, and as many before as after it. */
  codeLines: 5,
  /** Characters of such a line. */
  codeColumns: 120,
  /** Bytes of a map that is read at all. A larger one may be in the bundle, and is left alone. */
  mapBytes: 1024 * 1024,
  /** Segments in a map's mappings: decoded they take a hundred bytes each. */
  mapSegments: 131_072,
  /** Lines in a map's mappings. */
  mapLines: 32_768,
  /** Sources a map may name. */
  mapSources: 4_096,
  /** Bytes of bundles and maps kept per isolate, by estimate. */
  keptBytes: 16 * 1024 * 1024,
  /** Traces made for one host request; further errors are recorded without. */
  perRequest: 10,
  /** Bundles read from the store for one host request. */
  bundlesPerRequest: 3,
} as const;
