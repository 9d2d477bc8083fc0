/**
 * Writes an item and everything that belongs to it in one D1 batch, which is one transaction: all of it or nothing. A write
 * to an existing item names the version it has read and changes nothing where that is no longer the current one.
 */
import type { ContentSeo } from "@bulkhead/sdk";
import type { CollectionDefinition } from "../../../content/collection.ts";
import type { ContentData } from "../../../content/fields.ts";
import { toItemStatement } from "./read.ts";
import { quote, toColumn, toStoredItem, toTable, type ContentRow, type StoredItem } from "./row.ts";

/** What came of a write. */
export type WriteResult =
  | { readonly kind: "written"; readonly stored: StoredItem }
  /** Another item has the slug in this locale. */
  | { readonly kind: "slug-taken" }
  /** The idempotency key was used before. */
  | { readonly kind: "key-used" }
  /** A field that the registry calls unique has a value that another item has. */
  | { readonly kind: "not-unique"; readonly columns: string }
  /** The item changed or vanished since it was read. */
  | { readonly kind: "changed" };

/** A new item. Times are ISO 8601. */
export interface NewItem {
  readonly id: string;
  readonly revisionId: string;
  readonly slug: string;
  readonly locale: string;
  readonly data: ContentData;
  readonly seo: ContentSeo | undefined;
  readonly at: string;
  /** Null: a draft. */
  readonly publishedAt: string | null;
  /** The user, where one wrote it. */
  readonly authorId: string | null;
  /** Whoever wrote it, for the revision. */
  readonly editor: string;
  readonly idempotency: { readonly owner: string; readonly key: string } | undefined;
}

/** What changes of an item. */
export interface ItemChange {
  readonly id: string;
  /** The version that was read. */
  readonly version: number;
  readonly revisionId: string;
  /** All fields after the change, for the revision. */
  readonly data: ContentData;
  /** The fields that change. */
  readonly patch: ContentData;
  readonly slug: string | undefined;
  readonly seo: ContentSeo | undefined;
  readonly at: string;
  readonly editor: string;
}

/** Writes a new item. */
export function insertItem(db: D1Database, collection: CollectionDefinition, item: NewItem): Promise<WriteResult> {
  const columns: Record<string, string | number | null> = {
    id: item.id,
    slug: item.slug,
    status: item.publishedAt === null ? "draft" : "published",
    author_id: item.authorId,
    created_at: item.at,
    updated_at: item.at,
    published_at: item.publishedAt,
    version: 1,
    live_revision_id: item.publishedAt === null ? null : item.revisionId,
    locale: item.locale,
    translation_group: item.id,
  };
  for (const field of collection.fields) {
    // What is not given stays at the column's default, which may be NOT NULL.
    if (Object.hasOwn(item.data, field.name)) columns[field.name] = toColumn(field, item.data[field.name]);
  }
  const names = Object.keys(columns);
  const statements = [
    db
      .prepare(
        "INSERT INTO revisions (id, collection, entry_id, data, author_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .bind(item.revisionId, collection.slug, item.id, JSON.stringify(item.data), item.editor, item.at),
    db
      .prepare(
        `INSERT INTO ${toTable(collection)} (${names.map(quote).join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      )
      .bind(...Object.values(columns)),
  ];
  if (item.idempotency) {
    // First, so that a repeated key ends the batch before anything is written.
    const { owner, key } = item.idempotency;
    statements.unshift(
      db
        .prepare(
          "INSERT INTO _host_idempotency (plugin_id, key, collection, content_id, created_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(owner, key, collection.slug, item.id, item.at),
    );
  }
  if (item.seo) statements.push(toSeoStatement(db, collection, item.seo, { id: item.id, version: 1, at: item.at }));
  return write(db, collection, item.id, statements);
}

/** Writes a change with its revision. A published item's change is public at once. */
export function updateItem(db: D1Database, collection: CollectionDefinition, change: ItemChange): Promise<WriteResult> {
  const assignments: string[] = [];
  const parameters: (string | number | null)[] = [change.id, change.version, change.at, change.revisionId];
  const set = (name: string, value: string | number | null): void => {
    assignments.push(`${quote(name)} = ?${parameters.push(value)}`);
  };
  if (change.slug !== undefined) set("slug", change.slug);
  for (const field of collection.fields) {
    if (Object.hasOwn(change.patch, field.name)) set(field.name, toColumn(field, change.patch[field.name]));
  }
  const current = toCurrentCondition(collection);
  const statements = [
    db
      .prepare(
        `INSERT INTO revisions (id, collection, entry_id, data, author_id, created_at)
         SELECT ?4, ?5, ?1, ?6, ?7, ?3 WHERE ${current}`,
      )
      .bind(
        change.id,
        change.version,
        change.at,
        change.revisionId,
        collection.slug,
        JSON.stringify(change.data),
        change.editor,
      ),
  ];
  if (change.seo) statements.push(toSeoStatement(db, collection, change.seo, change));
  const common = [
    "updated_at = ?3",
    "version = ?2 + 1",
    "live_revision_id = CASE WHEN status = 'published' THEN ?4 ELSE live_revision_id END",
  ];
  // Last: the statements before it look for the version that this one ends.
  statements.push(
    db
      .prepare(
        `UPDATE ${toTable(collection)} SET ${[...assignments, ...common].join(", ")}
         WHERE id = ?1 AND coalesce(version, 1) = ?2 AND deleted_at IS NULL`,
      )
      .bind(...parameters),
  );
  return write(db, collection, change.id, statements);
}

/** Runs a batch that writes one item, and reads that item at its end. */
export async function write(
  db: D1Database,
  collection: CollectionDefinition,
  id: string,
  statements: readonly D1PreparedStatement[],
): Promise<WriteResult> {
  try {
    const results = await db.batch<ContentRow>([...statements, toItemStatement(db, collection, id)]);
    const row = results.at(-1)?.results[0];
    // Counted over all statements, for each of them writes only while the item has the version that was read.
    const changed = results.some((result) => result.meta.changes > 0);
    return row && changed ? { kind: "written", stored: toStoredItem(collection, row) } : { kind: "changed" };
  } catch (error) {
    const columns = toUniqueColumns(error);
    if (columns === undefined) throw error;
    if (columns.includes("_host_idempotency.key")) return { kind: "key-used" };
    const isSlug = columns.includes(`ec_${collection.slug}.slug`);
    return isSlug ? { kind: "slug-taken" } : { kind: "not-unique", columns: columns.join(", ") };
  }
}

/** True within a batch while the item has the version ?2 and is not deleted. */
function toCurrentCondition(collection: CollectionDefinition): string {
  return `EXISTS (SELECT 1 FROM ${toTable(collection)} WHERE id = ?1 AND coalesce(version, 1) = ?2 AND deleted_at IS NULL)`;
}

/** Writes the SEO fields that are given; null clears one. */
function toSeoStatement(
  db: D1Database,
  collection: CollectionDefinition,
  seo: ContentSeo,
  at: { readonly id: string; readonly version: number; readonly at: string },
): D1PreparedStatement {
  const columns: Record<string, string | number | null> = {};
  if (seo.title !== undefined) columns["seo_title"] = seo.title;
  if (seo.description !== undefined) columns["seo_description"] = seo.description;
  if (seo.image !== undefined) columns["seo_image"] = seo.image;
  if (seo.canonical !== undefined) columns["seo_canonical"] = seo.canonical;
  if (seo.noIndex !== undefined) columns["seo_no_index"] = seo.noIndex ? 1 : 0;
  const names = Object.keys(columns);
  const values = names.map((_, index) => `?${index + 5}`);
  return db
    .prepare(
      `INSERT INTO _emdash_seo (collection, content_id, created_at, updated_at${names.map((name) => `, ${name}`).join("")})
       SELECT ?4, ?1, ?3, ?3${values.map((value) => `, ${value}`).join("")} WHERE ${toCurrentCondition(collection)}
       ON CONFLICT (collection, content_id) DO UPDATE SET
       ${["updated_at", ...names].map((name) => `${name} = excluded.${name}`).join(", ")}`,
    )
    .bind(at.id, at.version, at.at, collection.slug, ...Object.values(columns));
}

/** The columns of a broken UNIQUE constraint, as SQLite names them: `ec_posts.slug` and `ec_posts.locale`. */
function toUniqueColumns(error: unknown): readonly string[] | undefined {
  const message = error instanceof Error ? error.message : String(error);
  return /UNIQUE constraint failed: ([^:]+)/.exec(message)?.[1]?.trim().split(", ");
}
