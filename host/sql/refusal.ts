/** Why is a statement refused, and where? A fault is found somewhere in a text; a refusal is what its author reads. */
import type { Span } from "sqlite3-parser";

/** What was wrong, for programs. */
export type SqlRefusalCode =
  /** Not SQL, or not SQLite's. */
  | "syntax"
  /** More than one statement, or a kind that plugins may not run. */
  | "statement"
  /** A character that is not seen, or that has no place outside quotes. */
  | "character"
  /** A table that is neither the plugin's own nor granted. */
  | "table"
  /** A function that is not on the list, or an argument it may not have. */
  | "function"
  /** A part of SQL that plugins may not use. */
  | "feature"
  /** A name that is taken, kept for the host or malformed. */
  | "name"
  /** A join without a constraint. */
  | "join"
  /** Something a write to one of the host's tables would tell. */
  | "core-write"
  /** Larger than a limit. */
  | "limit"
  /** Parameters that do not fit the statement. */
  | "parameters";

/** Why a statement does not run. */
export interface SqlRefusal {
  readonly code: SqlRefusalCode;
  /** For the author: the action, the value, what was expected and the fix. */
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters as JavaScript counts them. */
  readonly column: number;
}

/** A fault in a text. */
export interface Fault {
  readonly code: SqlRefusalCode;
  readonly at: Span;
  /** The value and what is wrong with it; continues "Cannot run SQL: ". */
  readonly what: string;
  /** What to do instead, as a sentence. */
  readonly fix: string;
}

/** The beginning of a text. */
export const START: Span = { offset: 0, length: 0, line: 1, col: 0 };

/** Characters of what is wrong. It quotes the author, who may write names as long as a statement. */
const MOST_CHARS = 300;

/** A fault, made where it is found. */
export function fault(code: SqlRefusalCode, at: Span, what: string, fix: string): Fault {
  return { code, at, what: what.length > MOST_CHARS ? `${what.slice(0, MOST_CHARS)}...` : what, fix };
}

/** The refusal of a statement. */
export function toSqlRefusal({ code, at, what, fix }: Fault): SqlRefusal {
  const line = Math.max(at.line, 1);
  const column = at.col + 1;
  return { code, line, column, message: `Cannot run SQL (line ${line}, column ${column}): ${what}. ${fix}` };
}

/** The first fault among many. */
export function firstFault<Item>(items: readonly Item[], find: (item: Item) => Fault | undefined): Fault | undefined {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return undefined;
}
