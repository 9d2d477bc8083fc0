/** Whose a table is, and which migrations made it. Writes are statements for the batch of the act that runs them. */

/** A row of `_host_tables`. */
export interface TableRow {
  readonly plugin_id: string;
  /** What the author calls it. */
  readonly name: string;
  /** What the database calls it. */
  readonly physical: string;
  readonly kind: "table" | "fts5";
}

/** A row of `_host_migrations`. */
export interface MigrationRow {
  readonly name: string;
  /** sha256 of the file's text. */
  readonly digest: string;
}

/** The tables of every plugin. */
export function selectTables(db: D1Database): D1PreparedStatement {
  return db.prepare("SELECT plugin_id, name, physical, kind FROM _host_tables ORDER BY plugin_id, name");
}

/** The tables of one plugin. */
export async function listTables(db: D1Database, plugin: string): Promise<readonly TableRow[]> {
  const { results } = await db
    .prepare("SELECT plugin_id, name, physical, kind FROM _host_tables WHERE plugin_id = ? ORDER BY name")
    .bind(plugin)
    .all<TableRow>();
  return results;
}

/** The migrations of a plugin that have run, in their order. */
export async function listMigrations(db: D1Database, plugin: string): Promise<readonly MigrationRow[]> {
  const { results } = await db
    .prepare("SELECT name, digest FROM _host_migrations WHERE plugin_id = ? ORDER BY name")
    .bind(plugin)
    .all<MigrationRow>();
  return results;
}

/** Runs checked statements of migrations. */
export function runDefinitions(db: D1Database, texts: readonly string[]): readonly D1PreparedStatement[] {
  return texts.map((text) => db.prepare(text));
}

/** Replaces what is known of a plugin's tables. */
export function putTables(
  db: D1Database,
  plugin: string,
  tables: readonly Omit<TableRow, "plugin_id">[],
  at: string,
): readonly D1PreparedStatement[] {
  return [
    db.prepare("DELETE FROM _host_tables WHERE plugin_id = ?").bind(plugin),
    ...tables.map(({ name, physical, kind }) =>
      db
        .prepare("INSERT INTO _host_tables (physical, plugin_id, name, kind, created_at) VALUES (?, ?, ?, ?, ?)")
        .bind(physical, plugin, name, kind, at),
    ),
  ];
}

/** Notes that a migration has run. */
export function putMigration(db: D1Database, plugin: string, row: MigrationRow, at: string): D1PreparedStatement {
  return db
    .prepare("INSERT INTO _host_migrations (plugin_id, name, digest, applied_at) VALUES (?, ?, ?, ?)")
    .bind(plugin, row.name, row.digest, at);
}

/** Drops a plugin's tables, and forgets its migrations. */
export function dropTables(
  db: D1Database,
  plugin: string,
  tables: readonly Pick<TableRow, "physical">[],
): readonly D1PreparedStatement[] {
  return [
    // A name of the host's own making; quoted all the same.
    ...tables.map(({ physical }) => db.prepare(`DROP TABLE IF EXISTS "${physical.replaceAll('"', "")}"`)),
    db.prepare("DELETE FROM _host_tables WHERE plugin_id = ?").bind(plugin),
    db.prepare("DELETE FROM _host_migrations WHERE plugin_id = ?").bind(plugin),
  ];
}
