/** Which columns does a part of a statement name? The names of functions look the same in the tree and are none. */
import type { AstNode, Id, QualifiedExpr } from "sqlite3-parser";
import { foldName } from "./names.ts";
import type { Fault } from "./refusal.ts";
import type { IsTrusted } from "./survey.ts";
import { walk } from "./walk.ts";

/** What is done with a column; `isNested` says that it stands in a select inside the part. A fault ends it. */
export type VisitColumn = (column: Id | QualifiedExpr, isNested: boolean) => Fault | undefined;

/** Meets every column, save those of the host's own selects. */
export function eachColumn(root: AstNode, visit: VisitColumn, isTrusted: IsTrusted = () => false): Fault | undefined {
  const functionNames = new Set<AstNode>();
  return walk(
    root,
    (node, { selects }) => {
      if (node.type === "Select" && isTrusted(node)) return "past";
      if (node.type === "FunctionCallExpr" || node.type === "FunctionCallStarExpr") functionNames.add(node.name);
      if (node.type === "QualifiedExpr") return visit(node, selects > 0) ?? "past";
      if (node.type !== "Id" || functionNames.has(node) || isTruthValue(node)) return undefined;
      return visit(node, selects > 0);
    },
    (node, { selects, within }) => ({ selects: node.type === "Select" ? selects + 1 : selects, within }),
  );
}

/** Whether there is any. */
export function hasColumn(root: AstNode): boolean {
  let found = false;
  eachColumn(root, () => {
    found = true;
    return undefined;
  });
  return found;
}

/** TRUE and FALSE are names to SQLite's grammar. */
function isTruthValue({ name }: Id): boolean {
  const folded = foldName(name);
  return folded === "true" || folded === "false";
}
