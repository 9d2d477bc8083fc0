/**
 * How does an item stand in its row? Columns to item and back. Pure. Every table and column name in SQL is made here, from
 * a CollectionDefinition, whose names were checked.
 */
import type { ContentItem, ContentSeo } from "@bulkhead/sdk";
import type { CollectionDefinition, FieldDefinition } from "../../../content/collection.ts";

/** A row of a content table joined with `_emdash_seo`, as D1 returns it. */
export type ContentRow = Readonly<Record<string, string | number | null>>;

/** An item with what only writers need. */
export interface StoredItem {
  readonly item: ContentItem;
  /** Counts the writes; a write names the one it has read. */
  readonly version: number;
}

/** The quoted table of a collection. */
export function toTable(collection: CollectionDefinition): string {
  return quote(`ec_${collection.slug}`);
}

/** A name within SQL. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The columns of `item` and `seo` that `toStoredItem` reads. */
export function toColumns(collection: CollectionDefinition): string {
  const system = ["id", "slug", "status", "locale", "created_at", "updated_at", "published_at", "version"];
  const seo = ["seo_title", "seo_description", "seo_image", "seo_canonical", "seo_no_index"];
  return [
    ...[...system, ...collection.fields.map((field) => field.name)].map((name) => `item.${quote(name)}`),
    ...seo.map((name) => `seo.${name} AS "seo.${name}"`),
    // A field may be called like an SEO column, so those come back under names that no field can have.
    `seo.content_id AS "seo.content_id"`,
  ].join(", ");
}

/** The item of a row that `toColumns` selected. */
export function toStoredItem(collection: CollectionDefinition, row: ContentRow): StoredItem {
  const data: Record<string, unknown> = {};
  for (const field of collection.fields) data[field.name] = fromColumn(field, row[field.name] ?? null);
  const seo = row["seo.content_id"] === null ? undefined : toSeo(row);
  const item: ContentItem = {
    id: String(row["id"]),
    type: collection.slug,
    slug: text(row["slug"]),
    status: text(row["status"]) ?? "draft",
    locale: text(row["locale"]) ?? "en",
    data,
    ...(seo ? { seo } : {}),
    createdAt: toIso(row["created_at"]) ?? new Date(0).toISOString(),
    updatedAt: toIso(row["updated_at"]) ?? new Date(0).toISOString(),
    publishedAt: toIso(row["published_at"]),
  };
  return { item, version: Number(row["version"] ?? 1) };
}

/** A field's value as its column takes it. */
export function toColumn(field: FieldDefinition, value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  switch (field.type) {
    case "boolean":
      return value === true ? 1 : 0;
    case "number":
    case "integer":
      return Number(value);
    case "image":
    case "file":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "portableText":
    case "multiSelect":
    case "repeater":
    case "json":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** A time column as ISO 8601. EmDash's defaults write `YYYY-MM-DD HH:MM:SS`, in UTC. */
export function toIso(value: string | number | null | undefined): string | null {
  if (typeof value !== "string" || value === "") return null;
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) ? `${value.replace(" ", "T")}.000Z` : value;
}

function fromColumn(field: FieldDefinition, value: string | number | null): unknown {
  if (value === null) return null;
  switch (field.type) {
    case "boolean":
      return value === 1;
    case "image":
    case "file":
      return typeof value === "string" && value.startsWith("{") ? parseJson(value) : value;
    case "portableText":
    case "multiSelect":
    case "repeater":
    case "json":
      return typeof value === "string" ? parseJson(value) : value;
    default:
      return value;
  }
}

/** A column may hold what SQL wrote into it; a text that is no JSON is then shown as the text it is. */
function parseJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

function toSeo(row: ContentRow): ContentSeo {
  return {
    title: text(row["seo.seo_title"]),
    description: text(row["seo.seo_description"]),
    image: text(row["seo.seo_image"]),
    canonical: text(row["seo.seo_canonical"]),
    noIndex: row["seo.seo_no_index"] === 1,
  };
}

function text(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
