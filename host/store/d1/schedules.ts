/** Schedules as rows, and the lease that lets only one of several Workers run a due one. */

import type { Stored } from "../../usage/meters.ts";

/** A row of `_host_schedules`. */
export interface ScheduleRow {
  readonly plugin_id: string;
  readonly name: string;
  readonly source: "manifest" | "plugin";
  readonly schedule: string;
  readonly timezone: string;
  /** JSON text. */
  readonly data: string | null;
  readonly next_run_at: string | null;
  readonly last_run_at: string | null;
  readonly lease_token: string | null;
  readonly lease_until: string | null;
}

/** A due schedule. Its data, which may be large, comes with the lease. */
export type DueSchedule = Pick<ScheduleRow, "plugin_id" | "name" | "schedule" | "timezone">;

/** What the holder of a lease runs: the time it was due and the task's data as JSON text. */
export interface Leased {
  readonly dueAt: string;
  readonly data: string | null;
}

/** The parts of a schedule that its owner decides. */
export type NewSchedule = Pick<
  ScheduleRow,
  "plugin_id" | "name" | "source" | "schedule" | "timezone" | "data" | "next_run_at"
>;

/** A schedule in a list: without its data, of which all together may be larger than an isolate. */
export type ListedSchedule = Pick<
  ScheduleRow,
  "plugin_id" | "name" | "source" | "schedule" | "timezone" | "next_run_at" | "last_run_at"
>;

/** The schedules of a plugin. */
export async function listSchedules(db: D1Database, plugin: string): Promise<readonly ListedSchedule[]> {
  const { results } = await db
    .prepare(
      `SELECT plugin_id, name, source, schedule, timezone, next_run_at, last_run_at FROM _host_schedules
       WHERE plugin_id = ? ORDER BY name`,
    )
    .bind(plugin)
    .all<ListedSchedule>();
  return results;
}

/** Schedules of enabled plugins that are due and not leased: of every plugin its first, then of every plugin its second. */
export async function listDue(db: D1Database, now: string, limit: number): Promise<readonly DueSchedule[]> {
  const { results } = await db
    .prepare(
      `SELECT s.plugin_id, s.name, s.schedule, s.timezone, row_number() OVER (PARTITION BY s.plugin_id ORDER BY s.next_run_at) AS turn
       FROM _host_schedules s JOIN _host_plugins p ON p.id = s.plugin_id AND p.state = 'enabled'
       WHERE s.next_run_at <= ?1 AND (s.lease_until IS NULL OR s.lease_until <= ?1)
       ORDER BY turn, s.next_run_at LIMIT ?2`,
    )
    .bind(now, limit)
    .all<DueSchedule>();
  return results;
}

/** Takes the lease of a due schedule; null where another Worker has it or it no longer is. */
export async function takeLease(
  db: D1Database,
  row: Pick<ScheduleRow, "plugin_id" | "name">,
  lease: { readonly token: string; readonly now: string; readonly until: string },
): Promise<Leased | null> {
  return db
    .prepare(
      `UPDATE _host_schedules SET lease_token = ?1, lease_until = ?2
       WHERE plugin_id = ?3 AND name = ?4 AND next_run_at <= ?5 AND (lease_until IS NULL OR lease_until <= ?5)
       RETURNING next_run_at AS dueAt, data`,
    )
    .bind(lease.token, lease.until, row.plugin_id, row.name, lease.now)
    .first<Leased>();
}

/**
 * Ends a run: the lease is given back, if it is still ours, and the next time is set, unless somebody set another one
 * during the run: a person who wants it run again, or the plugin itself. A task that has no next time is forgotten.
 */
export function releaseLease(
  db: D1Database,
  row: Pick<ScheduleRow, "plugin_id" | "name">,
  end: {
    readonly token: string;
    readonly lastRunAt: string;
    /** When the run was due. */
    readonly dueAt: string;
    readonly nextRunAt: string | null;
  },
): readonly D1PreparedStatement[] {
  return [
    db
      .prepare(
        `UPDATE _host_schedules SET last_run_at = ?1, lease_token = NULL, lease_until = NULL,
           next_run_at = CASE WHEN next_run_at IS ?2 THEN ?3 ELSE next_run_at END
         WHERE plugin_id = ?4 AND name = ?5 AND lease_token = ?6`,
      )
      .bind(end.lastRunAt, end.dueAt, end.nextRunAt, row.plugin_id, row.name, end.token),
    db
      .prepare(
        `DELETE FROM _host_schedules
         WHERE plugin_id = ? AND name = ? AND source = 'plugin' AND next_run_at IS NULL AND lease_token IS NULL`,
      )
      .bind(row.plugin_id, row.name),
  ];
}

/** Writes a schedule; one that exists keeps its last run. */
export function putSchedule(db: D1Database, row: NewSchedule): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_schedules (plugin_id, name, source, schedule, timezone, data, next_run_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (plugin_id, name) DO UPDATE SET source = excluded.source, schedule = excluded.schedule,
         timezone = excluded.timezone, data = excluded.data, next_run_at = excluded.next_run_at`,
    )
    .bind(row.plugin_id, row.name, row.source, row.schedule, row.timezone, row.data, row.next_run_at);
}

/** What came of a plugin's own schedule. `taken`: the manifest has one of that name; `full`: the plugin has as many as it may. */
export type OwnScheduleEnd = "written" | "taken" | "full";

/**
 * Writes a schedule of the plugin's own, over one of its own of that name, where it then has at most `most` of all kinds.
 *
 * SECURITY: one statement counts and writes, so that calls side by side cannot all have the last place.
 * (tests/host/schedules.test.ts, "the last places are given once")
 */
export async function putOwnSchedule(
  db: D1Database,
  row: Omit<NewSchedule, "source">,
  most: number,
): Promise<OwnScheduleEnd> {
  const [written, there] = await db.batch<{ readonly source: ScheduleRow["source"] }>([
    db
      .prepare(
        `INSERT INTO _host_schedules (plugin_id, name, source, schedule, timezone, data, next_run_at)
         SELECT ?1, ?2, 'plugin', ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM _host_schedules WHERE plugin_id = ?1 AND name <> ?2) < ?7
         ON CONFLICT (plugin_id, name) DO UPDATE SET schedule = excluded.schedule, timezone = excluded.timezone,
           data = excluded.data, next_run_at = excluded.next_run_at WHERE source = 'plugin'
         RETURNING source`,
      )
      .bind(row.plugin_id, row.name, row.schedule, row.timezone, row.data, row.next_run_at, most),
    db.prepare("SELECT source FROM _host_schedules WHERE plugin_id = ? AND name = ?").bind(row.plugin_id, row.name),
  ]);
  if (written!.results.length > 0) return "written";
  return there!.results[0]?.source === "manifest" ? "taken" : "full";
}

/** Bytes of the data that a plugin's schedules carry, each with some counting as a row. */
export async function measureSchedules(db: D1Database, plugin: string): Promise<Stored> {
  const row = await db
    .prepare(
      `SELECT count(data) AS rowsStored, coalesce(sum(octet_length(data)), 0) AS bytesStored, 0 AS kvKeys
       FROM _host_schedules WHERE plugin_id = ?`,
    )
    .bind(plugin)
    .first<Stored>();
  return row ?? { rowsStored: 0, bytesStored: 0, kvKeys: 0 };
}

/** Makes a schedule due at a time. */
export function setDue(db: D1Database, plugin: string, name: string, at: string): D1PreparedStatement {
  return db
    .prepare("UPDATE _host_schedules SET next_run_at = ? WHERE plugin_id = ? AND name = ?")
    .bind(at, plugin, name);
}

/** Removes one schedule of the plugin's own making; the manifest's stay. */
export async function deleteOwnSchedule(db: D1Database, plugin: string, name: string): Promise<void> {
  await db
    .prepare("DELETE FROM _host_schedules WHERE plugin_id = ? AND name = ? AND source = 'plugin'")
    .bind(plugin, name)
    .run();
}

/** Removes the manifest's schedules that are not among `names`. */
export function keepManifestSchedules(db: D1Database, plugin: string, names: readonly string[]): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM _host_schedules WHERE plugin_id = ?1 AND source = 'manifest'
       AND name NOT IN (SELECT value FROM json_each(?2))`,
    )
    .bind(plugin, JSON.stringify(names));
}

/** Removes every schedule of a plugin. */
export function deleteSchedules(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_schedules WHERE plugin_id = ?").bind(plugin);
}
