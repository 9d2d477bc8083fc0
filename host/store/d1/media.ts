/** Media files as rows of EmDash's `media`, and which plugin uploaded which. Files that are not ready do not exist here. */

/** A row of `media`, as far as this host reads it. */
export interface MediaRow {
  readonly id: string;
  readonly filename: string;
  readonly mime_type: string;
  readonly size: number | null;
  readonly storage_key: string;
  readonly created_at: string | null;
}

/** Which files a list holds. */
export interface MediaQuery {
  /** Beginning of the type, compared as text. */
  readonly type: string;
  /** The last id of the page before. */
  readonly before: string | undefined;
  readonly limit: number;
}

const READY = "SELECT id, filename, mime_type, size, storage_key, created_at FROM media WHERE status = 'ready'";

/** One file by id. */
export async function readMedia(db: D1Database, id: string): Promise<MediaRow | undefined> {
  return (await db.prepare(`${READY} AND id = ?`).bind(id).first<MediaRow>()) ?? undefined;
}

/** One file by the key of its bytes. */
export async function readMediaByKey(db: D1Database, key: string): Promise<MediaRow | undefined> {
  return (await db.prepare(`${READY} AND storage_key = ?`).bind(key).first<MediaRow>()) ?? undefined;
}

/** Files, the latest first. */
export async function listMedia(db: D1Database, { type, before, limit }: MediaQuery): Promise<readonly MediaRow[]> {
  const { results } = await db
    .prepare(`${READY} AND substr(mime_type, 1, length(?1)) = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`)
    .bind(type, before ?? "~", limit)
    .all<MediaRow>();
  return results;
}

/** Writes a plugin's file. */
export async function insertUpload(db: D1Database, row: MediaRow, plugin: string): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT INTO media (id, filename, mime_type, size, storage_key, status, created_at)
         VALUES (?, ?, ?, ?, ?, 'ready', ?)`,
      )
      .bind(row.id, row.filename, row.mime_type, row.size, row.storage_key, row.created_at),
    db.prepare("INSERT INTO _host_uploads (media_id, plugin_id) VALUES (?, ?)").bind(row.id, plugin),
  ]);
}

/** Deletes a file that the plugin uploaded. False where it is another's. */
export async function deleteUpload(db: D1Database, id: string, plugin: string): Promise<boolean> {
  const [deleted] = await db.batch([
    db
      .prepare(
        "DELETE FROM media WHERE id = ?1 AND EXISTS (SELECT 1 FROM _host_uploads WHERE media_id = ?1 AND plugin_id = ?2)",
      )
      .bind(id, plugin),
    db.prepare("DELETE FROM _host_uploads WHERE media_id = ? AND plugin_id = ?").bind(id, plugin),
  ]);
  return (deleted?.meta.changes ?? 0) > 0;
}

/** Makes a plugin's files the site's own. */
export function disownUploads(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_uploads WHERE plugin_id = ?").bind(plugin);
}
