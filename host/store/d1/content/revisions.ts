/** Reads what items were. Who saved a revision is not answered. */
import type { ContentRevision } from "@bulkhead/sdk";
import type { CollectionDefinition } from "../../../content/collection.ts";
import { readSizedPage, TOO_LARGE, type SizedRow } from "../sized-page.ts";
import { toIso, toTable } from "./row.ts";

interface RevisionRow extends SizedRow {
  readonly id: string;
  readonly entry_id: string;
  readonly created_at: string | null;
}

/** Revisions of an item, the latest first. */
export async function listRevisions(
  db: D1Database,
  collection: CollectionDefinition,
  { id, limit, maxBytes }: { readonly id: string; readonly limit: number; readonly maxBytes: number },
): Promise<readonly ContentRevision[] | typeof TOO_LARGE> {
  const rows = await readSizedPage<RevisionRow>(db, {
    table: "revisions",
    column: "data",
    page: `SELECT rowid AS place, id, entry_id, created_at, octet_length(data) AS bytes FROM revisions
      WHERE ${toVisible(collection)} ORDER BY created_at DESC, id DESC LIMIT ?3`,
    values: [collection.slug, id, limit],
    orderBy: "page.created_at DESC, page.id DESC",
    maxBytes,
  });
  return rows === TOO_LARGE ? TOO_LARGE : rows.map((row) => toRevision(collection, row));
}

/** One revision of an item. */
export async function readRevision(
  db: D1Database,
  collection: CollectionDefinition,
  { id, revision }: { readonly id: string; readonly revision: string },
): Promise<ContentRevision | undefined> {
  const row = await db
    .prepare(`SELECT id, entry_id, created_at, data FROM revisions WHERE ${toVisible(collection)} AND id = ?3`)
    .bind(collection.slug, id, revision)
    .first<RevisionRow>();
  return row ? toRevision(collection, row) : undefined;
}

/** SQL: revisions of the item ?2 of the collection ?1, where it is not deleted. */
function toVisible(collection: CollectionDefinition): string {
  return `collection = ?1 AND entry_id = ?2
    AND EXISTS (SELECT 1 FROM ${toTable(collection)} AS item WHERE item.id = ?2 AND item.deleted_at IS NULL)`;
}

function toRevision(collection: CollectionDefinition, row: RevisionRow): ContentRevision {
  return {
    id: row.id,
    collection: collection.slug,
    entryId: row.entry_id,
    data: parseFields(row.data),
    createdAt: toIso(row.created_at) ?? new Date(0).toISOString(),
  };
}

/** What another writer left there may be no object, or no JSON. */
function parseFields(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const data: unknown = JSON.parse(text ?? "");
    return typeof data === "object" && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
