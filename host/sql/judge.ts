/**
 * May a statement run, and how does it read then? Every table is resolved to one that the book allows and put in by its
 * physical name. The same rules judge what came out: once with the author's names, once with physical names alone.
 */
import type { Select, Stmt, VariableExpr } from "sqlite3-parser";
import { toGrowth, type Growth } from "./growth.ts";
import { fail, ok, type Result } from "../result.ts";
import { readKind, refuseAmounts, refuseClauses, type StatementKind } from "./clauses.ts";
import { resolveCtes, type Names } from "./ctes.ts";
import { editHiddenColumns } from "./full-text.ts";
import { refuseFunction } from "./functions.ts";
import { refuseJoins } from "./joins.ts";
import { readParameters, toNumbers } from "./parameters.ts";
import type { Book } from "./policy.ts";
import type { Statement } from "./read.ts";
import { fault, firstFault, START, type Fault } from "./refusal.ts";
import { append, renderTokens, type Edit, type Rendered, type Trusted } from "./render.ts";
import { refuseAlias, refuseCall, refuseSchema, resolveRead, resolveWrite, type Resolved } from "./resolve.ts";
import { readReturning, type Returning } from "./returning.ts";
import { editReturning, editSchemas, nameResults } from "./results.ts";
import { survey, type IsTrusted, type Survey } from "./survey.ts";

/** What a statement is judged by. */
export interface Rules {
  readonly book: Book;
  readonly names: Names;
  /** Where the host's own selects stand, in a statement with physical names. */
  readonly trusted: readonly Trusted[];
  /** Most rows of a SELECT that says no LIMIT of its own. */
  readonly rowLimit: number | undefined;
}

/** A statement that may run. */
export interface Judged extends Rendered {
  readonly kind: StatementKind;
  readonly growth: Growth;
  readonly returning: Returning;
  readonly reads: readonly Resolved["touched"][];
  readonly writes: readonly Resolved["touched"][];
  readonly parameters: number;
  /** Numbers of parameters whose values must be short. */
  readonly needles: readonly number[];
}

/** Judges a statement. */
export function judge(statement: Statement, rules: Rules): Result<Judged, Fault> {
  const { root, tokens } = statement;
  const kind = readKind(root, tokens[0]?.span ?? root.span);
  if (!kind.ok) return kind;
  const { book, trusted } = rules;
  const isTrusted: IsTrusted = (select) => trusted.some((own) => isAt(select, own));
  const found = survey(root, isTrusted);
  if (!found.ok) return found;
  // SECURITY: a select of the host that is not met exactly where it was put is no longer the host's.
  if (found.value.trusted !== trusted.length) return fail(LOST);
  const parameters = readParameters(tokens);
  if (!parameters.ok) return parameters;
  const needles: VariableExpr[] = [];
  const refused =
    refuseClauses(root, book, isTrusted) ??
    refuseAmounts(found.value) ??
    firstFault(found.value.calls, ({ table }) => refuseCall(table)) ??
    firstFault(found.value.aliases, refuseAlias) ??
    firstFault(found.value.columns, ({ schema }) => refuseSchema({ dbName: schema })) ??
    firstFault(found.value.functions, (call) => refuseFunction(call, (needle) => needles.push(needle)));
  if (refused) return fail(refused);
  const tables = resolveTables(root, found.value, rules);
  if (!tables.ok) return tables;
  const loose = firstFault(found.value.sources, refuseJoins);
  if (loose) return fail(loose);
  const { reads, writes } = tables.value;
  const inside: readonly Edit[] = [
    ...tables.value.edits,
    ...editHiddenColumns(root, found.value, book),
    ...editSchemas(found.value.columns),
    ...editReturning(root, book),
  ];
  const edits = [...inside, ...nameResults(statement, found.value, inside), ...limitRows(statement, rules.rowLimit)];
  return ok({
    ...renderTokens(statement, edits),
    kind: kind.value,
    growth: toGrowth(kind.value, statement, found.value),
    returning: readReturning(root),
    reads: reads.map(({ touched }) => touched),
    writes: writes.map(({ touched }) => touched),
    parameters: parameters.value.count,
    needles: toNumbers(needles, parameters.value),
  });
}

const LOST = fault("syntax", START, "it reads otherwise once tables are put in", "Write it in a simpler way.");

function isAt({ span }: Select, { offset, length }: Trusted): boolean {
  return span.offset === offset && span.length === length;
}

function resolveTables(root: Stmt, found: Survey, rules: Rules) {
  const { book } = rules;
  const ctes = resolveCtes(found, rules);
  if (!ctes.ok) return ctes;
  const reads: Resolved[] = [];
  const writes: Resolved[] = [];
  for (const use of found.tables) {
    const read = resolveRead(use, ctes.value.ctes, book);
    if (!read.ok) return read;
    reads.push(read.value);
  }
  if (root.type === "InsertStmt" || root.type === "UpdateStmt" || root.type === "DeleteStmt") {
    const write = resolveWrite(root.tblName, book);
    if (!write.ok) return write;
    writes.push(write.value);
  }
  return ok({ reads, writes, edits: [...ctes.value.edits, ...[...reads, ...writes].map(({ edit }) => edit)] });
}

/** A last VALUES takes no LIMIT; what it adds is as long as its text. */
function limitRows({ root, tokens }: Statement, rowLimit: number | undefined): readonly Edit[] {
  if (rowLimit === undefined || root.type !== "SelectStmt" || root.body.limit) return [];
  const last = root.body.compounds?.at(-1)?.select ?? root.body.select;
  return last.type === "SelectFrom" ? [append(tokens.at(-1)!.span, ` LIMIT ${rowLimit}`)] : [];
}
