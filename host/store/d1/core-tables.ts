/**
 * What does a plugin see in place of the site's own tables? A SELECT of published rows and public columns; with drafts,
 * every row that is not deleted and every column. Pure: names come from the registry of collections alone.
 */
import { SYSTEM_COLUMNS, type CollectionDefinition } from "../../content/collection.ts";

/** How much of a table is seen. */
export type Sight = "published" | "drafts";

/** The condition for a visitor. One definition for every table. */
const PUBLISHED = "status = 'published' AND deleted_at IS NULL AND slug IS NOT NULL AND slug <> ''";
const PUBLIC_COLUMNS = [
  "id",
  "slug",
  "locale",
  "translation_group",
  "created_at",
  "updated_at",
  "published_at",
] as const;
const PUBLIC_MEDIA = "id, filename, mime_type, size, width, height, alt, caption, storage_key, created_at";

/** The SELECTs that stand in for these tables, by name. A collection that is not there has none. */
export function toCoreTables(
  names: readonly string[],
  collections: readonly CollectionDefinition[],
  sight: Sight,
): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name) => {
      const select = toSelect(name, collections, sight);
      return select === undefined ? [] : [[name, select] as const];
    }),
  );
}

function toSelect(name: string, collections: readonly CollectionDefinition[], sight: Sight): string | undefined {
  const all = sight === "drafts";
  switch (name) {
    case "taxonomies":
      return "SELECT id, name, slug, label, parent_id, data, locale, translation_group FROM taxonomies";
    case "content_taxonomies":
      return `SELECT collection, entry_id, taxonomy_id FROM content_taxonomies${all ? "" : ` WHERE ${seenBy(collections, "entry_id", "coalesce(translation_group, id)")}`}`;
    case "_emdash_seo":
      return `SELECT collection, content_id, seo_title, seo_description, seo_image, seo_canonical, seo_no_index FROM _emdash_seo${all ? "" : ` WHERE ${seenBy(collections, "content_id", "id")}`}`;
    case "media":
      return all
        ? `SELECT ${PUBLIC_MEDIA}, status, author_id FROM media`
        : `SELECT ${PUBLIC_MEDIA} FROM media WHERE status = 'ready'`;
  }
  const collection = collections.find(({ slug }) => `ec_${slug}` === name);
  if (!collection) return undefined;
  const columns = [...(all ? SYSTEM_COLUMNS : PUBLIC_COLUMNS), ...collection.fields.map((field) => field.name)];
  const where = all ? "deleted_at IS NULL" : PUBLISHED;
  return `SELECT ${columns.map((column) => `"${column}"`).join(", ")} FROM "${name}" WHERE ${where}`;
}

/** SECURITY: what belongs to a draft is as little seen as the draft. (tests/host/db.test.ts, "nothing of a draft") */
function seenBy(collections: readonly CollectionDefinition[], column: string, key: string): string {
  const each = collections.map(
    ({ slug }) => `collection = '${slug}' AND "${column}" IN (SELECT ${key} FROM "ec_${slug}" WHERE ${PUBLISHED})`,
  );
  return each.length === 0 ? "0" : `(${each.join(" OR ")})`;
}
