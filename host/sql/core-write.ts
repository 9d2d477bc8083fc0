/**
 * Does a write to one of the host's tables tell what is in it? Reading follows the SELECT that stands in the table's place;
 * a write sees every row and column. So nothing of the row comes out of it: no RETURNING of rows that were there, no
 * column copied into another, and conditions that only find rows by a value the plugin knows.
 */
import type { AstNode, DeleteStmt, Expr, InsertStmt, SetAssignment, UpdateStmt } from "sqlite3-parser";
import { eachColumn } from "./columns.ts";
import { foldName } from "./names.ts";
import { fault, firstFault, type Fault } from "./refusal.ts";
import type { IsTrusted } from "./survey.ts";

/** The table that is written, as columns call it. */
interface Target {
  readonly names: ReadonlySet<string>;
  readonly isTrusted: IsTrusted;
}

const FIX = {
  returning: "Leave RETURNING out and read the row with a SELECT.",
  set: "Set it to a value, or to an expression of the same column.",
  where:
    "Find rows by column = value, column IN (values) or column IS NULL; give columns of other tables their table's name.",
} as const;

/** The first thing in the write that would tell. */
// SECURITY: a write grant is no read grant. (tests/sql/core-write.test.ts)
export function refuseCoreWrite(
  statement: InsertStmt | UpdateStmt | DeleteStmt,
  isTrusted: IsTrusted,
): Fault | undefined {
  const { objName, alias } = statement.tblName;
  const names = [objName, ...(alias ? [alias] : [])].map(({ text }) => foldName(text));
  const target: Target = { names: new Set(names), isTrusted };
  const upserts = statement.type === "InsertStmt" ? toUpserts(statement) : [];
  const changes = upserts.flatMap(({ doClause }) => (doClause.type === "SetUpsertDo" ? [doClause] : []));
  if (statement.returning && (statement.type !== "InsertStmt" || changes.length > 0)) {
    const what = `RETURNING would read rows of "${objName.text}"`;
    return fault("core-write", statement.returning[0]?.span ?? statement.span, what, FIX.returning);
  }
  if (statement.type === "InsertStmt") {
    for (const { index } of upserts) {
      if (index?.whereClause) return refuseCondition(index.whereClause, target);
    }
    return firstFault(changes, ({ sets, whereClause }) => refuseChange(sets, whereClause, target));
  }
  if (statement.type === "DeleteStmt") return statement.whereClause && refuseCondition(statement.whereClause, target);
  const sources = statement.from && refuseTarget(statement.from, target);
  return sources ?? refuseChange(statement.sets, statement.whereClause, target);
}

function toUpserts({ body }: InsertStmt) {
  const upserts = [];
  for (let next = body.type === "SelectInsertBody" ? body.upsert : undefined; next; next = next.next)
    upserts.push(next);
  return upserts;
}

function refuseChange(sets: readonly SetAssignment[], where: Expr | undefined, target: Target): Fault | undefined {
  const copied = firstFault(sets, ({ colNames, expr }) => {
    // (a, b) = (b, a) would copy.
    const own = new Set(colNames.length === 1 ? colNames.map(({ text }) => foldName(text)) : []);
    return eachColumn(
      expr,
      (column, isNested) => {
        const name = foldName(column.type === "Id" ? column.name : column.column.text);
        if (!isOfTarget(column, target) || (own.has(name) && !(isNested && column.type === "Id"))) return undefined;
        const what = `"${name}" may be a column of the table that is written, copied into another`;
        return fault("core-write", column.span, what, FIX.set);
      },
      target.isTrusted,
    );
  });
  return copied ?? (where && refuseCondition(where, target));
}

/** Without a table's name a column may be the target's, wherever it stands. */
function isOfTarget(column: Parameters<Parameters<typeof eachColumn>[1]>[0], target: Target): boolean {
  return column.type === "Id" || target.names.has(foldName(column.table.text));
}

/** Each part of a condition finds rows by a known value, or does not look at the row. */
function refuseCondition(condition: Expr, target: Target): Fault | undefined {
  const pending: Expr[] = [condition];
  for (let expr = pending.pop(); expr; expr = pending.pop()) {
    if (expr.type === "ParenthesizedExpr") pending.push(...expr.exprs);
    else if (expr.type === "UnaryExpr" && expr.op === "Not") pending.push(expr.expr);
    else if (expr.type === "BinaryExpr" && (expr.op === "And" || expr.op === "Or")) pending.push(expr.left, expr.right);
    else {
      const refused = firstFault(toKnown(expr, target), (part) => refuseTarget(part, target));
      if (refused) return refused;
    }
  }
  return undefined;
}

/** What of a comparison must not be the row's: all of it, unless one side is nothing but a column of the row. */
function toKnown(expr: Expr, target: Target): readonly AstNode[] {
  const isBare = (side: Expr) => (side.type === "Id" || side.type === "QualifiedExpr") && isOfTarget(side, target);
  switch (expr.type) {
    case "BinaryExpr":
      if (!FINDING.has(expr.op)) return [expr];
      if (isBare(expr.left)) return [expr.right];
      return isBare(expr.right) ? [expr.left] : [expr];
    case "InListExpr":
      return isBare(expr.lhs) ? (expr.rhs ?? []) : [expr];
    case "InSelectExpr":
      return isBare(expr.lhs) ? [expr.rhs] : [expr];
    case "IsNullExpr":
    case "NotNullExpr":
      return isBare(expr.expr) ? [] : [expr];
    default:
      return [expr];
  }
}

/** They tell of a value that is known already whether it is there. */
const FINDING: ReadonlySet<string> = new Set(["Equals", "NotEquals", "Is", "IsNot"]);

function refuseTarget(part: AstNode, target: Target): Fault | undefined {
  return eachColumn(
    part,
    (column) => {
      if (!isOfTarget(column, target)) return undefined;
      const name = column.type === "Id" ? column.name : column.column.text;
      const what = `"${name}" may be a column of the table that is written, compared in a way that tells what it holds`;
      return fault("core-write", column.span, what, FIX.where);
    },
    target.isTrusted,
  );
}
