/**
 * How much may a write answer? A statement that lists one row answers one, and no row is larger than the database's limit
 * for a row; everything else is as large as the tables are.
 */
import type { Expr, InsertStmt, ResultColumn, Stmt } from "sqlite3-parser";
import { SQL_LIMITS } from "./limits.ts";
import { foldName } from "./names.ts";

/** - `one`: at most one row, each of its columns once, as they are stored; - `unbounded`: whatever the tables hold. */
export type Returning = "nothing" | "one" | "unbounded";

/** What a statement answers by RETURNING. */
export function readReturning(root: Stmt): Returning {
  if (root.type !== "InsertStmt" && root.type !== "UpdateStmt" && root.type !== "DeleteStmt") return "nothing";
  if (root.returning === undefined) return "nothing";
  return root.type === "InsertStmt" && listsOneRow(root.body) && namesEachOnce(root.returning) ? "one" : "unbounded";
}

function listsOneRow(body: InsertStmt["body"]): boolean {
  if (body.type === "DefaultValuesInsertBody") return true;
  const { select, compounds } = body.select;
  return compounds === undefined && select.type === "SelectValues" && select.values.length === 1;
}

function namesEachOnce(columns: readonly ResultColumn[]): boolean {
  if (columns.length === 1 && columns[0]?.type === "StarResultColumn") return true;
  const names = columns.map((column) => (column.type === "ExprResultColumn" ? toColumnName(column.expr) : undefined));
  return !names.includes(undefined) && new Set(names).size === names.length && names.length <= SQL_LIMITS.returned;
}

/** A column itself, and no function of it: `||`, `replace` and their kin make a size of their own. */
function toColumnName(expr: Expr): string | undefined {
  if (expr.type === "Id") return foldName(expr.name);
  return expr.type === "QualifiedExpr" ? foldName(expr.column.text) : undefined;
}
