/** How much plugins used, by hour, and how much they have stored. Writes add to what is there. */
import type { Amount, MeterName, Stored } from "../../usage/meters.ts";
import { firstHourOf, toHour } from "../../usage/windows.ts";

/** Adds what was used at `at`. One statement for all of it, since statements of a request are limited. */
export function addAmounts(db: D1Database, amounts: readonly Amount[], at: Date): readonly D1PreparedStatement[] {
  if (amounts.length === 0) return [];
  const statement = db
    .prepare(
      `INSERT INTO _host_meters (hour, plugin_id, meter, amount)
       SELECT ?1, value->>'plugin', value->>'meter', value->>'amount' FROM json_each(?2) WHERE true
       ON CONFLICT (hour, plugin_id, meter) DO UPDATE SET amount = amount + excluded.amount`,
    )
    .bind(toHour(at), JSON.stringify(amounts));
  return [statement];
}

/** What one plugin used of one meter, in some hours: all of them, those of the last day, and this hour. */
export interface MeterSum {
  readonly plugin_id: string;
  readonly meter: MeterName;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
}

/** Sums for every plugin over the hours from `from` on, up to but without `until`. */
export function selectSums(
  db: D1Database,
  { from, until, now }: { readonly from: string; readonly until: string; readonly now: Date },
): D1PreparedStatement {
  return db
    .prepare(
      `SELECT plugin_id, meter, SUM(amount) AS month, SUM(CASE WHEN hour >= ?3 THEN amount ELSE 0 END) AS day,
         SUM(CASE WHEN hour = ?4 THEN amount ELSE 0 END) AS hour
       FROM _host_meters WHERE hour >= ?1 AND hour < ?2 GROUP BY plugin_id, meter`,
    )
    .bind(from, until, firstHourOf("day", now), toHour(now));
}

/** What one plugin used in one hour. */
export interface HourAmount {
  readonly meter: MeterName;
  readonly hour: string;
  readonly amount: number;
}

/** What one plugin used since an hour, by hour. */
export async function listAmounts(db: D1Database, plugin: string, since: string): Promise<readonly HourAmount[]> {
  const { results } = await db
    .prepare("SELECT meter, hour, amount FROM _host_meters WHERE hour >= ? AND plugin_id = ?")
    .bind(since, plugin)
    .all<HourAmount>();
  return results;
}

/** Adds up the hours of days that ended before `before`, under the first hour of each day. Belongs into one batch. */
export function compactAmounts(db: D1Database, before: Date): readonly D1PreparedStatement[] {
  const day = before.toISOString().slice(0, "2026-11-23".length);
  return [
    db
      .prepare(
        `INSERT INTO _host_meters (hour, plugin_id, meter, amount)
         SELECT substr(hour, 1, 10) || 'T00', plugin_id, meter, SUM(amount) FROM _host_meters
         WHERE hour < ? AND substr(hour, 12) <> '00' GROUP BY 1, 2, 3
         ON CONFLICT (hour, plugin_id, meter) DO UPDATE SET amount = amount + excluded.amount`,
      )
      .bind(day),
    db.prepare("DELETE FROM _host_meters WHERE hour < ? AND substr(hour, 12) <> '00'").bind(day),
  ];
}

/** Removes what is older than a time. */
export function pruneAmounts(db: D1Database, before: Date): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_meters WHERE hour < ?").bind(toHour(before));
}

/** Removes what a plugin used. */
export function deleteAmounts(db: D1Database, plugin: string): D1PreparedStatement {
  return db.prepare("DELETE FROM _host_meters WHERE plugin_id = ?").bind(plugin);
}

/** What a plugin has in `_plugin_storage`; keys of `kvCollection` are counted as such. Ids count as bytes too. */
export async function measureDocuments(db: D1Database, plugin: string, kvCollection: string): Promise<Stored> {
  const row = await db
    .prepare(
      `SELECT count(*) AS rowsStored, coalesce(sum(octet_length(id) + octet_length(data)), 0) AS bytesStored,
         coalesce(sum(collection = ?2), 0) AS kvKeys FROM _plugin_storage WHERE plugin_id = ?1`,
    )
    .bind(plugin, kvCollection)
    .first<Stored>();
  return row ?? { rowsStored: 0, bytesStored: 0, kvKeys: 0 };
}

/** Bytes of each of these documents that is there, its id included. */
export async function readSizes(
  db: D1Database,
  place: { readonly plugin: string; readonly collection: string },
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { results } = await db
    .prepare(
      `SELECT id, octet_length(id) + octet_length(data) AS bytes FROM _plugin_storage
       WHERE plugin_id = ? AND collection = ? AND id IN (SELECT value FROM json_each(?))`,
    )
    .bind(place.plugin, place.collection, JSON.stringify(ids))
    .all<{ readonly id: string; readonly bytes: number }>();
  return new Map(results.map(({ id, bytes }) => [id, bytes]));
}
