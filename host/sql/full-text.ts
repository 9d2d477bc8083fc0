/**
 * Where does a statement name the hidden column of an FTS5 table? It is called like the table: before MATCH, as the first
 * argument of bm25, highlight and snippet, and among the columns of an INSERT that is a command such as 'optimize'.
 */
import type { Expr, Name, Stmt } from "sqlite3-parser";
import { isFullTextFunction } from "./functions.ts";
import { foldName } from "./names.ts";
import type { Book } from "./policy.ts";
import { replace, type Edit } from "./render.ts";
import type { Survey } from "./survey.ts";

/** The edits that call hidden columns by their tables' physical names. */
export function editHiddenColumns(
  root: Stmt,
  { likes, functions }: Pick<Survey, "likes" | "functions">,
  book: Book,
): readonly Edit[] {
  const named: (Expr | undefined)[] = [];
  for (const { op, lhs } of likes) if (op === "Match") named.push(lhs);
  for (const call of functions) {
    if (call.type === "FunctionCallExpr" && isFullTextFunction(call.name.name)) named.push(call.args?.[0]);
  }
  const columns = named.flatMap((expr) => {
    if (expr?.type === "Id") return [{ text: expr.name, span: expr.span }];
    return expr?.type === "QualifiedExpr" ? [expr.column] : [];
  });
  return [...columns, ...commandColumns(root, book)].flatMap((column) => {
    const table = book.own.get(foldName(column.text));
    // Brackets: in double quotes an unknown column may be taken for a text.
    return table?.isSearched ? [replace(column.span, column.span, `[${table.physical}]`)] : [];
  });
}

/** An ordinary table may well have a column of its own name. */
function commandColumns(root: Stmt, book: Book): readonly Pick<Name, "text" | "span">[] {
  if (root.type !== "InsertStmt") return [];
  const target = foldName(root.tblName.objName.text);
  if (!book.own.get(target)?.isFullText) return [];
  return (root.columns ?? []).filter(({ text }) => foldName(text) === target);
}
