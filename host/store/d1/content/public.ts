/**
 * Reads what visitors may see. One condition stands in every query here: published, not deleted, with a slug, in the
 * site's language.
 */
import type { CollectionDefinition } from "../../../content/collection.ts";
import { toColumns, toIso, toStoredItem, toTable, type ContentRow, type StoredItem } from "./row.ts";

/** What a list shows of an item. */
export interface PublicSummary {
  readonly slug: string;
  readonly title: string;
  /** The excerpt, else the SEO description, else the beginning of the content. May be empty. */
  readonly summary: string;
  readonly image: unknown;
  /** ISO 8601. */
  readonly publishedAt: string | null;
}
/** A page of a list, and how many items the whole list has. */
export interface PublicList {
  readonly items: readonly PublicSummary[];
  readonly total: number;
}
/** A category. */
export interface Term {
  readonly slug: string;
  readonly label: string;
}
/** Which list, and which part of it. */
export interface PublicListQuery {
  readonly locale: string;
  /** A category's slug; undefined: all. */
  readonly category: string | undefined;
  readonly offset: number;
  readonly limit: number;
}
/** One address of the sitemap. */
export interface SitemapRow {
  readonly slug: string;
  readonly updatedAt: string | null;
}

/** SECURITY: no draft, scheduled or deleted item on any page (tests/site/site.test.ts, "no draft leaks"). */
const PUBLIC =
  "item.deleted_at IS NULL AND item.status = 'published' AND item.slug IS NOT NULL AND item.slug <> '' AND item.locale = ?1";

/** A page of published items, newest first. */
export async function listPublic(
  db: D1Database,
  collection: CollectionDefinition,
  query: PublicListQuery,
): Promise<PublicList> {
  const table = toTable(collection);
  const where = query.category === undefined ? PUBLIC : `${PUBLIC} AND ${IN_CATEGORY}`;
  const category = query.category === undefined ? [] : [query.category];
  const shared = [query.locale, collection.slug, ...category];
  const [rows, totals] = await db.batch<Record<string, string | number | null>>([
    db
      .prepare(
        `SELECT item.slug, item.published_at, ${toField(collection, "title")} AS title, ${toField(collection, "featured_image")} AS image,
           ${toSummary(collection)} AS summary
         FROM ${table} AS item LEFT JOIN _emdash_seo AS seo ON seo.collection = ?2 AND seo.content_id = item.id
         WHERE ${where} ORDER BY item.published_at DESC, item.id DESC LIMIT ?${shared.length + 1} OFFSET ?${shared.length + 2}`,
      )
      .bind(...shared, query.limit, query.offset),
    db
      .prepare(`SELECT count(*) AS total FROM ${table} AS item WHERE ${where}`)
      .bind(...(category.length === 0 ? [query.locale] : shared)),
  ]);
  return {
    items: (rows?.results ?? []).map((row) => ({
      slug: String(row["slug"]),
      title: String(row["title"] ?? ""),
      summary: String(row["summary"] ?? ""),
      image: toImageValue(row["image"]),
      publishedAt: toIso(row["published_at"]),
    })),
    total: Number(totals?.results[0]?.["total"] ?? 0),
  };
}

/** A published item by slug. */
export async function readPublic(
  db: D1Database,
  collection: CollectionDefinition,
  query: { readonly slug: string; readonly locale: string },
): Promise<StoredItem | undefined> {
  const row = await db
    .prepare(
      `SELECT ${toColumns(collection)} FROM ${toTable(collection)} AS item
       LEFT JOIN _emdash_seo AS seo ON seo.collection = ?2 AND seo.content_id = item.id
       WHERE ${PUBLIC} AND item.slug = ?3`,
    )
    .bind(query.locale, collection.slug, query.slug)
    .first<ContentRow>();
  return row ? toStoredItem(collection, row) : undefined;
}

/** The categories of an item, by label. */
export async function listItemCategories(
  db: D1Database,
  collection: CollectionDefinition,
  item: { readonly id: string; readonly locale: string },
): Promise<readonly Term[]> {
  const { results } = await db
    .prepare(
      `SELECT DISTINCT term.slug, term.label FROM content_taxonomies AS link
       JOIN taxonomies AS term ON link.taxonomy_id IN (term.id, term.translation_group)
       JOIN ${toTable(collection)} AS item ON link.entry_id IN (item.id, item.translation_group)
       WHERE item.id = ?3 AND link.collection = ?2 AND term.name = 'category' AND term.locale = ?1 ORDER BY term.label LIMIT 20`,
    )
    .bind(item.locale, collection.slug, item.id)
    .all<Term>();
  return results;
}

/** A category by slug. */
export async function readCategory(
  db: D1Database,
  query: { readonly slug: string; readonly locale: string },
): Promise<Term | undefined> {
  const term = await db
    .prepare("SELECT slug, label FROM taxonomies WHERE name = 'category' AND locale = ? AND slug = ?")
    .bind(query.locale, query.slug)
    .first<Term>();
  return term ?? undefined;
}

/** How many addresses the sitemap has. */
export async function countSitemapRows(
  db: D1Database,
  collection: CollectionDefinition,
  locale: string,
): Promise<number> {
  const total = await db
    .prepare(`SELECT count(*) AS total ${fromIndexed(collection)}`)
    .bind(locale, collection.slug)
    .first<number>("total");
  return total ?? 0;
}

/** A part of the sitemap's addresses, in an order that does not change when posts are edited. */
export async function listSitemapRows(
  db: D1Database,
  collection: CollectionDefinition,
  query: { readonly locale: string; readonly offset: number; readonly limit: number },
): Promise<readonly SitemapRow[]> {
  const { results } = await db
    .prepare(`SELECT item.slug, item.updated_at ${fromIndexed(collection)} ORDER BY item.id LIMIT ?3 OFFSET ?4`)
    .bind(query.locale, collection.slug, query.limit, query.offset)
    .all<{ slug: string; updated_at: string | null }>();
  return results.map((row) => ({ slug: row.slug, updatedAt: toIso(row.updated_at) }));
}

/** EmDash's links hold translation groups since its migration 068, ids before. */
const IN_CATEGORY = `EXISTS (
  SELECT 1 FROM taxonomies AS term
  JOIN content_taxonomies AS link ON link.taxonomy_id IN (term.id, term.translation_group)
  WHERE term.name = 'category' AND term.locale = ?1 AND term.slug = ?3
  AND link.collection = ?2 AND link.entry_id IN (item.id, item.translation_group))`;

function fromIndexed(collection: CollectionDefinition): string {
  return `FROM ${toTable(collection)} AS item
    LEFT JOIN _emdash_seo AS seo ON seo.collection = ?2 AND seo.content_id = item.id
    WHERE ${PUBLIC} AND coalesce(seo.seo_no_index, 0) = 0`;
}

/** A field's column, or NULL where this site's collection has no such field. */
function toField(collection: CollectionDefinition, name: string): string {
  return collection.fields.some((field) => field.name === name) ? `item."${name}"` : "NULL";
}

/** Cut in SQL: a list must not load whole posts. The content is hostile and may be no JSON, or JSON of any shape. */
function toSummary(collection: CollectionDefinition): string {
  const content = toField(collection, "content");
  const start = `CASE WHEN json_valid(${content}) THEN (
    SELECT group_concat(CASE WHEN span.type = 'object' AND json_type(span.value, '$.text') = 'text' THEN json_extract(span.value, '$.text') END, '')
    FROM json_each(${content}, '$[0].children') AS span) END`;
  return `substr(coalesce(nullif(trim(${toField(collection, "excerpt")}), ''), nullif(seo.seo_description, ''), ${start}, ''), 1, 1000)`;
}

function toImageValue(value: string | number | null | undefined): unknown {
  if (typeof value !== "string" || !value.startsWith("{")) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    // Whatever was written there by SQL, it is no image.
    return null;
  }
}
