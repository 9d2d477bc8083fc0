/** Which tables may a plugin's SQL touch, and what stands in their place? Plain data of the host, indexed as SQLite compares names. */
import { SQL_LIMITS } from "./limits.ts";
import { foldName, isNobodys, isPlainName } from "./names.ts";
import { readStatement } from "./read.ts";
import { renderTokens } from "./render.ts";

/** Whose tables a statement may touch. Host's data: a mistake in it throws. */
export interface SqlPolicy {
  /** Own tables: the author's name -> the physical name. An own table hides a core table of the same name. */
  readonly own: ReadonlyMap<string, string>;
  /**
   * Author's names of own tables that are FTS5 tables. Only these take commands such as `optimize`. Without it every own
   * table may be one as far as MATCH goes; with it a column that is called like another table stays a column.
   */
  readonly fullText?: ReadonlySet<string>;
  /** Core tables that may be read: name -> the SELECT that stands in their place (public columns, published rows). */
  readonly readable: ReadonlyMap<string, string>;
  /** Core tables that may be written, by their real names. */
  readonly writable: ReadonlySet<string>;
}

/** A table as the author and as the database call it. */
export interface OwnTable {
  readonly name: string;
  readonly physical: string;
  readonly isFullText: boolean;
  /** It may be an FTS5 table, as far as the host said. */
  readonly isSearched: boolean;
}

/** A core table and the SELECT that stands in its place. */
export interface ReadableTable {
  readonly name: string;
  readonly text: string;
}

/** A policy by folded names. */
export interface Book {
  readonly own: ReadonlyMap<string, OwnTable>;
  readonly readable: ReadonlyMap<string, ReadableTable>;
  readonly writable: ReadonlyMap<string, string>;
}

const books = new WeakMap<SqlPolicy, Book>();

/** The policy, indexed; kept as long as the policy object is, which must not be changed afterwards. Throws on a faulty one. */
export function toBook(policy: SqlPolicy): Book {
  const kept = books.get(policy);
  if (kept) return kept;
  const fullText = new Set([...(policy.fullText ?? [])].map(foldName));
  const book: Book = {
    own: indexBy([...policy.own], ([name, physical]) => {
      const isFullText = fullText.has(foldName(name));
      return { name, physical, isFullText, isSearched: isFullText || policy.fullText === undefined };
    }),
    readable: indexBy([...policy.readable], ([name, text]) => ({ name, text: toSubselect(name, text) })),
    writable: new Map([...policy.writable].map((name) => [foldName(assertGrantable(name)), name])),
  };
  for (const { physical } of book.own.values()) assertGrantable(physical);
  for (const { name } of book.readable.values()) assertGrantable(name);
  books.set(policy, book);
  return book;
}

function indexBy<Entry extends readonly [string, string], Table>(
  entries: readonly Entry[],
  toTable: (entry: Entry) => Table,
): ReadonlyMap<string, Table> {
  const index = new Map(entries.map((entry) => [foldName(entry[0]), toTable(entry)]));
  if (index.size !== entries.length)
    throw new Error("Two tables of a policy differ by case alone; SQLite takes them for one");
  return index;
}

// SECURITY: names are put into SQL; and no grant reaches the books of the host. (tests/sql/policy.test.ts)
function assertGrantable(name: string): string {
  if (!isPlainName(name)) throw new Error(`Table ${JSON.stringify(name)} of a policy is no plain name`);
  if (isNobodys(name))
    throw new Error(`Table "${name}" cannot be granted: it belongs to SQLite, Cloudflare or the host`);
  return name;
}

/** The host's SELECT without comments, so that nothing of it reaches past the parentheses around it. */
function toSubselect(name: string, text: string): string {
  const read = readStatement(text, { bytes: SQL_LIMITS.bytes, tokens: SQL_LIMITS.tokens });
  const isSelect = read.ok && read.value.root.type === "SelectStmt";
  if (!isSelect) throw new Error(`What stands for core table "${name}" is not one SELECT`);
  if (read.value.tokens.some(({ text: word }) => /^[?:@$#]/.test(word))) {
    throw new Error(`What stands for core table "${name}" has parameters, which would shift the plugin's`);
  }
  return renderTokens(read.value).text;
}
