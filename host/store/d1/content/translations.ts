/** Reads in which languages an item is there: the items of its translation group, itself among them. */
import type { ContentTranslations } from "@bulkhead/sdk";
import type { CollectionDefinition } from "../../../content/collection.ts";
import { toIso, toTable } from "./row.ts";

/** Translations that are answered: one for each language there is. */
const MAX_TRANSLATIONS = 500;

/** The translations of an item, by locale; undefined where there is no such item. */
export async function readTranslations(
  db: D1Database,
  collection: CollectionDefinition,
  id: string,
): Promise<ContentTranslations | undefined> {
  const table = toTable(collection);
  const { results } = await db
    .prepare(
      `SELECT coalesce(item.translation_group, item.id) AS translation_group,
         other.id, other.locale, other.slug, other.status, other.updated_at
       FROM ${table} AS item JOIN ${table} AS other
         ON other.deleted_at IS NULL AND (other.id = item.id OR other.translation_group = item.translation_group)
       WHERE item.id = ?1 AND item.deleted_at IS NULL ORDER BY other.locale, other.id LIMIT ?2`,
    )
    .bind(id, MAX_TRANSLATIONS)
    .all<{
      translation_group: string;
      id: string;
      locale: string;
      slug: string | null;
      status: string | null;
      updated_at: string | null;
    }>();
  const [first] = results;
  if (!first) return undefined;
  return {
    translationGroup: first.translation_group,
    translations: results.map((row) => ({
      id: row.id,
      locale: row.locale,
      slug: row.slug,
      status: row.status ?? "draft",
      updatedAt: toIso(row.updated_at) ?? new Date(0).toISOString(),
    })),
  };
}
