/**
 * Which schedules are due, and who runs them? A lease, taken by compare-and-set with a token, lets one of several Workers
 * do it; it names its run, so that whoever finds it over knows which run never ended.
 */
import type { ScheduleKey, ScheduleRow } from "./schedules.ts";

// Neither paused nor leased; a time that is none sorts after all digits, and is due so that somebody notices.
const IS_DUE = `(s.next_run_at <= ?1 OR s.next_run_at > ':') AND s.paused_at IS NULL
  AND (s.lease_until IS NULL OR s.lease_until <= ?1)`;
// Of a plugin that is not there at all too: somebody has to say so.
const OF_RUNNING = "LEFT JOIN _host_plugins p ON p.id = s.plugin_id WHERE (p.state = 'enabled' OR p.id IS NULL)";

/** A plugin something is due of. */
export interface DuePlugin {
  readonly plugin_id: string;
  readonly is_installed: 0 | 1;
}

/** Plugins with schedules that are due, the one that waits longest first. */
export async function listDuePlugins(db: D1Database, now: string): Promise<readonly DuePlugin[]> {
  const { results } = await db
    .prepare(
      `SELECT s.plugin_id, p.id IS NOT NULL AS is_installed FROM _host_schedules s ${OF_RUNNING} AND ${IS_DUE}
       GROUP BY s.plugin_id ORDER BY min(s.next_run_at)`,
    )
    .bind(now)
    .all<DuePlugin>();
  return results;
}

/** What is due of these plugins: of every plugin its first, then of every plugin its second. */
export async function listDue(
  db: D1Database,
  { now, plugins, limit }: { readonly now: string; readonly plugins: readonly string[]; readonly limit: number },
): Promise<readonly ScheduleKey[]> {
  const { results } = await db
    .prepare(
      `SELECT s.plugin_id, s.name, row_number() OVER (PARTITION BY s.plugin_id ORDER BY s.next_run_at) AS turn
       FROM _host_schedules s ${OF_RUNNING} AND ${IS_DUE} AND s.plugin_id IN (SELECT value FROM json_each(?2))
       ORDER BY turn, s.next_run_at LIMIT ?3`,
    )
    .bind(now, JSON.stringify(plugins), limit)
    .all<ScheduleKey>();
  return results.map(({ plugin_id, name }) => ({ plugin_id, name }));
}

/** A due schedule, and whether its plugin is installed. */
export type DueSchedule = ScheduleRow & { readonly is_installed: 0 | 1 };

/** One that is due, whole; null where it no longer is. */
export async function getDue(db: D1Database, key: ScheduleKey, now: string): Promise<DueSchedule | null> {
  return db
    .prepare(
      `SELECT s.*, p.id IS NOT NULL AS is_installed FROM _host_schedules s ${OF_RUNNING} AND ${IS_DUE}
         AND s.plugin_id = ?2 AND s.name = ?3`,
    )
    .bind(now, key.plugin_id, key.name)
    .first<DueSchedule>();
}

/** A lease. */
export interface Lease {
  readonly token: string;
  /** The run it is for. */
  readonly run: string;
  readonly now: string;
  readonly until: string;
}

/**
 * Takes the lease of a schedule as it was read; null where another Worker has it or it is no longer the same. Where it is
 * that of a Worker that stopped, this is counted, in case this one stops as well.
 */
export async function takeLease(
  db: D1Database,
  row: Pick<ScheduleRow, "plugin_id" | "name" | "next_run_at" | "lease_token">,
  lease: Lease,
): Promise<ScheduleRow | null> {
  return db
    .prepare(
      `UPDATE _host_schedules AS s SET lease_token = ?2, lease_until = ?3, running_id = ?4,
         crashes = crashes + (lease_token IS NOT NULL)
       WHERE plugin_id = ?5 AND name = ?6 AND next_run_at IS ?7 AND lease_token IS ?8 AND ${IS_DUE}
       RETURNING *`,
    )
    .bind(lease.now, lease.token, lease.until, lease.run, row.plugin_id, row.name, row.next_run_at, row.lease_token)
    .first<ScheduleRow>();
}

/** How a schedule goes on. */
export type ScheduleGoesOn = Pick<ScheduleRow, "next_run_at" | "slot_at" | "attempts" | "crashes" | "failures">;

/**
 * Gives the lease back, if it is still ours, and says how the schedule goes on, unless somebody set another time during
 * the run: a person who wants it run again, or the plugin itself. A task that has no next time is forgotten.
 */
export function releaseLease(
  db: D1Database,
  { plugin_id, name }: ScheduleKey,
  end: {
    readonly token: string;
    /** Null where nothing ran. */
    readonly lastRunAt: string | null;
    /** `next_run_at` as it was when the lease was taken. */
    readonly dueAt: string;
    readonly next: ScheduleGoesOn;
  },
): readonly D1PreparedStatement[] {
  const { next } = end;
  return [
    db
      .prepare(
        `UPDATE _host_schedules SET last_run_at = coalesce(?1, last_run_at),
           lease_token = NULL, lease_until = NULL, running_id = NULL,
           next_run_at = iif(next_run_at IS ?2, ?3, next_run_at), slot_at = iif(next_run_at IS ?2, ?4, slot_at),
           attempts = iif(next_run_at IS ?2, ?5, attempts), crashes = iif(next_run_at IS ?2, ?6, crashes),
           failures = iif(next_run_at IS ?2, ?7, failures)
         WHERE plugin_id = ?8 AND name = ?9 AND lease_token = ?10`,
      )
      .bind(
        end.lastRunAt,
        end.dueAt,
        next.next_run_at,
        next.slot_at,
        next.attempts,
        next.crashes,
        next.failures,
        plugin_id,
        name,
        end.token,
      ),
    db
      .prepare(
        `DELETE FROM _host_schedules
         WHERE plugin_id = ? AND name = ? AND source = 'plugin' AND next_run_at IS NULL AND lease_token IS NULL`,
      )
      .bind(plugin_id, name),
  ];
}
