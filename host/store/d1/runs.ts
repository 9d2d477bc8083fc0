/** Runs of schedules as rows: one for each try, and one for what was left out. */

/**
 * - `due`: asked for by hand, and not begun.
 * - `crashed`: its Worker stopped before it ended.
 * - `skipped`: it was never begun; `error` says why.
 */
export type RunStatus = "due" | "running" | "ok" | "failed" | "crashed" | "skipped";

/** A row of `_host_runs`. */
export interface RunRow {
  readonly id: string;
  readonly plugin_id: string;
  readonly version: string;
  readonly schedule: string;
  readonly status: RunStatus;
  readonly due_at: string;
  /** Which try for that time: 1 is the first. */
  readonly attempt: number;
  readonly started_at: string | null;
  readonly duration_ms: number | null;
  readonly fuel: number | null;
  readonly host_calls: number | null;
  readonly error: string | null;
}

/** What a run that has not begun has to show. */
export const NOT_BEGUN = {
  attempt: 1,
  started_at: null,
  duration_ms: null,
  fuel: null,
  host_calls: null,
  error: null,
} as const;

const CRASHED = "status = 'crashed', error = 'The Worker stopped during this run.'";

/** Writes a run's row whole. */
export function putRun(db: D1Database, row: RunRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_runs (id, plugin_id, version, schedule, status, due_at, attempt, started_at, duration_ms, fuel, host_calls, error)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, status = excluded.status, due_at = excluded.due_at,
         attempt = excluded.attempt, started_at = excluded.started_at, duration_ms = excluded.duration_ms,
         fuel = excluded.fuel, host_calls = excluded.host_calls, error = excluded.error`,
    )
    .bind(
      row.id,
      row.plugin_id,
      row.version,
      row.schedule,
      row.status,
      row.due_at,
      row.attempt,
      row.started_at,
      row.duration_ms,
      row.fuel,
      row.host_calls,
      row.error,
    );
}

/** How a run ended. */
export type RunEnd = Pick<RunRow, "status" | "started_at" | "duration_ms" | "fuel" | "host_calls" | "error">;

/** Ends a run, unless it was taken for crashed meanwhile: then another has its time already. */
export function endRun(db: D1Database, id: string, end: RunEnd): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE _host_runs SET status = ?, started_at = ?, duration_ms = ?, fuel = ?, host_calls = ?, error = ?
       WHERE id = ? AND status = 'running'`,
    )
    .bind(end.status, end.started_at, end.duration_ms, end.fuel, end.host_calls, end.error, id);
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

/** Marks the run whose lease is over and that never ended. */
export function crashRun(db: D1Database, id: string): D1PreparedStatement {
  return db.prepare(`UPDATE _host_runs SET ${CRASHED} WHERE id = ? AND status = 'running'`).bind(id);
}

/** The same for runs nobody will look for, since their schedule is gone or paused: they started before the time. */
export function crashAbandonedRuns(db: D1Database, startedBefore: string): D1PreparedStatement {
  return db.prepare(`UPDATE _host_runs SET ${CRASHED} WHERE status = 'running' AND started_at < ?`).bind(startedBefore);
}

/** Keeps the newest runs of every plugin. */
export function pruneRuns(db: D1Database, kept: number): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM _host_runs WHERE id IN (
         SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY plugin_id ORDER BY id DESC) AS place FROM _host_runs)
         WHERE place > ?)`,
    )
    .bind(kept);
}
