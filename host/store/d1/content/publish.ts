/** Writes what changes an item's visibility: publishing, unpublishing, deleting. Each writes nothing where nothing changes. */
import type { CollectionDefinition } from "../../../content/collection.ts";
import { toTable, type StoredItem } from "./row.ts";
import { write, type WriteResult } from "./write.ts";

/** When and by whom, and the version that was read. */
export interface Stamp {
  readonly at: string;
  readonly revisionId: string;
  readonly editor: string;
}

/** Makes an item public with its latest revision; one that has none (a row of another writer) gets its first. */
export function publishItem(
  db: D1Database,
  collection: CollectionDefinition,
  stored: StoredItem,
  stamp: Stamp & { readonly publishedAt: string },
): Promise<WriteResult> {
  const { id, data } = stored.item;
  const table = toTable(collection);
  return write(db, collection, id, [
    db
      .prepare(
        `INSERT INTO revisions (id, collection, entry_id, data, author_id, created_at) SELECT ?3, ?4, ?1, ?5, ?6, ?7
         WHERE NOT EXISTS (SELECT 1 FROM revisions WHERE collection = ?4 AND entry_id = ?1)
         AND EXISTS (SELECT 1 FROM ${table} WHERE id = ?1 AND coalesce(version, 1) = ?2 AND deleted_at IS NULL)`,
      )
      .bind(id, stored.version, stamp.revisionId, collection.slug, JSON.stringify(data), stamp.editor, stamp.at),
    db
      .prepare(
        `UPDATE ${table} SET status = 'published', published_at = ?3, scheduled_at = NULL, updated_at = ?4, version = ?2 + 1,
         live_revision_id = (SELECT id FROM revisions WHERE collection = ?5 AND entry_id = ?1 ORDER BY created_at DESC, id DESC LIMIT 1)
         WHERE id = ?1 AND coalesce(version, 1) = ?2 AND deleted_at IS NULL`,
      )
      .bind(id, stored.version, stamp.publishedAt, stamp.at, collection.slug),
  ]);
}

/** Makes an item a draft again. As in EmDash it forgets when it was published. */
export function unpublishItem(
  db: D1Database,
  collection: CollectionDefinition,
  stored: StoredItem,
  at: string,
): Promise<WriteResult> {
  return write(db, collection, stored.item.id, [
    db
      .prepare(
        `UPDATE ${toTable(collection)} SET status = 'draft', published_at = NULL, scheduled_at = NULL, live_revision_id = NULL,
         updated_at = ?3, version = ?2 + 1 WHERE id = ?1 AND coalesce(version, 1) = ?2 AND deleted_at IS NULL`,
      )
      .bind(stored.item.id, stored.version, at),
  ]);
}

/** Deletes an item softly. False where there was none. */
export async function deleteItem(
  db: D1Database,
  collection: CollectionDefinition,
  id: string,
  at: string,
): Promise<boolean> {
  const result = await db
    .prepare(
      `UPDATE ${toTable(collection)} SET deleted_at = ?2, updated_at = ?2, version = coalesce(version, 1) + 1
       WHERE id = ?1 AND deleted_at IS NULL`,
    )
    .bind(id, at)
    .run();
  return result.meta.changes > 0;
}
