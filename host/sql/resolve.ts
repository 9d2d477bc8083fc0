/**
 * Which table does each name of a statement stand for, and what is put in its place? A name that the book does not know is
 * refused, so nothing reaches the database under a name that the plugin chose.
 */
import type { CommonTableExpr, Name, QualifiedName } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { isCounter } from "./counter.ts";
import { SQL_LIMITS } from "./limits.ts";
import { CTE_PREFIX, foldName, isNobodys, isReserved, quoteName, TABLE_FUNCTIONS } from "./names.ts";
import type { Book, OwnTable } from "./policy.ts";
import { fault, type Fault } from "./refusal.ts";
import { replace, type Edit } from "./render.ts";
import type { Survey, TableUse } from "./survey.ts";

/** What a name stands for: a table, and what is put in its place. `touched` is undefined for a common table expression. */
export interface Resolved {
  readonly edit: Edit;
  readonly touched: OwnTable | string | undefined;
}

/** How names are to be taken: the author's, or physical ones that were put in before. */
export type Names = "author" | "physical";

/** A table that is read. */
// SECURITY: a table is the plugin's own, granted, or nobody's. (tests/sql/tables.test.ts)
export function resolveRead(use: TableUse, ctes: Ctes, book: Book): Result<Resolved, Fault> {
  const { table, alias, place } = use;
  const schema = refuseSchema(table);
  if (schema) return fail(schema);
  const folded = foldName(table.objName.text);
  const named = place === "from" && !alias ? ` AS ${quoteName(table.objName.text)}` : "";
  const own = book.own.get(folded);
  if (own) return ok({ edit: toEdit(table, toTable(own.physical) + named), touched: own });
  const core = book.readable.get(folded);
  if (core) {
    const trusted = { offset: 1, length: core.text.length };
    return ok({ edit: toEdit(table, `(${core.text})${named}`, trusted), touched: core.name });
  }
  const cte = table.dbName ? undefined : ctes.get(folded);
  if (!cte) return fail(refuseTable(table.objName, book, "read"));
  for (let outer = use.within; outer; outer = outer.outer) {
    if (outer.name === folded && !isCounter(cte)) return fail(refuseRecursion(table.objName));
  }
  return ok({ edit: toEdit(table, toCteName(folded) + named), touched: undefined });
}

/** The table that is written. */
export function resolveWrite(table: QualifiedName, book: Book): Result<Resolved, Fault> {
  const schema = refuseSchema(table);
  if (schema) return fail(schema);
  const folded = foldName(table.objName.text);
  // The alias is a part of this name: it begins after it and stays.
  const named = table.alias ? "" : ` AS ${quoteName(table.objName.text)}`;
  const own = book.own.get(folded);
  if (own) return ok({ edit: toEdit(table, toTable(own.physical) + named), touched: own });
  const core = book.writable.get(folded);
  if (core === undefined) return fail(refuseTable(table.objName, book, "write"));
  return ok({ edit: toEdit(table, toTable(core) + named), touched: core });
}

/** A function in the place of a table. */
export function refuseCall(table: QualifiedName): Fault | undefined {
  if (!table.dbName && TABLE_FUNCTIONS.has(foldName(table.objName.text))) return undefined;
  const what = `"${table.objName.text}" with arguments is no table function that plugins may call`;
  return fault("table", table.span, what, "Use json_each or json_tree; a full-text table is searched by MATCH.");
}

/** Common table expressions by folded name. */
export type Ctes = ReadonlyMap<string, CommonTableExpr>;

/** The common table expressions of a statement, and the edits that give them names of their own. */
// SECURITY: one that is called like a table would hide it, or be hidden by it. (tests/sql/tables.test.ts, "shadow")
export function resolveCtes(
  { ctes, recursive }: Pick<Survey, "ctes" | "recursive">,
  { book, names }: { readonly book: Book; readonly names: Names },
): Result<{ readonly ctes: Ctes; readonly edits: readonly Edit[] }, Fault> {
  const index = new Map<string, CommonTableExpr>();
  const edits: Edit[] = [];
  for (const cte of ctes) {
    const { span, text } = cte.tblName;
    const folded = foldName(text);
    const refused =
      names === "author"
        ? refuseCteName(cte.tblName, book)
        : !folded.startsWith(CTE_PREFIX) && refuseTaken(cte.tblName);
    if (refused) return fail(refused);
    if (index.has(folded)) {
      return fail(fault("name", span, `two common table expressions are called "${text}"`, "Give each its own name."));
    }
    index.set(folded, cte);
    edits.push(replace(span, span, names === "author" ? toCteName(folded) : quoteName(folded)));
  }
  const endless = recursive.find((siblings) => !siblings.some(isCounter))?.[0];
  if (endless) return fail(refuseRecursion(endless.tblName));
  return ok({ ctes: index, edits });
}

function refuseCteName(name: Name, book: Book): Fault | undefined {
  const folded = foldName(name.text);
  const isTaken = book.own.has(folded) || book.readable.has(folded) || book.writable.has(folded);
  if (isTaken || isReserved(folded) || isNobodys(folded)) return refuseTaken(name);
  if (name.text.length <= SQL_LIMITS.nameChars) return undefined;
  const what = `the name of a common table expression has more than ${SQL_LIMITS.nameChars} characters`;
  return fault("limit", name.span, what, "Give it a shorter name.");
}

function refuseTaken({ span, text }: Name): Fault {
  const what = `a common table expression may not be called "${text}"`;
  return fault(
    "name",
    span,
    what,
    "Give it a name that no table has and that does not begin with _, ec_, p_, sqlite_, d1_ or pragma_.",
  );
}

function refuseRecursion({ span, text }: Name): Fault {
  const what = `the common table expression "${text}" is recursive`;
  const counter = "c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100)";
  return fault(
    "feature",
    span,
    what,
    `Only a counter may be, with at most ${SQL_LIMITS.counterRows} rows: ${counter}.`,
  );
}

/** Why a name may not be given to a table in a statement, in passing. */
export function refuseAlias({ span, text }: Name): Fault | undefined {
  if (!isNobodys(text)) return undefined;
  return fault("name", span, `nothing may be called "${text}"`, "Choose a name without that prefix.");
}

/** Why a database may not be named. */
export function refuseSchema({ dbName }: Pick<QualifiedName, "dbName">): Fault | undefined {
  if (!dbName || foldName(dbName.text) === "main") return undefined;
  return fault("table", dbName.span, `there is no database "${dbName.text}"`, 'Leave it out, or write "main".');
}

/** That a table is not the plugin's, with what is. */
export function refuseTable({ span, text }: Name, book: Book, purpose: "read" | "write"): Fault {
  const own = [...book.own.values()].map(({ name }) => name);
  const core = purpose === "read" ? [...book.readable.values()].map(({ name }) => name) : [...book.writable.values()];
  const list = (names: readonly string[]) => (names.length > 0 ? names.slice(0, 20).join(", ") : "none");
  const granted = `Own tables: ${list(own)}. Core tables that may be ${purpose === "read" ? "read" : "written"}: ${list(core)}.`;
  const fix = isNobodys(text)
    ? "It can not be granted."
    : `Make it in a migration, or add it to "bulkhead.database.${purpose}" in the manifest.`;
  return fault("table", span, `table "${text}" is neither an own table nor granted`, `${granted} ${fix}`);
}

function toTable(physical: string): string {
  return `main.${quoteName(physical)}`;
}

function toCteName(folded: string): string {
  return quoteName(folded.startsWith(CTE_PREFIX) ? folded : CTE_PREFIX + folded);
}

function toEdit({ dbName, objName }: QualifiedName, text: string, trusted?: Edit["trusted"]): Edit {
  return replace((dbName ?? objName).span, objName.span, text, trusted);
}
