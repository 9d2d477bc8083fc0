/** What plugins were denied, by minute, on its way into the audit. */

/** A row of `_host_denials`. */
export interface DenialRow {
  readonly plugin_id: string;
  readonly capability: string;
  /** ISO 8601, cut after the minute. */
  readonly minute: string;
  readonly count: number;
  readonly targets: readonly string[];
}

/** Adds to what was denied, in one statement. Of all targets the first `targets` stay. */
export function addDenials(
  db: D1Database,
  rows: readonly DenialRow[],
  targets: number,
): readonly D1PreparedStatement[] {
  if (rows.length === 0) return [];
  const statement = db
    .prepare(
      `INSERT INTO _host_denials (plugin_id, capability, minute, count, targets)
       SELECT value->>'plugin_id', value->>'capability', value->>'minute', value->>'count', value->'targets'
       FROM json_each(?1) WHERE true
       ON CONFLICT (plugin_id, capability, minute) DO UPDATE SET count = count + excluded.count, targets = (
         SELECT json_group_array(value) FROM (
           SELECT value, min(place) AS place FROM (
             SELECT value, key AS place FROM json_each(_host_denials.targets)
             UNION ALL SELECT value, key + ?2 FROM json_each(excluded.targets)
           ) GROUP BY value ORDER BY place LIMIT ?2))`,
    )
    .bind(JSON.stringify(rows), targets);
  return [statement];
}

/** The oldest rows of minutes before the given one. */
export async function listDenials(db: D1Database, before: string, limit: number): Promise<readonly DenialRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_denials WHERE minute < ? ORDER BY minute, plugin_id, capability LIMIT ?")
    .bind(before, limit)
    .all<Omit<DenialRow, "targets"> & { readonly targets: string }>();
  return results.map((row) => ({ ...row, targets: JSON.parse(row.targets) as string[] }));
}

/** Takes out what was listed, and leaves what was added since. */
export function takeDenials(db: D1Database, rows: readonly DenialRow[]): readonly D1PreparedStatement[] {
  return [
    db
      .prepare(
        `UPDATE _host_denials SET count = count - taken.value->>'count' FROM json_each(?) AS taken
         WHERE plugin_id = taken.value->>'plugin_id' AND capability = taken.value->>'capability'
           AND minute = taken.value->>'minute'`,
      )
      .bind(JSON.stringify(rows)),
    db.prepare("DELETE FROM _host_denials WHERE count <= 0"),
  ];
}
