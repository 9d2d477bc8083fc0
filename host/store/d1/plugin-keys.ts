/**
 * Plugins' keys: documents that may expire and are listed by prefix. An expired key is not there for any read; the clock
 * deletes it later.
 */
import { isLive, putDocument, type Place, type StoredDocument } from "./plugin-documents.ts";
import { readSizedPage, type SizedRow, type TOO_LARGE } from "./sized-page.ts";

/** Which keys a list holds. */
export interface KeyQuery {
  /** Compared as text, never as a pattern. */
  readonly prefix: string;
  /** The last key of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

/** Writes a key. Without a time it does not expire, whatever it did before. */
export async function putKey(
  db: D1Database,
  place: Place,
  key: StoredDocument,
  expiresAt: string | undefined,
): Promise<void> {
  const put = putDocument(db, place, key);
  if (expiresAt === undefined) return void (await put.run());
  await db.batch([
    put,
    db
      .prepare(
        `INSERT OR REPLACE INTO _host_expiries (plugin_id, collection, id, written_at, expires_at)
         SELECT plugin_id, collection, id, updated_at, ?4 FROM _plugin_storage
         WHERE plugin_id = ?1 AND collection = ?2 AND id = ?3`,
      )
      .bind(place.plugin, place.collection, key.id, expiresAt),
  ]);
}

/** Deletes a key; answers whether it was there. */
export async function deleteKey(db: D1Database, place: Place, id: string): Promise<boolean> {
  const [deleted] = await db.batch<{ is_live: number }>([
    db
      .prepare(
        `SELECT 1 AS is_live FROM _plugin_storage AS d
         WHERE d.plugin_id = ?1 AND d.collection = ?2 AND d.id = ?3 AND ${isLive("?4")}`,
      )
      .bind(place.plugin, place.collection, id, place.at),
    ...["_plugin_storage", "_host_expiries"].map((table) =>
      db
        .prepare(`DELETE FROM ${table} WHERE plugin_id = ? AND collection = ? AND id = ?`)
        .bind(place.plugin, place.collection, id),
    ),
  ]);
  return (deleted?.results.length ?? 0) > 0;
}

/** Keys that start with a prefix, by key. */
export async function listKeys(
  db: D1Database,
  place: Place,
  { prefix, after, limit, maxBytes }: KeyQuery,
): Promise<readonly StoredDocument[] | typeof TOO_LARGE> {
  return readSizedPage<StoredDocument & SizedRow & { readonly data: string }>(db, {
    table: "_plugin_storage",
    column: "data",
    page: `SELECT d.rowid AS place, d.id, octet_length(d.data) AS bytes FROM _plugin_storage AS d
      WHERE d.plugin_id = ?1 AND d.collection = ?2 AND ${isLive("?3")} AND substr(d.id, 1, length(?4)) = ?4 AND d.id > ?5
      ORDER BY d.id LIMIT ?6`,
    values: [place.plugin, place.collection, place.at, prefix, after ?? "", limit],
    orderBy: "page.id",
    maxBytes,
  });
}

/** Expired keys that are deleted at once; nobody sees them meanwhile. */
export const PURGED_AT_ONCE = 500;

/** Deletes what has expired, the oldest first, at most `PURGED_AT_ONCE` of it. */
export function purgeExpired(db: D1Database, now: string): readonly D1PreparedStatement[] {
  const due = "SELECT rowid AS place, * FROM _host_expiries WHERE expires_at <= ?1 ORDER BY expires_at, rowid LIMIT ?2";
  return [
    db
      .prepare(
        `DELETE FROM _plugin_storage WHERE rowid IN (SELECT d.rowid FROM (${due}) AS e JOIN _plugin_storage AS d
         ON d.plugin_id = e.plugin_id AND d.collection = e.collection AND d.id = e.id AND d.updated_at = e.written_at)`,
      )
      .bind(now, PURGED_AT_ONCE),
    db.prepare(`DELETE FROM _host_expiries WHERE rowid IN (SELECT place FROM (${due}))`).bind(now, PURGED_AT_ONCE),
  ];
}
