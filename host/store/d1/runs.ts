/** Runs of schedules as rows. */

/** A row of `_host_runs`. */
export interface RunRow {
  readonly id: string;
  readonly plugin_id: string;
  readonly version: string;
  readonly schedule: string;
  readonly status: "due" | "running" | "ok" | "failed";
  readonly due_at: string;
  readonly started_at: string | null;
  readonly duration_ms: number | null;
  readonly fuel: number | null;
  readonly host_calls: number | null;
  readonly error: string | null;
}

/** Writes a run's row whole. */
export function putRun(db: D1Database, row: RunRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_runs (id, plugin_id, version, schedule, status, due_at, started_at, duration_ms, fuel, host_calls, error)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status,
         started_at = excluded.started_at, duration_ms = excluded.duration_ms, fuel = excluded.fuel,
         host_calls = excluded.host_calls, error = excluded.error`,
    )
    .bind(
      row.id,
      row.plugin_id,
      row.version,
      row.schedule,
      row.status,
      row.due_at,
      row.started_at,
      row.duration_ms,
      row.fuel,
      row.host_calls,
      row.error,
    );
}

/** The run that was asked for by hand and has not started, if any. */
export async function findDueRun(db: D1Database, plugin: string, schedule: string): Promise<RunRow | null> {
  return db
    .prepare("SELECT * FROM _host_runs WHERE plugin_id = ? AND schedule = ? AND status = 'due' ORDER BY id LIMIT 1")
    .bind(plugin, schedule)
    .first<RunRow>();
}

/** A plugin's runs older than the cursor, newest first. */
export async function listRuns(
  db: D1Database,
  plugin: string,
  before: string | undefined,
  limit: number,
): Promise<readonly RunRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_runs WHERE plugin_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
    .bind(plugin, before ?? "~", limit)
    .all<RunRow>();
  return results;
}

/** Ends runs that a stopped Worker left behind: they started before the time and never ended. */
export function failAbandonedRuns(db: D1Database, startedBefore: string): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE _host_runs SET status = 'failed', error = 'The Worker stopped during this run.'
       WHERE status = 'running' AND started_at < ?`,
    )
    .bind(startedBefore);
}
