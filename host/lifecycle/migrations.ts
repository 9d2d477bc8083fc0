/**
 * What do a version's migrations do to the database? Those that have not run yet, in order, in the plugin's own names. They
 * run in the batch of the act that takes the version live: all of it or nothing. What has run never changes.
 */
import { toSqliteMessage } from "../store/d1/plugin-sql.ts";
import { HostError } from "../errors.ts";
import { sha256 } from "../crypto.ts";
import type { Services } from "../services.ts";
import { checkMigration } from "../sql/check-migration.ts";
import type { MigrationFile } from "../sql/migration-files.ts";
import {
  listMigrations,
  listTables,
  putMigration,
  runDefinitions,
  putTables,
  type MigrationRow,
  type TableRow,
} from "../store/d1/plugin-tables.ts";

/** What is still to be done. */
export interface PendingMigrations {
  /** Files that have not run. */
  readonly files: readonly string[];
  /** Every own table afterwards, by the author's name. */
  readonly tables: readonly Omit<TableRow, "plugin_id">[];
  readonly statements: readonly { readonly file: string; readonly line: number; readonly text: string }[];
  readonly digests: readonly MigrationRow[];
}

/** Nothing to do. */
export const NO_MIGRATIONS: PendingMigrations = { files: [], tables: [], statements: [], digests: [] };

/** What a plugin has. */
export interface AppliedMigrations {
  readonly applied: readonly MigrationRow[];
  readonly tables: readonly TableRow[];
}

/** Reads what a plugin has. */
export async function readApplied(db: D1Database, plugin: string): Promise<AppliedMigrations> {
  const [applied, tables] = await Promise.all([listMigrations(db, plugin), listTables(db, plugin)]);
  return { applied, tables };
}

/** Names of tables no plugin may take: they would hide those of the site. */
const CORE = new Set(["_emdash_seo", "taxonomies", "content_taxonomies", "media", "revisions", "users", "options"]);

/** Plans them. Throws MIGRATION_INVALID with file and line. */
export async function planMigrations(
  plugin: string,
  migrations: readonly MigrationFile[],
  { applied, tables }: AppliedMigrations,
): Promise<PendingMigrations> {
  const digests = new Map(
    await Promise.all(migrations.map(async ({ path, sql }) => [path, await sha256(sql)] as const)),
  );
  const hasRun = new Map(applied.map(({ name, digest }) => [name, digest]));
  const last =
    applied
      .map(({ name }) => name)
      .toSorted()
      .at(-1) ?? "";
  for (const { path } of migrations) {
    const before = hasRun.get(path);
    if (before !== undefined && before !== digests.get(path))
      throw invalid(path, `${path} has run already and says something else now. Put the change into a new file.`);
    if (before === undefined && path < last)
      throw invalid(path, `${path} comes before ${last}, which has run already. Number it higher.`);
  }
  const pending = migrations.filter(({ path }) => !hasRun.has(path));
  const prefix = `p_${(await sha256(plugin)).slice(0, 12)}_`;
  const checked = checkMigration(pending, {
    existing: new Map(tables.map(({ name, physical }) => [name, physical])),
    fullText: new Set(tables.flatMap(({ name, kind }) => (kind === "fts5" ? [name] : []))),
    core: CORE,
    // SECURITY: of one length whatever the plugin is called, so that no two names of two plugins meet. (tests/host/db.test.ts, "ids that would collide")
    toPhysical: (name) => prefix + name,
  });
  if (!checked.ok) throw invalid(checked.reason.file, checked.reason.message, checked.reason.line);
  const { statements, fullText } = checked.value;
  return {
    files: pending.map(({ path }) => path),
    statements,
    tables: [...checked.value.tables].map(([name, physical]) => ({
      name,
      physical,
      kind: fullText.has(name) ? "fts5" : "table",
    })),
    digests: pending.map(({ path }) => ({ name: path, digest: digests.get(path)! })),
  };
}

/** The statements of the batch that runs them. */
export function applyMigrations(
  { db, sql }: Pick<Services, "db" | "sql">,
  plugin: string,
  { statements, tables, digests }: PendingMigrations,
  at: string,
): readonly D1PreparedStatement[] {
  if (digests.length === 0) return [];
  return [
    ...runDefinitions(
      sql,
      statements.map(({ text }) => text),
    ),
    ...putTables(db, plugin, tables, at),
    ...digests.map((row) => putMigration(db, plugin, row, at)),
  ];
}

/** What the database refused of them, in words; undefined where it was something else. */
export function explainMigrations(id: string, { files }: PendingMigrations): (error: unknown) => HostError | undefined {
  return (error) => {
    const said = files.length === 0 ? undefined : toSqliteMessage(error);
    if (said === undefined) return undefined;
    return new HostError(
      "MIGRATION_INVALID",
      `The migrations of ${id} (${files.join(", ")}) were taken back whole: ${said}. Nothing was changed.`,
    );
  };
}

function invalid(file: string, message: string, line?: number): HostError {
  const path = line === undefined ? file : `${file}:${line}`;
  return new HostError("MIGRATION_INVALID", message, [{ path, code: "invalid", message }]);
}
