/** What plugins used, by hour. Writes add to what is there, so that requests need not know of each other. */
import type { Usage } from "../../usage/account.ts";

/** A row of `_host_usage`. */
export interface UsageRow {
  readonly plugin_id: string;
  readonly capability: string;
  readonly target: string;
  /** UTC, e.g. `2026-11-23T04`. */
  readonly hour: string;
  readonly calls: number;
  readonly denied: number;
  readonly reported: number;
  readonly last_at: string;
}

/** Adds what one request used at `at`, ISO 8601. One statement, since statements of a request are limited. */
export function addUsage(db: D1Database, usages: readonly Usage[], at: string): readonly D1PreparedStatement[] {
  if (usages.length === 0) return [];
  const statement = db
    .prepare(
      `INSERT INTO _host_usage (plugin_id, capability, target, hour, calls, denied, reported, last_at)
       SELECT value->>'plugin', value->>'capability', value->>'target', ?1, value->>'calls', value->>'denied',
         value->>'reported', ?2 FROM json_each(?3) WHERE true
       ON CONFLICT (plugin_id, capability, target, hour) DO UPDATE SET calls = calls + excluded.calls,
         denied = denied + excluded.denied, reported = reported + excluded.reported, last_at = excluded.last_at`,
    )
    .bind(toHour(at), at, JSON.stringify(usages));
  return [statement];
}

/** The hour of a time, `2026-11-23T04`. */
function toHour(at: string): string {
  return at.slice(0, "2026-11-23T04".length);
}

/** What a plugin used since an hour, newest use first: one row for each power and target. */
export async function listUsage(db: D1Database, plugin: string, since: string): Promise<readonly UsageRow[]> {
  const { results } = await db
    .prepare(
      `SELECT plugin_id, capability, target, MAX(hour) AS hour, SUM(calls) AS calls, SUM(denied) AS denied,
         SUM(reported) AS reported, MAX(last_at) AS last_at
       FROM _host_usage WHERE plugin_id = ? AND hour >= ? GROUP BY capability, target ORDER BY last_at DESC LIMIT 1000`,
    )
    .bind(plugin, toHour(since))
    .all<UsageRow>();
  return results;
}

/** Removes what is older than an hour. */
export function pruneUsage(db: D1Database, before: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_usage WHERE hour < ?").bind(toHour(before));
}

/** Removes what a plugin used. */
export function deleteUsage(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_usage WHERE plugin_id = ?").bind(plugin);
}
