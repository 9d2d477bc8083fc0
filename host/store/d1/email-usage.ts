/** How many recipients did plugins' mails have, by day and plugin? */

/** How many a day has. */
export interface EmailDay {
  readonly own: number;
  readonly all: number;
}

/**
 * Counts recipients where the day has room for them, the plugin's own and all plugins' together; else tells what it has.
 *
 * SECURITY: one statement checks and counts, so that mails side by side cannot both have the last of it. (tests/host/email.test.ts, "at once")
 */
export async function countRecipients(
  db: D1Database,
  place: { readonly plugin: string; readonly day: string },
  recipients: number,
  limits: EmailDay,
): Promise<{ readonly counted: true } | { readonly counted: false; readonly day: EmailDay }> {
  const own = "(SELECT coalesce(sum(recipients), 0) FROM _host_email_usage WHERE day = ?1 AND plugin_id = ?2)";
  const all = "(SELECT coalesce(sum(recipients), 0) FROM _host_email_usage WHERE day = ?1)";
  const [written, read] = await db.batch<unknown>([
    db
      .prepare(
        `INSERT INTO _host_email_usage (day, plugin_id, recipients)
         SELECT ?1, ?2, ?3 WHERE ${own} + ?3 <= ?4 AND ${all} + ?3 <= ?5
         ON CONFLICT (day, plugin_id) DO UPDATE SET recipients = recipients + excluded.recipients
         RETURNING recipients`,
      )
      .bind(place.day, place.plugin, recipients, limits.own, limits.all),
    db.prepare(`SELECT ${own} AS own, ${all} AS "all"`).bind(place.day, place.plugin),
  ]);
  if (written!.results.length > 0) return { counted: true };
  return { counted: false, day: read!.results[0] as EmailDay };
}

/** Forgets days before one. */
export function pruneEmail(db: D1Database, day: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_email_usage WHERE day < ?").bind(day);
}
