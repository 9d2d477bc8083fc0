/** Publishers' keys, and which of them each plugin is held to. Reads give rows; writes give statements, for the batch of an act. */

/** A row of `_host_publisher_keys`. */
export interface PublisherKeyRow {
  readonly key_id: string;
  readonly public_key: string;
  readonly publisher: string;
  readonly note: string;
  readonly registered_at: string;
  readonly registered_by: string;
  readonly revoked_at: string | null;
  readonly revoked_by: string | null;
  readonly revoked_note: string | null;
  readonly replaced_by: string | null;
  readonly replaced_at: string | null;
}

/** A row of `_host_pins`. */
export interface PinRow {
  readonly plugin_id: string;
  readonly key_id: string;
  readonly publisher: string;
  readonly how: "first" | "rotated" | "replaced" | "accepted";
  readonly previous_key_id: string | null;
  readonly pinned_at: string;
  readonly pinned_by: string;
}

/** Every key, for a batch that reads them together with what they bound. */
export function selectPublisherKeys(db: D1Database): D1PreparedStatement {
  return db.prepare("SELECT * FROM _host_publisher_keys ORDER BY registered_at, key_id");
}

/** Writes a key whole. */
export function putPublisherKey(db: D1Database, row: PublisherKeyRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_publisher_keys (key_id, public_key, publisher, note, registered_at, registered_by, revoked_at,
         revoked_by, revoked_note, replaced_by, replaced_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key_id) DO UPDATE SET revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by,
         revoked_note = excluded.revoked_note, replaced_by = excluded.replaced_by, replaced_at = excluded.replaced_at`,
    )
    .bind(
      row.key_id,
      row.public_key,
      row.publisher,
      row.note,
      row.registered_at,
      row.registered_by,
      row.revoked_at,
      row.revoked_by,
      row.revoked_note,
      row.replaced_by,
      row.replaced_at,
    );
}

/** The key a plugin is held to, or null. */
export async function getPin(db: D1Database, plugin: string): Promise<PinRow | null> {
  return db.prepare("SELECT * FROM _host_pins WHERE plugin_id = ?").bind(plugin).first<PinRow>();
}

/** Every pin, by plugin. */
export async function listPins(db: D1Database): Promise<readonly PinRow[]> {
  return (await db.prepare("SELECT * FROM _host_pins ORDER BY plugin_id").all<PinRow>()).results;
}

/** Holds a plugin to a key. */
export function putPin(db: D1Database, row: PinRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_pins (plugin_id, key_id, publisher, how, previous_key_id, pinned_at, pinned_by)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (plugin_id) DO UPDATE SET key_id = excluded.key_id, publisher = excluded.publisher, how = excluded.how,
         previous_key_id = excluded.previous_key_id, pinned_at = excluded.pinned_at, pinned_by = excluded.pinned_by`,
    )
    .bind(row.plugin_id, row.key_id, row.publisher, row.how, row.previous_key_id, row.pinned_at, row.pinned_by);
}

/** Holds every plugin of one key to another. */
export function movePins(
  db: D1Database,
  {
    from,
    to,
    how,
    at,
    by,
  }: {
    readonly from: string;
    readonly to: string;
    readonly how: PinRow["how"];
    readonly at: string;
    readonly by: string;
  },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE _host_pins SET key_id = ?, previous_key_id = key_id, how = ?, pinned_at = ?, pinned_by = ? WHERE key_id = ?`,
    )
    .bind(to, how, at, by, from);
}

/** Holds a plugin to no key. */
export function deletePin(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_pins WHERE plugin_id = ?").bind(plugin);
}
