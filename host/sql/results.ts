/** How are columns of a result called, and their tables in a result? As the author wrote them, whatever was put in since. */
import type { QualifiedExpr, ResultColumn, Stmt } from "sqlite3-parser";
import { foldName, quoteName } from "./names.ts";
import type { Book } from "./policy.ts";
import type { Statement } from "./read.ts";
import { append, replace, textWithin, tokensWithin, type Edit } from "./render.ts";
import type { Survey } from "./survey.ts";
import { walk } from "./walk.ts";

/** Takes the database out of `main.items.k`: what stands in place of a table may be no table. */
export function editSchemas(columns: readonly QualifiedExpr[]): readonly Edit[] {
  return columns.flatMap(({ schema, table }) =>
    schema ? [{ from: schema.span.offset, to: table.span.offset, text: "" }] : [],
  );
}

/** RETURNING knows the written table by its real name alone, not by an alias. */
export function editReturning(root: Stmt, book: Book): readonly Edit[] {
  if (root.type !== "InsertStmt" && root.type !== "UpdateStmt" && root.type !== "DeleteStmt") return [];
  const { objName, alias } = root.tblName;
  const target = foldName(objName.text);
  const own = book.own.get(target);
  if (!own || alias) return [];
  return (root.returning ?? []).flatMap((column) =>
    columnsOf(column, target).map(({ table }) => replace(table.span, table.span, quoteName(own.physical))),
  );
}

/** Columns of the written table by its name; in a select inside only where nothing else has that name there. */
function columnsOf(column: ResultColumn, target: string): readonly QualifiedExpr[] {
  const outer: QualifiedExpr[] = [];
  const nested: QualifiedExpr[] = [];
  let isHidden = false;
  walk(
    column,
    (node, { selects }) => {
      if (node.type === "QualifiedExpr" && foldName(node.table.text) === target)
        (selects > 0 ? nested : outer).push(node);
      if (node.type === "TableSelectTable")
        isHidden ||= foldName((node.alias?.name ?? node.tblName.objName).text) === target;
      if (node.type === "SelectSelectTable" && node.alias) isHidden ||= foldName(node.alias.name.text) === target;
      return undefined;
    },
    (node, { selects, within }) => ({ selects: node.type === "Select" ? selects + 1 : selects, within }),
  );
  return isHidden ? outer : [...outer, ...nested];
}

/** Without a name of its own a column of a result is called like its text, which an edit would change. */
export function nameResults(
  statement: Statement,
  { results }: Pick<Survey, "results">,
  edits: readonly Edit[],
): readonly Edit[] {
  return results.flatMap(({ expr, alias }) => {
    if (alias || expr.type === "Id" || expr.type === "QualifiedExpr") return [];
    const end = expr.span.offset + expr.span.length;
    if (!edits.some(({ from, to }) => from >= expr.span.offset && to <= end)) return [];
    const last = tokensWithin(statement.tokens, expr.span).at(-1);
    if (!last) return [];
    return [append(last.span, ` AS ${quoteName(textWithin(statement, expr.span))}`)];
  });
}
