/**
 * What may the definition of a table or an index be made of? Columns, constraints and expressions without selects and
 * parameters; references go to own tables, functions are those plugins may call.
 */
import type { AstNode } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { refuseCollation } from "./collations.ts";
import { refuseFunction } from "./functions.ts";
import { findOwn, type Schema } from "./migration-schema.ts";
import { foldName, quoteName } from "./names.ts";
import { fault, type Fault } from "./refusal.ts";
import { replace, type Edit } from "./render.ts";
import { walk } from "./walk.ts";

const ALLOWED: ReadonlySet<AstNode["type"]> = new Set<AstNode["type"]>([
  ...(["CreateTableStmt", "CreateIndexStmt", "AlterTableStmt", "DropTableStmt", "DropIndexStmt"] as const),
  ...(["ColumnsAndConstraintsCreateTableBody", "ColumnDefinition", "NamedColumnConstraint"] as const),
  ...(["PrimaryKeyColumnConstraint", "NotNullColumnConstraint", "UniqueColumnConstraint"] as const),
  ...(["CheckColumnConstraint", "DefaultColumnConstraint", "DeferColumnConstraint"] as const),
  ...(["CollateColumnConstraint", "ForeignKeyColumnConstraint", "GeneratedColumnConstraint"] as const),
  ...(["NamedTableConstraint", "PrimaryKeyTableConstraint", "UniqueTableConstraint", "CheckTableConstraint"] as const),
  ...(["ForeignKeyTableConstraint", "ForeignKeyClause", "DeferSubclause", "OnDeleteRefArg"] as const),
  ...(["OnInsertRefArg", "OnUpdateRefArg", "MatchRefArg", "IndexedColumn", "SortedColumn"] as const),
  ...(["RenameToAlterTableBody", "AddColumnAlterTableBody", "RenameColumnAlterTableBody"] as const),
  ...(["DropColumnAlterTableBody", "Type", "MaxSizeTypeSize", "TypeSizeTypeSize"] as const),
  ...(["Id", "Name", "NameExpr", "QualifiedName", "QualifiedExpr", "BetweenExpr", "BinaryExpr", "CaseExpr"] as const),
  ...(["WhenThen", "CastExpr", "CollateExpr", "FunctionCallExpr", "InListExpr", "IsNullExpr", "LikeExpr"] as const),
  ...(["NotNullExpr", "ParenthesizedExpr", "UnaryExpr", "NumericLiteral", "StringLiteral", "BlobLiteral"] as const),
  ...(["NullLiteral", "CurrentDateLiteral", "CurrentTimeLiteral", "CurrentTimestampLiteral"] as const),
]);

const ADVICE: Partial<Record<AstNode["type"], string>> = {
  AsSelectCreateTableBody: "Name the columns, and fill the table by an INSERT.",
  VariableExpr: "Write the value as a literal.",
};

/** The table that is defined, as the author and the database call it. */
export interface Defined {
  readonly name: string;
  readonly physical: string;
}

/** The edits that put physical names into a definition, or why it is refused. */
// SECURITY: also in DEFAULT, CHECK, generated columns, partial and expression indexes.
// (tests/sql/migrations.test.ts, "wherever an expression may stand")
export function readParts(root: AstNode, defined: Defined, schema: Schema): Result<readonly Edit[], Fault> {
  const edits: Edit[] = [];
  const own = foldName(defined.name);
  const visit = (node: AstNode): Fault | undefined => {
    if (!ALLOWED.has(node.type)) {
      const what = `${node.type} has no place in a definition`;
      return fault("feature", node.span, what, ADVICE[node.type] ?? "Leave it out.");
    }
    if ("conflictClause" in node && node.conflictClause === "Rollback") {
      return fault("feature", node.span, "ON CONFLICT ROLLBACK would undo what others do", "Use ON CONFLICT ABORT.");
    }
    switch (node.type) {
      case "FunctionCallExpr":
        return refuseFunction(node, () => undefined);
      case "LikeExpr":
        return node.op === "Like" || node.op === "Glob"
          ? undefined
          : fault("feature", node.span, `${node.op.toUpperCase()} has no place in a definition`, "Use LIKE or GLOB.");
      case "CollateExpr":
        return refuseCollation(node.collation, node);
      case "CollateColumnConstraint":
        return refuseCollation(node.collationName.text, node);
      case "IndexedColumn":
        return node.collationName && refuseCollation(node.collationName.text, node);
      case "QualifiedExpr": {
        if (node.schema || foldName(node.table.text) !== own) {
          return fault(
            "table",
            node.span,
            `"${node.table.text}" is not the table that is defined`,
            "Name the column alone.",
          );
        }
        edits.push(replace(node.table.span, node.table.span, quoteName(defined.physical)));
        return undefined;
      }
      case "ForeignKeyClause": {
        const { span, text } = node.tblName;
        const target = foldName(text) === own ? ok(defined) : findOwn(node.tblName, schema);
        if (!target.ok) return target.reason;
        edits.push(replace(span, span, quoteName(target.value.physical)));
        return undefined;
      }
      default:
        return undefined;
    }
  };
  const refused = walk(root, visit);
  return refused ? fail(refused) : ok(edits);
}
