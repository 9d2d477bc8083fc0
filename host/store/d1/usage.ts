/** What plugins used, by hour. Writes add to what is there, so that requests need not know of each other. */
import type { Usage } from "../../usage/account.ts";

/** What a plugin used of one power on one target since a time. */
export interface UsageSum {
  readonly capability: string;
  readonly target: string;
  readonly calls: number;
  readonly denied: number;
  readonly reported: number;
  /** Of `reported`, those since the later time. */
  readonly reported_lately: number;
  /** When it was last used, ISO 8601; null where it was only denied. */
  readonly used_at: string | null;
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

/** What a plugin used since a time, by power and target; newest use first, at most 1000. Times are ISO 8601. */
export async function listUsage(
  db: D1Database,
  plugin: string,
  { since, lately }: { readonly since: string; readonly lately: string },
): Promise<readonly UsageSum[]> {
  const { results } = await db
    .prepare(
      `SELECT capability, target, SUM(calls) AS calls, SUM(denied) AS denied, SUM(reported) AS reported,
         SUM(CASE WHEN hour >= ?3 THEN reported ELSE 0 END) AS reported_lately,
         MAX(CASE WHEN calls + reported > 0 THEN last_at END) AS used_at
       FROM _host_usage WHERE plugin_id = ?1 AND hour >= ?2
       GROUP BY capability, target ORDER BY MAX(last_at) DESC LIMIT 1000`,
    )
    .bind(plugin, toHour(since), toHour(lately))
    .all<UsageSum>();
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
