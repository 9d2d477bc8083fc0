/**
 * Which table does each name of a statement stand for, and what is put in its place? A name that the book does not know is
 * refused, so nothing reaches the database under a name that the plugin chose.
 */
import type { Name, QualifiedName } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { isCounter } from "./counter.ts";
import { refuseRecursion, toCteName, type Ctes } from "./ctes.ts";
import { foldName, isNobodys, quoteName, TABLE_FUNCTIONS } from "./names.ts";
import type { Book, OwnTable } from "./policy.ts";
import { fault, type Fault } from "./refusal.ts";
import { replace, type Edit } from "./render.ts";
import type { TableUse } from "./survey.ts";

/** What a name stands for: a table, and what is put in its place. `touched` is undefined for a common table expression. */
export interface Resolved {
  readonly edit: Edit;
  readonly touched: OwnTable | string | undefined;
}

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

function toEdit({ dbName, objName }: QualifiedName, text: string, trusted?: Edit["trusted"]): Edit {
  return replace((dbName ?? objName).span, objName.span, text, trusted);
}
