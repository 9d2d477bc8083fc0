/**
 * By how much may one row that a statement writes grow? By the values it was given, as long as it only puts them down; by
 * anything, once it computes or copies. Pure.
 */
import type { StatementKind } from "./clauses.ts";
import type { Statement } from "./read.ts";
import type { Survey } from "./survey.ts";

/**
 * - `none`: it adds nothing;
 * - `values`: each row by no more than the statement's text and values;
 * - `free`: each row by as much as a row may have.
 */
export type Growth = "none" | "values" | "free";

/** What makes more of a value than it was, or takes it from elsewhere: from other rows, or other columns of the same. */
const COPIES = new Set(["select", "with", "update", "||"]);

/** How a statement of the kind makes rows grow. */
export function toGrowth(
  kind: StatementKind,
  { sql, tokens }: Pick<Statement, "sql" | "tokens">,
  { functions }: Pick<Survey, "functions">,
): Growth {
  if (kind === "select" || kind === "delete") return "none";
  if (functions.length > 0) return "free";
  // A name or a text that says so is in quotes.
  const copies = tokens.some(({ span }) => COPIES.has(sql.slice(span.offset, span.offset + span.length).toLowerCase()));
  return copies ? "free" : "values";
}
