/** Plugins and their versions. Reads give rows; writes give statements, for the one batch of a lifecycle act. */
import type { PluginState } from "../../plugin/states.ts";

/** A row of `_host_plugins`. */
export interface PluginRow {
  readonly id: string;
  readonly state: PluginState;
  readonly reason: string | null;
  readonly live_version: string | null;
  readonly staged_version: string | null;
  readonly installed_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A row of `_host_versions`. */
export interface VersionRow {
  readonly plugin_id: string;
  readonly version: string;
  readonly digest: string;
  /** JSON text as it stands in the bundle. */
  readonly manifest: string;
  /** JSON of PluginExports. */
  readonly exports: string;
  readonly bytes: number;
  /** JSON of MigrationFile[]. */
  readonly migrations: string;
  readonly rejected_at: string | null;
  readonly uploaded_at: string;
  readonly uploaded_by: string;
  /** `catalog` for the files that come with this installation. */
  readonly source: "upload" | "catalog";
  /** When it last went live; null: never. */
  readonly live_at: string | null;
  /** JSON of BundleSignature; null: not signed. */
  readonly signature: string | null;
  /** JSON of what the scan found; null: uploaded before there was one. */
  readonly scan: string | null;
}

/** Every plugin that is not uninstalled, by id. */
export async function listPlugins(db: D1Database): Promise<readonly PluginRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_plugins WHERE state <> 'uninstalled' ORDER BY id")
    .all<PluginRow>();
  return results;
}

/** One plugin, uninstalled ones included. */
export async function getPlugin(db: D1Database, id: string): Promise<PluginRow | null> {
  return db.prepare("SELECT * FROM _host_plugins WHERE id = ?").bind(id).first<PluginRow>();
}

/** Every version of a plugin, newest upload first. */
export async function listVersions(db: D1Database, id: string): Promise<readonly VersionRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_versions WHERE plugin_id = ? ORDER BY uploaded_at DESC, version DESC")
    .bind(id)
    .all<VersionRow>();
  return results;
}

/** One version of a plugin. */
export async function getVersion(db: D1Database, id: string, version: string): Promise<VersionRow | null> {
  return db
    .prepare("SELECT * FROM _host_versions WHERE plugin_id = ? AND version = ?")
    .bind(id, version)
    .first<VersionRow>();
}

/** The live versions of the plugins that run. */
export function selectLiveVersions(db: D1Database): D1PreparedStatement {
  return db.prepare(
    `SELECT v.* FROM _host_plugins p JOIN _host_versions v ON v.plugin_id = p.id AND v.version = p.live_version
     WHERE p.state = 'enabled' ORDER BY p.id`,
  );
}

/** Plugins that are not uninstalled and whose live version the key signed. */
export async function listSignedBy(db: D1Database, keyId: string): Promise<readonly string[]> {
  const { results } = await db
    .prepare(
      `SELECT p.id FROM _host_plugins p JOIN _host_versions v ON v.plugin_id = p.id AND v.version = p.live_version
       WHERE p.state <> 'uninstalled' AND v.signature->>'keyId' = ? ORDER BY p.id`,
    )
    .bind(keyId)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Writes a version, over one of the same name that was never consented to. */
export function putVersion(db: D1Database, row: Omit<VersionRow, "live_at">): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_versions (plugin_id, version, digest, manifest, exports, bytes, migrations, rejected_at,
         uploaded_at, uploaded_by, source, signature, scan)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (plugin_id, version) DO UPDATE SET digest = excluded.digest, manifest = excluded.manifest,
         exports = excluded.exports, bytes = excluded.bytes, migrations = excluded.migrations, rejected_at = excluded.rejected_at,
         uploaded_at = excluded.uploaded_at, uploaded_by = excluded.uploaded_by,
         source = excluded.source, signature = excluded.signature, scan = excluded.scan`,
    )
    .bind(
      row.plugin_id,
      row.version,
      row.digest,
      row.manifest,
      row.exports,
      row.bytes,
      row.migrations,
      row.rejected_at,
      row.uploaded_at,
      row.uploaded_by,
      row.source,
      row.signature,
      row.scan,
    );
}

/** Writes a plugin's row whole. */
export function putPlugin(db: D1Database, row: PluginRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_plugins (id, state, reason, live_version, staged_version, installed_at, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET state = excluded.state, reason = excluded.reason,
         live_version = excluded.live_version, staged_version = excluded.staged_version,
         installed_at = excluded.installed_at, created_at = excluded.created_at, updated_at = excluded.updated_at`,
    )
    .bind(
      row.id,
      row.state,
      row.reason,
      row.live_version,
      row.staged_version,
      row.installed_at,
      row.created_at,
      row.updated_at,
    );
}

/** Notes that a version goes live. */
export function markLive(db: D1Database, id: string, version: string, at: string): D1PreparedStatement {
  return db.prepare("UPDATE _host_versions SET live_at = ? WHERE plugin_id = ? AND version = ?").bind(at, id, version);
}

/** Marks a version as refused by a person. */
export function rejectVersion(db: D1Database, id: string, version: string, at: string): D1PreparedStatement {
  return db
    .prepare("UPDATE _host_versions SET rejected_at = ? WHERE plugin_id = ? AND version = ?")
    .bind(at, id, version);
}

/** Removes every version of a plugin. */
export function deleteVersions(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_versions WHERE plugin_id = ?").bind(id);
}
