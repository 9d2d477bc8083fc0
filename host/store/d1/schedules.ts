/** Schedules as rows. What is due, and the lease on it, is `due-schedules.ts`. */

import type { Stored } from "../../usage/meters.ts";

/** A row of `_host_schedules`. */
export interface ScheduleRow {
  readonly plugin_id: string;
  readonly name: string;
  readonly source: "manifest" | "plugin";
  readonly schedule: string;
  readonly timezone: string;
  /** JSON text; null: the defaults. */
  readonly rules: string | null;
  /** JSON text. */
  readonly data: string | null;
  readonly next_run_at: string | null;
  /** The time that the present tries are for, where `next_run_at` is that of a retry. */
  readonly slot_at: string | null;
  readonly attempts: number;
  readonly crashes: number;
  /** Times in a row that failed. */
  readonly failures: number;
  readonly last_run_at: string | null;
  readonly lease_token: string | null;
  readonly lease_until: string | null;
  /** The run that holds the lease. */
  readonly running_id: string | null;
  readonly paused_at: string | null;
  readonly paused_reason: string | null;
}

/** Which schedule. */
export type ScheduleKey = Pick<ScheduleRow, "plugin_id" | "name">;

/** The parts of a schedule that its owner decides. */
export type NewSchedule = Pick<
  ScheduleRow,
  "plugin_id" | "name" | "source" | "schedule" | "timezone" | "rules" | "data" | "next_run_at"
>;

/** A schedule in a list: without its data, of which all together may be larger than an isolate. */
export type ListedSchedule = Pick<
  ScheduleRow,
  | "plugin_id"
  | "name"
  | "source"
  | "schedule"
  | "timezone"
  | "rules"
  | "next_run_at"
  | "slot_at"
  | "failures"
  | "last_run_at"
  | "paused_at"
  | "paused_reason"
>;

/** The schedules of a plugin. */
export async function listSchedules(db: D1Database, plugin: string): Promise<readonly ListedSchedule[]> {
  const { results } = await db
    .prepare(
      `SELECT plugin_id, name, source, schedule, timezone, rules, next_run_at, slot_at, failures, last_run_at, paused_at,
         paused_reason
       FROM _host_schedules WHERE plugin_id = ? ORDER BY name`,
    )
    .bind(plugin)
    .all<ListedSchedule>();
  return results;
}

/** One schedule. */
export async function getSchedule(db: D1Database, { plugin_id, name }: ScheduleKey): Promise<ScheduleRow | null> {
  return db
    .prepare("SELECT * FROM _host_schedules WHERE plugin_id = ? AND name = ?")
    .bind(plugin_id, name)
    .first<ScheduleRow>();
}

/** Writes a schedule of the manifest; one that exists keeps its last run. What became of an old one, a pause too, is forgotten. */
export function putSchedule(db: D1Database, row: NewSchedule): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO _host_schedules (plugin_id, name, source, schedule, timezone, rules, data, next_run_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (plugin_id, name) DO UPDATE SET source = excluded.source, schedule = excluded.schedule,
         timezone = excluded.timezone, rules = excluded.rules, data = excluded.data,
         next_run_at = excluded.next_run_at, slot_at = NULL, attempts = 0, crashes = 0, failures = 0,
         paused_at = NULL, paused_reason = NULL`,
    )
    .bind(row.plugin_id, row.name, row.source, row.schedule, row.timezone, row.rules, row.data, row.next_run_at);
}

/** What came of a plugin's own schedule. `taken`: the manifest has one of that name; `full`: the plugin has as many as it may. */
export type OwnScheduleEnd = "written" | "taken" | "full";

/**
 * Writes a schedule of the plugin's own, over one of its own of that name, where it then has at most `most` of all kinds.
 * What was tried for a time of the old one is forgotten; a pause stays, a plugin does not lift what holds it up.
 *
 * SECURITY: one statement counts and writes, so that calls side by side cannot all have the last place.
 * (tests/host/schedules.test.ts, "the last places are given once")
 */
export async function putOwnSchedule(
  db: D1Database,
  row: Omit<NewSchedule, "source" | "rules">,
  most: number,
): Promise<OwnScheduleEnd> {
  const [written, there] = await db.batch<{ readonly source: ScheduleRow["source"] }>([
    db
      .prepare(
        `INSERT INTO _host_schedules (plugin_id, name, source, schedule, timezone, data, next_run_at)
         SELECT ?1, ?2, 'plugin', ?3, ?4, ?5, ?6
         WHERE (SELECT count(*) FROM _host_schedules WHERE plugin_id = ?1 AND name <> ?2) < ?7
         ON CONFLICT (plugin_id, name) DO UPDATE SET schedule = excluded.schedule, timezone = excluded.timezone,
           rules = NULL, data = excluded.data, next_run_at = excluded.next_run_at, slot_at = NULL, attempts = 0, crashes = 0
         WHERE source = 'plugin'
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

/** Pauses a schedule until a person resumes it. Nobody holds it then, and runs that were asked for are given up. */
export function setPaused(
  db: D1Database,
  { plugin_id, name }: ScheduleKey,
  { at, reason }: { readonly at: string; readonly reason: string },
): readonly D1PreparedStatement[] {
  return [
    db
      .prepare(
        `UPDATE _host_schedules SET paused_at = ?, paused_reason = ?, lease_token = NULL, lease_until = NULL, running_id = NULL
         WHERE plugin_id = ? AND name = ? AND paused_at IS NULL`,
      )
      .bind(at, reason, plugin_id, name),
    db
      .prepare(
        `UPDATE _host_runs SET status = 'skipped', error = 'The schedule was paused before this run.'
         WHERE plugin_id = ? AND schedule = ? AND status = 'due'`,
      )
      .bind(plugin_id, name),
  ];
}

/** Takes a pause back: it starts anew at a time. */
export function setResumed(db: D1Database, { plugin_id, name }: ScheduleKey, nextRunAt: string): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE _host_schedules SET paused_at = NULL, paused_reason = NULL, next_run_at = ?, slot_at = NULL,
         attempts = 0, crashes = 0, failures = 0
       WHERE plugin_id = ? AND name = ?`,
    )
    .bind(nextRunAt, plugin_id, name);
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
