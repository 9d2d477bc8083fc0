/** Reads items that are not deleted. No query here can return a deleted one. */
import type { CollectionDefinition } from "../../../content/collection.ts";
import type { FieldComparison } from "../../../content/filters.ts";
import type { Order, Position } from "../../../content/order.ts";
import { quote, toColumns, toStoredItem, toTable, type ContentRow, type StoredItem } from "./row.ts";

/** Which items a list holds. */
export interface ListQuery {
  readonly status: string | undefined;
  readonly locale: string | undefined;
  readonly filters: readonly FieldComparison[];
  readonly order: Order;
  readonly after: Position | undefined;
  readonly limit: number;
}

/** One item of a list before its fields are read. */
export interface ListKey {
  readonly id: string;
  /** The value in the order's column. */
  readonly value: string | null;
  /** Bytes of its fields. */
  readonly bytes: number;
}

/** One item by id. */
export async function readItem(
  db: D1Database,
  collection: CollectionDefinition,
  id: string,
): Promise<StoredItem | undefined> {
  const row = await toItemStatement(db, collection, id).first<ContentRow>();
  return row ? toStoredItem(collection, row) : undefined;
}

/** The statement that reads one item, for the end of a batch that writes it. */
export function toItemStatement(db: D1Database, collection: CollectionDefinition, id: string): D1PreparedStatement {
  return db.prepare(`${select(collection)} AND item.id = ?2`).bind(collection.slug, id);
}

/** Items by id, in the order of the ids. Those that are gone are left out. */
export async function readItems(
  db: D1Database,
  collection: CollectionDefinition,
  ids: readonly string[],
): Promise<readonly StoredItem[]> {
  if (ids.length === 0) return [];
  // One JSON parameter instead of a hundred: D1 takes 100 in all.
  const { results } = await db
    .prepare(`${select(collection)} AND item.id IN (SELECT value FROM json_each(?2))`)
    .bind(collection.slug, JSON.stringify(ids))
    .all<ContentRow>();
  const byId = new Map(results.map((row) => [String(row["id"]), row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [toStoredItem(collection, row)] : [];
  });
}

/** The next `limit` items of a list, without their fields. */
export async function readKeys(
  db: D1Database,
  collection: CollectionDefinition,
  query: ListQuery,
): Promise<readonly ListKey[]> {
  const { column, direction } = query.order;
  const conditions = ["item.deleted_at IS NULL"];
  const parameters: (string | number)[] = [];
  const bind = (value: string | number): string => `?${parameters.push(value)}`;
  if (query.status !== undefined) conditions.push(`item.status = ${bind(query.status)}`);
  if (query.locale !== undefined) conditions.push(`item.locale = ${bind(query.locale)}`);
  for (const filter of query.filters) conditions.push(toCondition(filter, bind));
  if (query.after) conditions.push(toAfter(query.order, query.after, bind));
  const bytes = collection.fields.map((field) => `coalesce(octet_length(item."${field.name}"), 0)`).join(" + ") || "0";
  const { results } = await db
    .prepare(
      `SELECT item.id, item.${column} AS value, ${bytes} AS bytes FROM ${toTable(collection)} AS item
       WHERE ${conditions.join(" AND ")} ORDER BY item.${column} ${direction}, item.id ${direction} LIMIT ${bind(query.limit)}`,
    )
    .bind(...parameters)
    .all<{ id: string; value: string | null; bytes: number }>();
  return results;
}

/** The slugs of a locale that are `slug` or begin with it and a hyphen; deleted items keep theirs for the trash. */
export async function readTakenSlugs(
  db: D1Database,
  collection: CollectionDefinition,
  slug: { readonly slug: string; readonly locale: string; readonly except: string; readonly limit: number },
): Promise<ReadonlySet<string>> {
  // A range instead of LIKE: D1 takes patterns of 50 bytes, and a range is served by the index. "." follows "-".
  const { results } = await db
    .prepare(
      `SELECT slug FROM ${toTable(collection)}
       WHERE locale = ?1 AND (slug = ?2 OR (slug >= ?2 || '-' AND slug < ?2 || '.')) AND id <> ?3 LIMIT ?4`,
    )
    .bind(slug.locale, slug.slug, slug.except, slug.limit)
    .all<{ slug: string }>();
  return new Set(results.map((row) => row.slug));
}

function select(collection: CollectionDefinition): string {
  return `SELECT ${toColumns(collection)} FROM ${toTable(collection)} AS item
    LEFT JOIN _emdash_seo AS seo ON seo.collection = ?1 AND seo.content_id = item.id
    WHERE item.deleted_at IS NULL`;
}

/** A comparison; its column comes from the registry. */
function toCondition(comparison: FieldComparison, bind: (value: string | number) => string): string {
  const field = `item.${quote(comparison.column)}`;
  if (comparison.op === "is-null") return `${field} IS NULL`;
  if (comparison.op === "in") return `${field} IN (${comparison.values.map(bind).join(", ")})`;
  return `${field} ${comparison.op} ${bind(comparison.value)}`;
}

/** SQLite sorts NULL before every value, and a comparison with NULL is never true; so NULL is spelled out. */
function toAfter({ column, direction }: Order, { value, id }: Position, bind: (value: string) => string): string {
  const field = `item.${column}`;
  if (value === null) {
    const rest = direction === "asc" ? `${field} IS NOT NULL OR ` : "";
    return `(${rest}(${field} IS NULL AND item.id ${direction === "asc" ? ">" : "<"} ${bind(id)}))`;
  }
  const at = bind(value);
  const compare = direction === "asc" ? ">" : "<";
  const rest = direction === "asc" ? "" : ` OR ${field} IS NULL`;
  return `(${field} ${compare} ${at} OR (${field} = ${at} AND item.id ${compare} ${bind(id)})${rest})`;
}
