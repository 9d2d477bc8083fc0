/** What does a statement name? Tables, functions, joins and the rest, listed from every node of its tree; what is not on the list of node types is refused. */
import type {
  As,
  AstNode,
  CommonTableExpr,
  Expr,
  ExprResultColumn,
  FromClause,
  FunctionCallExpr,
  FunctionCallStarExpr,
  JoinedSelectTable,
  LikeExpr,
  Name,
  QualifiedExpr,
  QualifiedName,
  Select,
} from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { refuseCollation } from "./collations.ts";
import { SQL_LIMITS } from "./limits.ts";
import { foldName } from "./names.ts";
import { fault, type Fault } from "./refusal.ts";
import { refuseNode } from "./statement-nodes.ts";
import { walk, type Enclosing, type Place } from "./walk.ts";

/** A table that is read. */
export interface TableUse {
  readonly table: QualifiedName;
  readonly alias: As | undefined;
  /** In a FROM, where it has a name of its own, or after IN. */
  readonly place: "from" | "in";
  /** The common table expressions it stands in. */
  readonly within: Enclosing | undefined;
}

/** A function in the place of a table. */
export interface CallUse {
  readonly table: QualifiedName;
}

/** A FROM with the WHERE beside it. */
export interface Sources {
  readonly from: FromClause;
  readonly where: Expr | undefined;
}

/** What a statement names. */
export interface Survey {
  readonly tables: readonly TableUse[];
  readonly calls: readonly CallUse[];
  readonly ctes: readonly CommonTableExpr[];
  readonly recursive: readonly (readonly CommonTableExpr[])[];
  readonly functions: readonly (FunctionCallExpr | FunctionCallStarExpr)[];
  readonly likes: readonly LikeExpr[];
  readonly columns: readonly QualifiedExpr[];
  readonly results: readonly ExprResultColumn[];
  readonly sources: readonly Sources[];
  readonly joins: readonly JoinedSelectTable[];
  readonly aliases: readonly Name[];
  /** Selects of the host that were met where they were put. */
  readonly trusted: number;
}

/** Whether a select is the host's own, standing exactly where the host put it. */
export type IsTrusted = (select: Select) => boolean;

/** Lists what the tree names. A select that {@link isTrusted} is counted and not looked into. */
export function survey(root: AstNode, isTrusted: IsTrusted = () => false): Result<Survey, Fault> {
  const found = {
    tables: [] as TableUse[],
    calls: [] as CallUse[],
    ctes: [] as CommonTableExpr[],
    recursive: [] as (readonly CommonTableExpr[])[],
    functions: [] as (FunctionCallExpr | FunctionCallStarExpr)[],
    likes: [] as LikeExpr[],
    columns: [] as QualifiedExpr[],
    results: [] as ExprResultColumn[],
    sources: [] as Sources[],
    joins: [] as JoinedSelectTable[],
    aliases: [] as Name[],
    trusted: 0,
  };
  const visit = (node: AstNode, place: Place): Fault | "past" | undefined => {
    const unknown = refuseNode(node);
    if (unknown) return unknown;
    switch (node.type) {
      case "Select":
        if (isTrusted(node)) {
          found.trusted++;
          return "past";
        }
        return refuseSelect(node, place);
      case "TableSelectTable":
        found.tables.push({ table: node.tblName, alias: node.alias, place: "from", within: place.within });
        break;
      case "TableCallSelectTable":
        found.calls.push({ table: node.tblName });
        break;
      case "InTableExpr":
        if (node.args) found.calls.push({ table: node.rhs });
        else found.tables.push({ table: node.rhs, alias: undefined, place: "in", within: place.within });
        break;
      case "With":
        if (node.recursive) found.recursive.push(node.ctes);
        break;
      case "CommonTableExpr":
        found.ctes.push(node);
        break;
      case "FunctionCallExpr":
      case "FunctionCallStarExpr":
        found.functions.push(node);
        break;
      case "LikeExpr":
        if (node.op === "Regexp") return fault("feature", node.span, "SQLite has no REGEXP here", "Use LIKE or GLOB.");
        found.likes.push(node);
        break;
      case "QualifiedExpr":
        found.columns.push(node);
        break;
      case "ExprResultColumn":
        found.results.push(node);
        break;
      case "SelectFrom":
      case "UpdateStmt":
        if (node.from) found.sources.push({ from: node.from, where: node.whereClause });
        break;
      case "JoinedSelectTable":
        found.joins.push(node);
        break;
      case "AsAs":
      case "ElidedAs":
        found.aliases.push(node.name);
        break;
      case "QualifiedName":
        if (node.alias) found.aliases.push(node.alias);
        break;
      case "CollateExpr":
        return refuseCollation(node.collation, node);
    }
    return undefined;
  };
  const refused = walk(root, visit, step);
  return refused ? fail(refused) : ok(found);
}

function step(node: AstNode, { selects, within }: Place): Pick<Place, "selects" | "within"> {
  if (node.type === "Select") return { selects: selects + 1, within };
  if (node.type === "CommonTableExpr") return { selects, within: { name: foldName(node.tblName.text), outer: within } };
  return { selects, within };
}

function refuseSelect(node: Select, { selects }: Place): Fault | undefined {
  if (selects > SQL_LIMITS.selectDepth) {
    const what = `more than ${SQL_LIMITS.selectDepth} selects stand inside each other`;
    return fault("limit", node.span, what, "Use a join, or two statements.");
  }
  if ((node.compounds?.length ?? 0) + 1 > SQL_LIMITS.compoundTerms) {
    const what = `more than ${SQL_LIMITS.compoundTerms} selects are put together by UNION, EXCEPT or INTERSECT`;
    return fault("limit", node.span, what, "Use OR or IN, or several statements.");
  }
  return undefined;
}
