/**
 * Writes a document or key only where it still is what was read: the same text of the same write. Each is one D1 batch,
 * so of two writers that read the same only one is taken.
 */
import {
  endOfWrite,
  isLive,
  toUniqueData,
  type Place,
  type StoredDocument,
  type UniqueIndex,
  type WriteEnd,
  type WrittenDocument,
} from "./plugin-documents.ts";

/** What came of it. `conflict`: it changed, or came to be, meanwhile. */
export type SwapEnd = WriteEnd | "conflict";

/** What is written. */
export interface Replacement {
  readonly document: StoredDocument;
  /** `updated_at` of the write, ISO 8601; another than that of what is replaced. */
  readonly writtenAt: string;
  readonly unique: readonly UniqueIndex[];
  /** When it expires; undefined: never. */
  readonly expiresAt: string | undefined;
}

/** Writes a document that is not there. */
export async function createDocument(db: D1Database, place: Place, replacement: Replacement): Promise<SwapEnd> {
  const { document, writtenAt, unique, expiresAt } = replacement;
  const key = [place.plugin, place.collection, document.id] as const;
  const expired = db
    .prepare(`DELETE FROM _plugin_storage AS d WHERE ${IS_KEY} AND NOT (${isLive("?4")})`)
    .bind(...key, place.at);
  const insert = db
    .prepare(
      `INSERT INTO _plugin_storage (plugin_id, collection, id, data, created_at, updated_at)
       SELECT ?1, ?2, ?3, ${toUniqueData(unique)}, ?5, ?5 WHERE NOT EXISTS (SELECT 1 FROM _plugin_storage AS d WHERE ${IS_KEY})`,
    )
    .bind(...key, document.data, writtenAt);
  if (expiresAt === undefined) return swap(db, [expired, insert]);
  const expiry = db
    .prepare(
      `INSERT OR REPLACE INTO _host_expiries (plugin_id, collection, id, written_at, expires_at)
       SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM _plugin_storage AS d WHERE ${IS_KEY})`,
    )
    .bind(...key, writtenAt, expiresAt);
  return swap(db, [expired, expiry, insert]);
}

/** Replaces the document that was read. */
export async function replaceDocument(
  db: D1Database,
  place: Place,
  read: WrittenDocument,
  replacement: Replacement,
): Promise<SwapEnd> {
  const { document, writtenAt, unique, expiresAt } = replacement;
  const key = [place.plugin, place.collection, document.id] as const;
  const update = db
    .prepare(
      `UPDATE _plugin_storage AS d SET data = ${toUniqueData(unique)}, updated_at = ?5
       WHERE ${IS_KEY} AND d.data = ?6 AND d.updated_at IS ?7`,
    )
    .bind(...key, document.data, writtenAt, read.data, read.updated_at);
  if (expiresAt === undefined) return swap(db, [update]);
  // Before the update, under the same condition: both happen or neither.
  const expiry = db
    .prepare(
      `INSERT OR REPLACE INTO _host_expiries (plugin_id, collection, id, written_at, expires_at)
       SELECT ?1, ?2, ?3, ?4, ?5 FROM _plugin_storage AS d WHERE ${IS_KEY} AND d.data = ?6 AND d.updated_at IS ?7`,
    )
    .bind(...key, writtenAt, expiresAt, read.data, read.updated_at);
  return swap(db, [expiry, update]);
}

/** Deletes the document that was read. */
export async function deleteDocument(db: D1Database, place: Place, read: WrittenDocument): Promise<boolean> {
  const [, deleted] = await db.batch(
    [
      `DELETE FROM _host_expiries WHERE EXISTS (SELECT 1 FROM _plugin_storage AS d WHERE ${IS_READ})
         AND plugin_id = ?1 AND collection = ?2 AND id = ?3`,
      `DELETE FROM _plugin_storage AS d WHERE ${IS_READ}`,
    ].map((sql) => db.prepare(sql).bind(place.plugin, place.collection, read.id, read.data, read.updated_at)),
  );
  return (deleted?.meta.changes ?? 0) > 0;
}

const IS_KEY = "d.plugin_id = ?1 AND d.collection = ?2 AND d.id = ?3";
const IS_READ = `${IS_KEY} AND d.data = ?4 AND d.updated_at IS ?5`;

/** Runs the statements; the last is the write itself. */
async function swap(db: D1Database, statements: D1PreparedStatement[]): Promise<SwapEnd> {
  let changes = 0;
  const end = await endOfWrite(
    db.batch(statements).then((results) => {
      changes = results.at(-1)?.meta.changes ?? 0;
    }),
  );
  return end === "written" && changes === 0 ? "conflict" : end;
}
