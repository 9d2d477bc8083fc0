/**
 * Plugins' own documents and keys, in EmDash's `_plugin_storage`. Every statement is bound to the plugin's id, which the
 * host supplies. Each write moves `updated_at` on, also within a millisecond, so it tells one write from the next.
 */
import { extract } from "./plugin-fields.ts";
import { readSizedPage, TOO_LARGE, type SizedRow } from "./sized-page.ts";

/** Whose documents, and when: what has expired by then is not there. */
export interface Place {
  readonly plugin: string;
  readonly collection: string;
  /** The time of the call, ISO 8601. */
  readonly at: string;
}

/** A document as it is stored. */
export interface StoredDocument {
  readonly id: string;
  /** JSON text. */
  readonly data: string;
}

/** A document with what tells its last write from others. */
export interface WrittenDocument extends StoredDocument {
  readonly updated_at: string | null;
}

/** Fields whose values together no two documents of a collection share. */
export type UniqueIndex = readonly string[];

/** What came of a write. */
export type WriteEnd = "written" | "not-unique";

/** Statements carry at most 100 parameters on D1; some are the place and the bytes. */
const IDS_PER_STATEMENT = 90;

/** SQL: a row `d` that has not expired by the time in the parameter `at`. */
export function isLive(at: string): string {
  return `NOT EXISTS (SELECT 1 FROM _host_expiries AS e WHERE e.plugin_id = d.plugin_id AND e.collection = d.collection
    AND e.id = d.id AND e.written_at = d.updated_at AND e.expires_at <= ${at})`;
}

/** The documents with these ids; missing ones are left out. */
export async function getDocuments(
  db: D1Database,
  place: Place,
  ids: readonly string[],
  maxBytes: number,
): Promise<readonly WrittenDocument[] | typeof TOO_LARGE> {
  const found: WrittenDocument[] = [];
  let left = maxBytes;
  for (const part of inParts(ids)) {
    const documents = await readSizedPage<WrittenDocument & SizedRow & { readonly data: string }>(db, {
      table: "_plugin_storage",
      column: "data",
      page: `SELECT d.rowid AS place, d.id, d.updated_at, octet_length(d.data) AS bytes FROM _plugin_storage AS d
        WHERE d.plugin_id = ?1 AND d.collection = ?2 AND ${isLive("?3")} AND d.id IN (${part.map(() => "?").join(", ")})`,
      values: [place.plugin, place.collection, place.at, ...part],
      orderBy: "page.id",
      maxBytes: left,
    });
    if (documents === TOO_LARGE) return TOO_LARGE;
    found.push(...documents);
    left -= documents.reduce((sum, document) => sum + document.bytes, 0);
  }
  return found;
}

/** Writes documents, all or none. `created_at` of one that exists is kept. */
export async function putDocuments(
  db: D1Database,
  place: Place,
  documents: readonly StoredDocument[],
  unique: readonly UniqueIndex[] = [],
): Promise<WriteEnd> {
  if (documents.length === 0) return "written";
  return endOfWrite(db.batch(documents.map((document) => putDocument(db, place, document, unique))));
}

/** The statement that writes one document. */
export function putDocument(
  db: D1Database,
  { plugin, collection, at }: Place,
  { id, data }: StoredDocument,
  unique: readonly UniqueIndex[] = [],
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _plugin_storage (plugin_id, collection, id, data, created_at, updated_at)
       VALUES (?1, ?2, ?3, ${toUniqueData(unique)}, ?5, ?5)
       ON CONFLICT (plugin_id, collection, id) DO UPDATE SET data = excluded.data, updated_at = max(excluded.updated_at,
         coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', updated_at, '+0.001 seconds'), ''))`,
    )
    .bind(plugin, collection, id, data, at);
}

/**
 * SQL: the data in parameter 4, or NULL where another document than that of parameter 3 shares the values of an index. The
 * column takes no NULL, which ends the batch with nothing written. As in SQL, missing values are equal to nothing.
 */
export function toUniqueData(unique: readonly UniqueIndex[]): string {
  if (unique.length === 0) return "?4";
  const shared = unique.map((fields) =>
    fields.map((field) => `${extract(field, "other.data")} = ${extract(field, "?4")}`).join(" AND "),
  );
  return `CASE WHEN EXISTS (SELECT 1 FROM _plugin_storage AS other WHERE other.plugin_id = ?1 AND other.collection = ?2
    AND other.id <> ?3 AND (${shared.join(" OR ")})) THEN NULL ELSE ?4 END`;
}

/** How a write ended whose data may be NULL. */
export async function endOfWrite(write: Promise<unknown>): Promise<WriteEnd> {
  try {
    await write;
    return "written";
  } catch (error) {
    if (/NOT NULL constraint failed: \w+plugin_storage\.data/.test(String(error))) return "not-unique";
    throw error;
  }
}

/** Deletes documents; answers how many there were. */
export async function deleteDocuments(db: D1Database, place: Place, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const results = await db.batch(
    inParts(ids).map((part) =>
      db
        .prepare(
          `DELETE FROM _plugin_storage WHERE plugin_id = ? AND collection = ? AND id IN (${part.map(() => "?").join(", ")})`,
        )
        .bind(place.plugin, place.collection, ...part),
    ),
  );
  return results.reduce((sum, result) => sum + result.meta.changes, 0);
}

/** How many documents and keys a plugin has. */
export async function countOfPlugin(db: D1Database, plugin: string): Promise<number> {
  const row = await db
    .prepare("SELECT count(*) AS n FROM _plugin_storage WHERE plugin_id = ?")
    .bind(plugin)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

/** Deletes all documents and keys of a plugin. */
export function deleteOfPlugin(db: D1Database, plugin: string): readonly D1PreparedStatement[] {
  return ["_plugin_storage", "_host_expiries"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE plugin_id = ?`).bind(plugin),
  );
}

function inParts(ids: readonly string[]): readonly (readonly string[])[] {
  const parts = [];
  for (let start = 0; start < ids.length; start += IDS_PER_STATEMENT)
    parts.push(ids.slice(start, start + IDS_PER_STATEMENT));
  return parts;
}
