/**
 * Where may a plugin store something? Documents and keys, data of its schedules, its own SQL tables, and files; all of them
 * count together.
 * Tables are read whole to be measured, so that is kept for a while; a write that may have changed much ends that.
 */
import type { Services } from "../services.ts";
import { measureDocuments } from "../store/d1/meters.ts";
import { meterDatabase } from "../store/d1/metered-database.ts";
import { measureSchedules } from "../store/d1/schedules.ts";
import { measureTables, measureUploads } from "../store/d1/stored-tables.ts";
import { GAUGE_NAMES, type GaugeName, type Stored } from "./meters.ts";
import { KV_COLLECTION } from "./stored-change.ts";

/** Milliseconds for which an isolate keeps what it measured of tables. */
export const TABLES_MAX_AGE_MS = 600_000;

/** What a plugin has stored. `onRead` is told of the rows that were read for it. */
export type MeasureStored = (plugin: string, onRead?: (rows: number) => void) => Promise<Stored>;

/** Measures what plugins have stored. */
export interface StoredMeasure {
  readonly read: MeasureStored;
  /** Its tables have changed by more than is known: they are read again. */
  readonly forget: (plugin: string) => void;
}

/** Measures all places. `tables: "fresh"` reads them at each call. */
export function createStoredMeasure(
  services: Pick<Services, "db" | "sql" | "now" | "offer">,
  { tables }: { readonly tables: "kept" | "fresh" },
): StoredMeasure {
  const kept = new Map<string, { readonly at: number; readonly stored: Stored }>();

  async function readTables(on: Pick<Services, "db" | "sql">, plugin: string): Promise<Stored> {
    const at = services.now().getTime();
    const known = kept.get(plugin);
    if (tables === "kept" && known && at - known.at < TABLES_MAX_AGE_MS) return known.stored;
    const stored = await measureTables(on, plugin);
    kept.set(plugin, { at, stored });
    return stored;
  }

  const read: MeasureStored = async (plugin, onRead) => {
    const on = onRead ? meterDatabases(services, onRead) : services;
    const { db } = on;
    const parts = await Promise.all([
      measureDocuments(db, plugin, KV_COLLECTION),
      measureSchedules(db, plugin),
      readTables(on, plugin),
      // A host without a media library has no such table.
      ...(services.offer.capabilities.has("media:write") ? [measureUploads(db, plugin)] : []),
    ]);
    return parts.reduce(addStored);
  };
  return { read, forget: (plugin) => void kept.delete(plugin) };
}

function meterDatabases({ db, sql }: Pick<Services, "db" | "sql">, onRead: (rows: number) => void) {
  const meter = { before() {}, count: ({ read }: { readonly read: number }) => onRead(read) };
  return { db: meterDatabase(db, meter), sql: meterDatabase(sql, meter) };
}

/** Both together. */
export function addStored(a: Stored, b: Stored): Stored {
  return eachGauge((name) => a[name] + b[name]);
}

/** One amount for each gauge. */
export function eachGauge(amountOf: (name: GaugeName) => number): Stored {
  return Object.fromEntries(GAUGE_NAMES.map((name) => [name, amountOf(name)])) as unknown as Stored;
}
