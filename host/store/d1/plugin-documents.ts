/**
 * Plugins' own documents and keys, in EmDash's `_plugin_storage`. Every statement is bound to the plugin's id, which the
 * host supplies; nothing of the guest's reaches SQL text but field names that passed a pattern.
 */

/** Whose documents: plugin and collection. */
export interface Place {
  readonly plugin: string;
  readonly collection: string;
}

/** A document as it is stored. */
export interface StoredDocument {
  readonly id: string;
  /** JSON text. */
  readonly data: string;
}

/** What a read would take more bytes than were allowed. Nothing but sizes was read then. */
export const TOO_LARGE = Symbol("too large");

/** Statements carry at most 100 parameters on D1; two are the plugin and the collection. */
const IDS_PER_STATEMENT = 90;

/** The documents with these ids; missing ones are left out. */
export async function getDocuments(
  db: D1Database,
  place: Place,
  ids: readonly string[],
  maxBytes: number,
): Promise<readonly StoredDocument[] | typeof TOO_LARGE> {
  const found: StoredDocument[] = [];
  let left = maxBytes;
  for (const part of inParts(ids)) {
    const page = `SELECT rowid AS place, id, octet_length(data) AS bytes FROM _plugin_storage
      WHERE plugin_id = ? AND collection = ? AND id IN (${part.map(() => "?").join(", ")})`;
    const documents = await readPage(db, page, [place.plugin, place.collection, ...part], "page.id", left);
    if (documents === TOO_LARGE) return TOO_LARGE;
    found.push(...documents);
    left -= documents.reduce((sum, document) => sum + document.bytes, 0);
  }
  return found;
}

/**
 * Reads the documents of a page, a query for `place`, `id` and `bytes`, if they have no more than `maxBytes` together.
 * SECURITY: sizes are asked first, so that no plugin makes the host hold all it ever stored
 * (tests/host/own-data.test.ts, "more than a result may have").
 */
async function readPage<Row extends StoredDocument & { readonly bytes: number }>(
  db: D1Database,
  page: string,
  values: readonly (string | number)[],
  orderBy: string,
  maxBytes: number,
): Promise<readonly Row[] | typeof TOO_LARGE> {
  const { results } = await db
    .prepare(
      `WITH page AS MATERIALIZED (${page})
       SELECT page.*, d.data FROM page LEFT JOIN _plugin_storage d
         ON d.rowid = page.place AND (SELECT sum(bytes) FROM page) <= ? ORDER BY ${orderBy}`,
    )
    .bind(...values, maxBytes)
    .all<Omit<Row, "data"> & { readonly data: string | null }>();
  return results.some((row) => row.data === null) ? TOO_LARGE : (results as unknown as readonly Row[]);
}

/** Writes documents, all or none. `created_at` of one that exists is kept. */
export async function putDocuments(
  db: D1Database,
  place: Place,
  documents: readonly StoredDocument[],
  at: string,
): Promise<void> {
  if (documents.length === 0) return;
  await db.batch(
    documents.map(({ id, data }) =>
      db
        .prepare(
          `INSERT INTO _plugin_storage (plugin_id, collection, id, data, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (plugin_id, collection, id) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at`,
        )
        .bind(place.plugin, place.collection, id, data, at, at),
    ),
  );
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

/** Documents whose id starts with a prefix, by id. The prefix is compared, never a pattern. */
export async function listByPrefix(
  db: D1Database,
  place: Place,
  prefix: string,
  { limit, maxBytes }: { readonly limit: number; readonly maxBytes: number },
): Promise<readonly StoredDocument[] | typeof TOO_LARGE> {
  const page = `SELECT rowid AS place, id, octet_length(data) AS bytes FROM _plugin_storage
    WHERE plugin_id = ?1 AND collection = ?2 AND substr(id, 1, length(?3)) = ?3 ORDER BY id LIMIT ?4`;
  return readPage(db, page, [place.plugin, place.collection, prefix, limit], "page.id", maxBytes);
}

/** One comparison of a query. `field` must have passed `FIELD_NAME`. */
export type Comparison =
  | { readonly field: string; readonly op: "=" | ">" | ">=" | "<" | "<="; readonly value: string | number }
  | { readonly field: string; readonly op: "is-null" }
  | { readonly field: string; readonly op: "in"; readonly values: readonly (string | number)[] }
  | { readonly field: string; readonly op: "starts-with"; readonly value: string };

/** A query over one collection. */
export interface DocumentQuery {
  readonly where: readonly Comparison[];
  readonly orderBy: { readonly field: string; readonly direction: "asc" | "desc" } | undefined;
  readonly after: { readonly value: string | number | null; readonly id: string } | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

/** A document with its size and the value it was ordered by. */
export interface QueriedDocument extends StoredDocument {
  readonly bytes: number;
  readonly order_value: string | number | null;
}

/** What a field may be called. SECURITY: the only text of the guest's that enters SQL. (tests/host/storage.test.ts, "refuses what is not indexed") */
export const FIELD_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/;

/** Runs a query. Answers one document more than `limit` where there are more. */
export async function queryDocuments(
  db: D1Database,
  place: Place,
  query: DocumentQuery,
): Promise<readonly QueriedDocument[] | typeof TOO_LARGE> {
  const { conditions, values } = toConditions(query.where);
  const order = query.orderBy ? extract(query.orderBy.field) : "NULL";
  const down = query.orderBy?.direction === "desc";
  if (query.after) {
    const { value, id } = query.after;
    if (query.orderBy === undefined) {
      conditions.push("id > ?");
      values.push(id);
    } else if (value === null) {
      // Ascending, nulls come first and everything else follows them; descending, they come last.
      conditions.push(down ? `(${order} IS NULL AND id > ?)` : `(${order} IS NOT NULL OR id > ?)`);
      values.push(id);
    } else {
      conditions.push(
        down
          ? `(${order} < ? OR ${order} IS NULL OR (${order} = ? AND id > ?))`
          : `(${order} > ? OR (${order} = ? AND id > ?))`,
      );
      values.push(value, value, id);
    }
  }
  const direction = down ? "DESC" : "ASC";
  const page = `SELECT rowid AS place, id, octet_length(data) AS bytes, ${order} AS order_value FROM _plugin_storage
    WHERE ${["plugin_id = ?", "collection = ?", ...conditions].join(" AND ")}
    ORDER BY ${query.orderBy ? `${order} ${direction}, ` : ""}id LIMIT ?`;
  return readPage<QueriedDocument>(
    db,
    page,
    [place.plugin, place.collection, ...values, query.limit + 1],
    query.orderBy ? `page.order_value ${direction}, page.id` : "page.id",
    query.maxBytes,
  );
}

/** How many documents match. */
export async function countDocuments(db: D1Database, place: Place, where: readonly Comparison[]): Promise<number> {
  const { conditions, values } = toConditions(where);
  const row = await db
    .prepare(
      `SELECT count(*) AS n FROM _plugin_storage WHERE ${["plugin_id = ?", "collection = ?", ...conditions].join(" AND ")}`,
    )
    .bind(place.plugin, place.collection, ...values)
    .first<{ n: number }>();
  return row?.n ?? 0;
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
export function deleteOfPlugin(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _plugin_storage WHERE plugin_id = ?").bind(plugin);
}

function extract(field: string): string {
  if (!FIELD_NAME.test(field)) throw new Error(`not a field name: ${field}`);
  return `json_extract(data, '$.${field}')`;
}

function toConditions(where: readonly Comparison[]): { conditions: string[]; values: (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  for (const comparison of where) {
    const field = extract(comparison.field);
    switch (comparison.op) {
      case "is-null":
        conditions.push(`${field} IS NULL`);
        break;
      case "in":
        conditions.push(`${field} IN (${comparison.values.map(() => "?").join(", ")})`);
        values.push(...comparison.values);
        break;
      case "starts-with":
        conditions.push(`substr(${field}, 1, length(?)) = ?`);
        values.push(comparison.value, comparison.value);
        break;
      default:
        conditions.push(`${field} ${comparison.op} ?`);
        values.push(comparison.value);
    }
  }
  return { conditions, values };
}

function inParts(ids: readonly string[]): readonly (readonly string[])[] {
  const parts = [];
  for (let start = 0; start < ids.length; start += IDS_PER_STATEMENT)
    parts.push(ids.slice(start, start + IDS_PER_STATEMENT));
  return parts;
}
