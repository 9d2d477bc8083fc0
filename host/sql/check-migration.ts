/**
 * May a plugin's migrations run, and as which statements? Files are split by the parser, judged in order against the tables
 * that are there by then, and renamed; each statement that came out is judged again by physical names alone.
 */
import type { Token } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { checkRead } from "./check-statement.ts";
import { judgeDefinition } from "./definition.ts";
import { MIGRATION_LIMITS, SQL_LIMITS } from "./limits.ts";
import { createNaming, type Definition, type KnownTable, type Schema } from "./migration-schema.ts";
import { foldName } from "./names.ts";
import type { Book } from "./policy.ts";
import { byteLength, readScript, readStatement, type Statement } from "./read.ts";
import { fault, START, type Fault, type SqlRefusalCode } from "./refusal.ts";
import { renderTokens } from "./render.ts";

/** One file of `migrations/`. */
export interface MigrationFile {
  /** Such as `migrations/0001_items.sql`. */
  readonly path: string;
  readonly sql: string;
}

/** What migrations are judged by. */
export interface MigrationOptions {
  /** Own tables before them: the author's name -> the physical name. */
  readonly existing: ReadonlyMap<string, string>;
  /** Author's names of those that are FTS5 tables. */
  readonly fullText?: ReadonlySet<string>;
  /** Names of core tables, which no own table may have: it would hide the core table. */
  readonly core?: ReadonlySet<string>;
  /**
   * The physical name of a table or an index, for a name in lower case. Two names of one plugin, and two plugins, must
   * never get the same: nothing else keeps them apart.
   */
  readonly toPhysical: (name: string) => string;
}

/** A statement to execute. */
export interface MigrationStatement {
  readonly file: string;
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Migrations that may run. */
export interface CheckedMigration {
  readonly statements: readonly MigrationStatement[];
  /** Own tables after them: the author's name -> the physical name. */
  readonly tables: ReadonlyMap<string, string>;
  /** Author's names of those that are FTS5 tables. */
  readonly fullText: ReadonlySet<string>;
}

/** Why they do not run. */
export interface MigrationRefusal {
  readonly code: SqlRefusalCode;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** For the author: the place, what is wrong, and the fix. */
  readonly message: string;
}

/** Checks the files a plugin adds, in the order of their names. */
export function checkMigration(
  files: readonly MigrationFile[],
  options: MigrationOptions,
): Result<CheckedMigration, MigrationRefusal> {
  const amount = refuseFiles(files);
  if (amount) return fail(amount);
  const give = createNaming({ core: options.core ?? new Set(), toPhysical: options.toPhysical });
  let tables = toKnown(options);
  const statements: MigrationStatement[] = [];
  for (const { path, sql } of files) {
    const checked = checkFile(sql, { tables, give });
    if (!checked.ok) return fail(toRefusal(path, checked.reason));
    tables = checked.value.tables;
    statements.push(...checked.value.statements.map((statement) => ({ file: path, ...statement })));
  }
  const own = [...tables.values()];
  return ok({
    statements,
    tables: new Map(own.map(({ name, physical }) => [name, physical])),
    fullText: new Set(own.flatMap(({ name, isFullText }) => (isFullText ? [name] : []))),
  });
}

function toKnown({ existing, fullText }: MigrationOptions): Schema["tables"] {
  const folded = new Set([...(fullText ?? [])].map(foldName));
  const toTable = ([name, physical]: readonly [string, string]): readonly [string, KnownTable] => [
    foldName(name),
    // How many columns it has is not known here; D1 has the same limit.
    { name, physical, isFullText: folded.has(foldName(name)), columns: 0 },
  ];
  return new Map([...existing].map(toTable));
}

const PATH = /^migrations\/\d{4}_[A-Za-z0-9_-]+\.sql$/;

function refuseFiles(files: readonly MigrationFile[]): MigrationRefusal | undefined {
  const last = files[MIGRATION_LIMITS.files];
  const refuse = (path: string, code: SqlRefusalCode, what: string, fix: string) =>
    toRefusal(path, fault(code, START, what, fix));
  if (last)
    return refuse(last.path, "limit", `there are more than ${MIGRATION_LIMITS.files} files`, "Put several in one.");
  let total = 0;
  let before = "";
  for (const { path, sql } of files) {
    if (!PATH.test(path)) return refuse(path, "name", "it has another name", "Expected migrations/0001_words.sql.");
    // Two files of one number would run in an order nobody said.
    if (path.slice(0, NUMBERED) <= before) {
      return refuse(
        path,
        "name",
        "it does not come after the file before it",
        "Number files upwards, each number once.",
      );
    }
    before = path.slice(0, NUMBERED);
    total += byteLength(sql);
    if (total > MIGRATION_LIMITS.totalBytes) {
      return refuse(
        path,
        "limit",
        `all files have more than ${MIGRATION_LIMITS.totalBytes} bytes`,
        "Seed from the plugin's code.",
      );
    }
  }
  return undefined;
}

const NUMBERED = "migrations/0001".length;

interface CheckedFile {
  readonly statements: readonly Omit<MigrationStatement, "file">[];
  readonly tables: Schema["tables"];
}

function checkFile(sql: string, schema: Schema): Result<CheckedFile, Fault> {
  const limits = { bytes: MIGRATION_LIMITS.fileBytes, tokens: MIGRATION_LIMITS.fileTokens };
  const read = readScript(sql, limits);
  if (!read.ok) return read;
  const { cmds } = read.value.root;
  const tooMany = cmds[MIGRATION_LIMITS.statements];
  if (tooMany) {
    const what = `it has more than ${MIGRATION_LIMITS.statements} statements`;
    return fail(fault("limit", tooMany.span, what, "Go on in another file."));
  }
  let { tables } = schema;
  const statements: Omit<MigrationStatement, "file">[] = [];
  let next = 0;
  for (const root of cmds) {
    const end = root.span.offset + root.span.length;
    const tokens: Token[] = [];
    for (let token = read.value.tokens[next]; token && token.span.offset < end; token = read.value.tokens[++next]) {
      tokens.push(token);
    }
    const checked = checkOne({ sql, root, tokens }, { tables, give: schema.give });
    if (!checked.ok) return checked;
    tables = checked.value.tables;
    statements.push({ line: tokens[0]?.span.line ?? 1, text: checked.value.text });
  }
  return ok({ statements, tables });
}

interface CheckedOne {
  readonly text: string;
  readonly tables: Schema["tables"];
}

function checkOne(statement: Statement, schema: Schema): Result<CheckedOne, Fault> {
  const { root, tokens } = statement;
  const definition = judgeDefinition(statement, schema);
  if (definition?.ok === false) return definition;
  if (definition) {
    const { text } = renderTokens(statement, definition.value.edits);
    const refused = refuseRewritten(text, definition.value, schema);
    return refused ? fail(refused) : ok({ text, tables: definition.value.tables });
  }
  const at = tokens[0]?.span ?? root.span;
  if (root.type !== "InsertStmt" && root.type !== "UpdateStmt" && root.type !== "DeleteStmt") {
    return fail(fault("statement", at, "this kind of statement has no place in a migration", EXPECTED));
  }
  const seeded = checkRead(statement, toBook(schema), undefined);
  if (!seeded.ok) return seeded;
  if (seeded.value.parameters > 0) {
    return fail(fault("parameters", at, "nobody binds parameters to a migration", "Write values as literals."));
  }
  return ok({ text: seeded.value.text, tables: schema.tables });
}

const EXPECTED =
  "Expected CREATE TABLE, CREATE INDEX, CREATE VIRTUAL TABLE ... USING fts5, ALTER TABLE, DROP TABLE, DROP INDEX, or INSERT, UPDATE, DELETE on own tables; no triggers, no views.";

/** Whether the text that came out says anything but what was allowed. */
// SECURITY: judged by physical names, of which it may give only those it was given; nothing of it may change again.
// (tests/sql/migrations.test.ts, "is judged again")
function refuseRewritten(text: string, { given }: Definition, { tables }: Schema): Fault | undefined {
  const read = readStatement(text, { bytes: SQL_LIMITS.rewrittenBytes, tokens: SQL_LIMITS.rewrittenBytes });
  if (!read.ok) return read.reason;
  const physical: Schema = {
    tables: new Map(
      [...tables.values()].map((table) => [foldName(table.physical), { ...table, name: table.physical }]),
    ),
    give: (name) =>
      given.includes(name.text) ? ok(name.text) : fail(fault("name", name.span, "it is another name", "")),
  };
  const second = judgeDefinition(read.value, physical);
  if (second?.ok === false) return second.reason;
  if (second && renderTokens(read.value, second.value.edits).text === text) return undefined;
  return fault("syntax", START, "it reads otherwise once names are put in", "Write it in a simpler way.");
}

function toBook({ tables }: Schema): Book {
  return { own: tables, readable: new Map(), writable: new Map() };
}

function toRefusal(file: string, { code, at, what, fix }: Fault): MigrationRefusal {
  const line = Math.max(at.line, 1);
  const column = at.col + 1;
  return { code, file, line, column, message: `Cannot apply ${file}:${line}:${column}: ${what}. ${fix}`.trimEnd() };
}
