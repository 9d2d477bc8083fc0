/** Which parts of SQL may a statement of a plugin be made of? What is not on the list is refused, also what SQLite learns some day. */
import type { AstNode } from "sqlite3-parser";
import { fault, type Fault } from "./refusal.ts";

/** The types of nodes that a SELECT, INSERT, UPDATE or DELETE of a plugin may be made of. */
const ALLOWED: ReadonlySet<AstNode["type"]> = new Set<AstNode["type"]>([
  ...(["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "Select", "CompoundSelect", "SelectFrom"] as const),
  ...(["SelectValues", "ValuesRow", "FromClause", "JoinedSelectTable", "TableSelectTable"] as const),
  ...(["TableCallSelectTable", "SelectSelectTable", "SubSelectTable", "CommaJoinOperator"] as const),
  ...(["TypedJoinJoinOperator", "OnJoinConstraint", "UsingJoinConstraint", "ExprResultColumn"] as const),
  ...(["StarResultColumn", "TableStarResultColumn", "AsAs", "ElidedAs", "Limit", "SortedColumn", "With"] as const),
  ...(["CommonTableExpr", "IndexedColumn", "SelectInsertBody", "DefaultValuesInsertBody", "SetAssignment"] as const),
  ...(["Upsert", "UpsertIndex", "SetUpsertDo", "NothingUpsertDo", "Id", "Name", "QualifiedName"] as const),
  ...(["BetweenExpr", "BinaryExpr", "CaseExpr", "WhenThen", "CastExpr", "CollateExpr", "ExistsExpr"] as const),
  ...(["FunctionCallExpr", "FunctionCallStarExpr", "InListExpr", "InSelectExpr", "InTableExpr"] as const),
  ...(["IsNullExpr", "LikeExpr", "NotNullExpr", "ParenthesizedExpr", "QualifiedExpr", "SubqueryExpr"] as const),
  ...(["UnaryExpr", "VariableExpr", "NumericLiteral", "StringLiteral", "BlobLiteral", "NullLiteral"] as const),
  ...(["CurrentDateLiteral", "CurrentTimeLiteral", "CurrentTimestampLiteral", "Type", "MaxSizeTypeSize"] as const),
  ...(["TypeSizeTypeSize", "SortListFunctionCallOrder", "FunctionTail", "WindowDef", "Window"] as const),
  ...(["FrameClause", "WindowOver", "NameOver", "CurrentRowFrameBound", "FollowingFrameBound"] as const),
  ...(["PrecedingFrameBound", "UnboundedFollowingFrameBound", "UnboundedPrecedingFrameBound"] as const),
]);

const ADVICE: Partial<Record<AstNode["type"], string>> = {
  IndexedByIndexed: "Leave INDEXED BY out; SQLite finds the index.",
  NotIndexedIndexed: "Leave NOT INDEXED out; a + before a column keeps its index out.",
  RaiseExpr: "RAISE is for triggers.",
};

/** Why a part may not be there. */
export function refuseNode(node: AstNode): Fault | undefined {
  if (ALLOWED.has(node.type)) return undefined;
  const what = `${node.type} is not a part of SQL that plugins may use`;
  return fault("feature", node.span, what, ADVICE[node.type] ?? "Write it in another way.");
}
