/**
 * How large and how nested may plugin SQL be? D1 is one thread per database, so a statement is refused before it runs.
 * Where D1 has a limit of its own, ours is not above it.
 */

/** For one statement. */
export const SQL_LIMITS = {
  /** Bytes of UTF-8 as the plugin wrote it. */
  bytes: 20 * 1024,
  /** Words, literals and signs. A literal may be long; a statement of many parts takes long to read. */
  tokens: 2000,
  /** Bytes of UTF-8 once tables are replaced by what the host puts in their place. D1 takes 100,000. */
  rewrittenBytes: 64 * 1024,
  /** Nodes on top of each other in the syntax tree. D1's own limit for expressions is 100. */
  depth: 100,
  /** Selects inside each other, the outermost included. */
  selectDepth: 5,
  /** Tables read, each time one is named, calls of json_each and json_tree included. */
  tables: 6,
  /** Joins of all selects together. */
  joins: 5,
  /** Selects of one UNION, EXCEPT or INTERSECT. D1's own limit. */
  compoundTerms: 5,
  /** Common table expressions. */
  ctes: 8,
  /** Bound parameters. D1's own limit. */
  parameters: 100,
  /** Columns a write answers by name. */
  returned: 32,
  /** Rows a recursive counter may have. */
  counterRows: 1000,
  /** Characters of what `instr`, `replace`, `trim` and their kin look for: they compare it with every place of a text. */
  needleChars: 100,
  /** Characters of an author's name of a table, an index or a common table expression. */
  nameChars: 63,
} as const;

/** For the migrations of one plugin. */
export const MIGRATION_LIMITS = {
  files: 100,
  /** Bytes of UTF-8 of one file. */
  fileBytes: 64 * 1024,
  /** Bytes of UTF-8 of all files together. */
  totalBytes: 256 * 1024,
  /** Words, literals and signs of one file. */
  fileTokens: 8000,
  /** Statements of one file. D1 runs them in one batch. */
  statements: 100,
  /** Tables of the plugin after the migrations. */
  tables: 20,
  /** Columns of one table, as far as these migrations tell. D1's own limit. */
  columns: 100,
} as const;
