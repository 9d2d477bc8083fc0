/** Sealed secrets as rows. This file never sees a value. */

/** When and by whom a secret was set. */
export interface SecretRow {
  readonly key: string;
  readonly envelope: string;
  readonly set_at: string;
  readonly set_by: string;
}

/** Every secret of a plugin. */
export async function listSecrets(db: D1Database, plugin: string): Promise<readonly SecretRow[]> {
  const { results } = await db
    .prepare("SELECT key, envelope, set_at, set_by FROM _host_secrets WHERE plugin_id = ?")
    .bind(plugin)
    .all<SecretRow>();
  return results;
}

/** Writes a secret's envelope. */
export function putSecret(db: D1Database, plugin: string, row: SecretRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_secrets (plugin_id, key, envelope, set_at, set_by) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (plugin_id, key) DO UPDATE SET envelope = excluded.envelope, set_at = excluded.set_at, set_by = excluded.set_by`,
    )
    .bind(plugin, row.key, row.envelope, row.set_at, row.set_by);
}

/** Removes one secret. */
export function deleteSecret(db: D1Database, plugin: string, key: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_secrets WHERE plugin_id = ? AND key = ?").bind(plugin, key);
}

/** Removes every secret of a plugin. */
export function deleteSecrets(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_secrets WHERE plugin_id = ?").bind(plugin);
}

/** Every plugin's secrets, sealed. */
export async function listAllSecrets(
  db: D1Database,
): Promise<readonly { readonly plugin_id: string; readonly key: string; readonly envelope: string }[]> {
  const { results } = await db
    .prepare("SELECT plugin_id, key, envelope FROM _host_secrets ORDER BY plugin_id, key")
    .all<{ plugin_id: string; key: string; envelope: string }>();
  return results;
}

/** Replaces an envelope that is still the one. */
export async function replaceEnvelope(
  db: D1Database,
  { plugin, key }: { readonly plugin: string; readonly key: string },
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  await db
    .prepare("UPDATE _host_secrets SET envelope = ? WHERE plugin_id = ? AND key = ? AND envelope = ?")
    .bind(to, plugin, key, from)
    .run();
}
