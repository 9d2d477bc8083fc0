/** How much may one call of `ctx.db` ask and get? */
export const DATABASE_LIMITS = {
  /** Statements of one batch; each counts as a host call. */
  statements: 50,
  /** Writes of one batch that answer a row by RETURNING; a row has at most 2 MB in D1. */
  returning: 4,
  /** Characters of the rows that all SELECTs of one batch answer, as JSON. */
  resultChars: 3_000_000,
  /** Rows one SELECT answers. */
  rows: 1_000,
  /** Characters of a text that is bound, and bytes of a blob. */
  valueChars: 256 * 1024,
  /** Bytes a row may have: D1's limit. */
  rowBytes: 2_000_000,
  /** Share of what a plugin may store that one statement adds at most as it looks, without its tables being counted. */
  uncountedShare: 0.05,
  /** Statements whose check and columns are kept for a plugin, and characters of them and of what came of them. */
  keptStatements: 500,
  keptChars: 1_000_000,
  /** Milliseconds after which the site's collections are looked up again. */
  policyMs: 60_000,
} as const;
