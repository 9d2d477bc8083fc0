/**
 * Is a table joined without saying how? Then every row meets every row. This looks for mistakes, not for malice: a condition
 * that is always true passes, and what it costs is the budget's business.
 */
import type { Expr, JoinedSelectTable, SelectTable } from "sqlite3-parser";
import { hasColumn } from "./columns.ts";
import { fault, type Fault } from "./refusal.ts";
import type { Sources } from "./survey.ts";

/** NATURAL, as the parser says it. */
const NATURAL = 4;

/** The first join that says too little. A WHERE of the same select may say it, one comparison of two columns each. */
export function refuseJoins({ from, where }: Sources): Fault | undefined {
  let links = where ? countLinks(where) : 0;
  const pending = [from];
  for (let clause = pending.pop(); clause; clause = pending.pop()) {
    if (clause.select?.type === "SubSelectTable") pending.push(clause.select.from);
    for (const join of clause.joins ?? []) {
      if (join.table.type === "SubSelectTable") pending.push(join.table.from);
      const verdict = judge(join);
      if (typeof verdict === "object") return verdict;
      if (verdict === "loose" && --links < 0) {
        return fault(
          "join",
          join.operator.span,
          "a table is joined without a constraint, so every row meets every row",
          "Say ON a.x = b.y or USING (x), or compare columns of both in WHERE; for one value use (SELECT ...) as an expression.",
        );
      }
    }
  }
  return undefined;
}

function judge({ operator, constraint, table }: JoinedSelectTable): Fault | "tied" | "loose" {
  if (operator.type === "TypedJoinJoinOperator" && ((operator.joinType ?? 0) & NATURAL) !== 0) {
    return fault("join", operator.span, "NATURAL joins by whatever names happen to be the same", "Say USING (x).");
  }
  if (constraint?.type === "UsingJoinConstraint") return "tied";
  if (constraint) return comparisons(constraint.expr).some((sides) => sides.some(hasColumn)) ? "tied" : "loose";
  return isOfRow(table) ? "tied" : "loose";
}

/** json_each(items.tags) has the rows of one row. */
function isOfRow(table: SelectTable): boolean {
  return table.type === "TableCallSelectTable" && (table.args ?? []).some(hasColumn);
}

function countLinks(where: Expr): number {
  return comparisons(where).filter((sides) => sides.every(hasColumn)).length;
}

const COMPARING: ReadonlySet<string> = new Set(["Equals", "Is", "Less", "LessEquals", "Greater", "GreaterEquals"]);

/** The sides of each comparison that has to hold. */
function comparisons(condition: Expr): readonly (readonly Expr[])[] {
  const found: (readonly Expr[])[] = [];
  const pending: Expr[] = [condition];
  for (let expr = pending.pop(); expr; expr = pending.pop()) {
    if (expr.type === "ParenthesizedExpr") pending.push(...expr.exprs);
    else if (expr.type === "BinaryExpr" && expr.op === "And") pending.push(expr.left, expr.right);
    else if (expr.type === "BinaryExpr" && COMPARING.has(expr.op)) found.push([expr.left, expr.right]);
    else if (expr.type === "LikeExpr" && !expr.not) found.push([expr.lhs, expr.rhs]);
    else if (expr.type === "BetweenExpr" && !expr.not) found.push([expr.lhs, expr.start]);
    else if (expr.type === "InListExpr" && !expr.not) found.push([expr.lhs]);
    else if (expr.type === "InSelectExpr" && !expr.not) found.push([expr.lhs]);
  }
  return found;
}
