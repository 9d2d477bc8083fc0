/**
 * May a plugin's migrations run, and as which statements? Files are split by the parser, judged in order against the tables
 * that are there by then, and renamed; each statement that came out is judged again by physical names alone.
 */
import type { Token } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { MIGRATION_LIMITS } from "./limits.ts";
import { refuseFiles, type MigrationFile } from "./migration-files.ts";
import { createNaming, type KnownTable, type Schema } from "./migration-schema.ts";
import { checkOne } from "./migration-statement.ts";
import { foldName } from "./names.ts";
import { readScript } from "./read.ts";
import { fault, type Fault, type SqlRefusalCode } from "./refusal.ts";

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
  const unfit = refuseFiles(files);
  if (unfit) return fail(toRefusal(unfit.path, unfit.fault));
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
    { name, physical, isFullText: folded.has(foldName(name)), isSearched: folded.has(foldName(name)), columns: 0 },
  ];
  return new Map([...existing].map(toTable));
}

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

function toRefusal(file: string, { code, at, what, fix }: Fault): MigrationRefusal {
  const line = Math.max(at.line, 1);
  const column = at.col + 1;
  return { code, file, line, column, message: `Cannot apply ${file}:${line}:${column}: ${what}. ${fix}`.trimEnd() };
}
