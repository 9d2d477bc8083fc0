/**
 * Is a virtual table an FTS5 table over the plugin's own? Its arguments are read word by word and written anew, since FTS5
 * reads them by rules of its own. `content=` is a way to read a table, so it names only an own one.
 */
import { tokenName, type CreateVirtualTableStmt, type Token } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { MIGRATION_LIMITS } from "./limits.ts";
import { refuseNew, withTable, type Definition, type Schema } from "./migration-schema.ts";
import { foldName, quoteName } from "./names.ts";
import type { Statement } from "./read.ts";
import { fault, type Fault } from "./refusal.ts";
import { replace } from "./render.ts";
import { refuseSchema } from "./resolve.ts";

const COLUMN = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Columns FTS5 has already. */
const HIDDEN: ReadonlySet<string> = new Set(["rank", "rowid"]);

/** What each option may be set to. */
const OPTIONS: Readonly<Record<string, RegExp>> = {
  content: /^$|^[A-Za-z_][A-Za-z0-9_]*$/,
  content_rowid: COLUMN,
  tokenize: /^(?:porter )?(?:unicode61|ascii|trigram|porter)(?: [\w ,.'"+-]{0,80})?$/,
  prefix: /^\d{1,2}(?:[ ,]+\d{1,2}){0,3}$/,
  columnsize: /^[01]$/,
  detail: /^(?:full|column|none)$/,
  contentless_delete: /^[01]$/,
  contentless_unindexed: /^[01]$/,
};

/** Judges `CREATE VIRTUAL TABLE`. */
// SECURITY: no other module, and no text of the author inside it. (tests/sql/migrations.test.ts, "virtual tables")
export function createFullTextTable(
  { tokens }: Statement,
  root: CreateVirtualTableStmt,
  schema: Schema,
): Result<Definition, Fault> {
  const { objName, dbName } = root.tblName;
  const { moduleName } = root;
  if (foldName(moduleName.text) !== "fts5") {
    const what = `the module "${moduleName.text}" is not for plugins`;
    return fail(fault("feature", moduleName.span, what, "Only fts5 is."));
  }
  const refused = refuseSchema(root.tblName) ?? refuseNew(objName, schema, "full-text");
  if (refused) return fail(refused);
  const given = schema.give(objName);
  if (!given.ok) return given;
  const [open, ...rest] = tokens.filter(({ span }) => span.offset > moduleName.span.offset);
  const close = rest.pop();
  if (open?.text !== "(" || close?.text !== ")") {
    return fail(fault("feature", moduleName.span, "fts5 needs columns", "Say USING fts5(title, body)."));
  }
  const read = splitAtCommas(rest).map((words) => readArgument(words, schema, close.span));
  const failed = read.find((argument) => !argument.ok);
  if (failed && !failed.ok) return failed;
  const args = read.flatMap((argument) => (argument.ok ? [argument.value] : []));
  const columns = args.filter(({ kind }) => kind === "column").length;
  if (columns > MIGRATION_LIMITS.columns) {
    const what = `the table would have more than ${MIGRATION_LIMITS.columns} columns`;
    return fail(fault("limit", objName.span, what, "Put what is searched together in one column."));
  }
  const table = { name: objName.text, physical: given.value, isFullText: true, isSearched: true, columns };
  const tables = withTable(schema.tables, table, objName);
  if (!tables.ok) return tables;
  const edits = [
    replace((dbName ?? objName).span, objName.span, `main.${quoteName(given.value)}`),
    replace(moduleName.span, moduleName.span, "fts5"),
    replace(open.span, close.span, `(${args.map(({ text }) => text).join(", ")})`),
  ];
  return ok({ edits, tables: tables.value, given: [given.value] });
}

function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ",") parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts;
}

interface Argument {
  readonly kind: "column" | "option";
  readonly text: string;
}

function readArgument(words: readonly Token[], schema: Schema, end: Token["span"]): Result<Argument, Fault> {
  const [first, second, third, ...more] = words;
  const refuse = (what: string, fix: string, at = first?.span ?? end) => fail(fault("feature", at, what, fix));
  if (!first || more.length > 0) {
    return refuse(
      "an argument of fts5 is neither a column nor an option",
      "Expected a column, or an option = 'value'.",
    );
  }
  const name = unquote(first);
  if (second?.text === "=" && third) {
    const key = foldName(name);
    const allowed = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined;
    const value = unquote(third);
    if (!allowed?.test(value)) {
      return refuse(
        `fts5 may not be given ${name} = ${third.text.slice(0, 60)}`,
        `Options: ${Object.keys(OPTIONS).join(", ")}.`,
      );
    }
    if (key !== "content" || value === "") return ok({ kind: "option", text: `${key}=${quoteText(value)}` });
    const table = schema.tables.get(foldName(value));
    if (table && !table.isFullText) return ok({ kind: "option", text: `content=${quoteText(table.physical)}` });
    return fail(
      fault(
        "table",
        third.span,
        `content="${value}" is no table of the plugin`,
        "Name an own table that is there already.",
      ),
    );
  }
  const isUnindexed = second !== undefined && foldName(second.text) === "unindexed" && !third;
  if ((second && !isUnindexed) || !COLUMN.test(name) || HIDDEN.has(foldName(name))) {
    return refuse(`"${name}" is no column of an fts5 table`, "Expected a plain name, perhaps with UNINDEXED.");
  }
  return ok({ kind: "column", text: isUnindexed ? `${quoteName(name)} UNINDEXED` : quoteName(name) });
}

/** The word, or what stands in its quotes. */
function unquote({ type, text }: Token): string {
  const isQuoted = tokenName(type) === "STRING" || /^["`[]/.test(text);
  if (!isQuoted) return text;
  const close = text.at(-1)!;
  return text.slice(1, -1).replaceAll(close + close, close);
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
