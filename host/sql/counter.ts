/**
 * Is a recursive common table expression nothing but a counter that ends? Recursion is refused, since it need not end;
 * this one form is provably short: `c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10)`, numbers as literals.
 */
import type { CommonTableExpr, Expr, OneSelect } from "sqlite3-parser";
import { SQL_LIMITS } from "./limits.ts";
import { foldName } from "./names.ts";

/** Whether it is one, with at most {@link SQL_LIMITS.counterRows} rows. */
// SECURITY: the shape is matched whole, so nothing beside it can run on. (tests/sql/recursion.test.ts)
export function isCounter({ tblName, columns, select }: CommonTableExpr): boolean {
  const [column, ...others] = columns ?? [];
  const [compound, ...more] = select.compounds ?? [];
  if (!column || others.length > 0 || !compound || more.length > 0) return false;
  if (select.with || select.orderBy || select.limit) return false;
  if (compound.operator !== "UnionAll" && compound.operator !== "Union") return false;
  const name = foldName(column.colName.text);
  const isColumn = (expr: Expr) => expr.type === "Id" && foldName(expr.name) === name;
  const first = toParts(select.select);
  const next = toParts(compound.select);
  if (!first || first.from || first.where || !next?.from || next.from.joins) return false;
  const source = next.from.select;
  if (source?.type !== "TableSelectTable" || source.indexed || source.tblName.dbName) return false;
  if (foldName(source.tblName.objName.text) !== foldName(tblName.text)) return false;
  const start = toInteger(first.value);
  const { value, where } = next;
  if (value.type !== "BinaryExpr" || value.op !== "Add" || !isColumn(value.left)) return false;
  if (where?.type !== "BinaryExpr" || (where.op !== "Less" && where.op !== "LessEquals")) return false;
  const step = toInteger(value.right);
  const bound = toInteger(where.right);
  if (!isColumn(where.left) || start === undefined || !step || bound === undefined) return false;
  return (bound - start) / step + 2 <= SQL_LIMITS.counterRows;
}

/** One value, perhaps from somewhere, perhaps with a condition, and nothing else. */
function toParts(select: OneSelect) {
  if (select.type !== "SelectFrom") return undefined;
  const [column, ...others] = select.columns;
  if (column?.type !== "ExprResultColumn" || others.length > 0) return undefined;
  if (select.distinctness || select.groupBy || select.having || select.windowClause) return undefined;
  return { value: column.expr, from: select.from, where: select.whereClause };
}

/** The value of a short literal without sign. */
function toInteger(expr: Expr): number | undefined {
  return expr.type === "NumericLiteral" && /^\d{1,9}$/.test(expr.value) ? Number(expr.value) : undefined;
}
