/** Which collections does the registry know, and which fields do they have? */
import { toCollection, type CollectionDefinition, type FieldRow } from "../../../content/collection.ts";

/** A collection by slug, or undefined where the registry has none. */
export async function readCollection(db: D1Database, slug: string): Promise<CollectionDefinition | undefined> {
  const { results } = await db
    .prepare(
      `SELECT collection.slug AS collection, field.slug, field.type, field.required, field.validation
       FROM _emdash_collections AS collection LEFT JOIN _emdash_fields AS field ON field.collection_id = collection.id
       WHERE collection.slug = ? ORDER BY field.sort_order, field.slug`,
    )
    .bind(slug)
    .all<CollectionFieldRow>();
  const [first] = results;
  return first && toCollection(first.collection, withFields(results));
}

/** All collections with their fields. */
export async function readCollections(db: D1Database): Promise<readonly CollectionDefinition[]> {
  const { results } = await db
    .prepare(
      `SELECT collection.slug AS collection, field.slug, field.type, field.required, field.validation
       FROM _emdash_collections AS collection LEFT JOIN _emdash_fields AS field ON field.collection_id = collection.id
       ORDER BY collection.slug, field.sort_order, field.slug`,
    )
    .all<CollectionFieldRow>();
  return [...Map.groupBy(results, (row) => row.collection)].map(([slug, rows]) => toCollection(slug, withFields(rows)));
}

type CollectionFieldRow = { readonly collection: string } & { readonly [Key in keyof FieldRow]: FieldRow[Key] | null };

/** A collection without fields comes as one row of nulls. */
function withFields(rows: readonly CollectionFieldRow[]): readonly FieldRow[] {
  return rows.filter((row): row is { collection: string } & FieldRow => row.slug !== null && row.type !== null);
}

/** The slugs of all collections. */
export async function listCollections(db: D1Database): Promise<readonly string[]> {
  const { results } = await db
    .prepare("SELECT slug FROM _emdash_collections ORDER BY slug LIMIT 50")
    .all<{ slug: string }>();
  return results.map((row) => row.slug);
}
