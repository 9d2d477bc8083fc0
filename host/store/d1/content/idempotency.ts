/** Which item did a create with this key make? */

/** The item of a key. */
export interface KeyedItem {
  readonly collection: string;
  readonly id: string;
}

/** The item that the owner's key made, or undefined where the key is new. */
export async function readKeyedItem(db: D1Database, owner: string, key: string): Promise<KeyedItem | undefined> {
  const row = await db
    .prepare("SELECT collection, content_id AS id FROM _host_idempotency WHERE plugin_id = ? AND key = ?")
    .bind(owner, key)
    .first<KeyedItem>();
  return row ?? undefined;
}
