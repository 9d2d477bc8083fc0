/**
 * What does a plugin have stored, and what would a call make of it? Measured at most once a minute per isolate and plugin,
 * then kept up with what calls change: by the most they can add while there is room, and exactly, by asking for what a
 * write replaces, once a limit is near.
 */
import { KV_COLLECTION, type StoredChange } from "./stored-change.ts";
import { GAUGE_NAMES, type Stored } from "./meters.ts";
import { addStored as plus, eachGauge as each, type MeasureStored } from "./stored-sources.ts";
import { readSizes } from "../store/d1/meters.ts";

/** The share of a limit from which on writes are measured exactly. */
const NEAR_SHARE = 0.9;

const NOTHING_STORED: Stored = { rowsStored: 0, bytesStored: 0, kvKeys: 0 };

/** Gauges of an isolate. */
export interface StorageGauge {
  /** What is stored now, and what the change would make of it. `period` changes when it is to be measured anew. */
  weigh(plugin: string, change: StoredChange, limits: Stored, period: string): Promise<Weighed>;
  /** Bytes a plugin has stored, with what is under way, as far as is known. */
  storedBytes(plugin: string): number;
  /** Up to so many bytes came to what is stored; how many is known when it is measured. */
  grew(plugin: string, bytes: number): void;
}

/** A change that has been weighed. */
export interface Weighed {
  /** As it is when this is read, with all that is under way. */
  readonly stored: () => Stored;
  readonly wanted: Stored;
  /** Takes the room. In the same turn as the decision, so that calls side by side do not take it twice. */
  readonly take: () => TakenRoom;
}

/** Room that a call has taken. */
export interface TakenRoom {
  /** Tells once how the call ended; what failed has changed nothing. */
  end(how: "done" | "failed"): void;
}

interface Gauge {
  period: string;
  /** As measured, with what was done since. */
  stored: Stored;
  /** What calls that have not ended will add. */
  underWay: Stored;
  /** All that was ever added: what of it happened during a measurement may not be in it. */
  added: Stored;
  /** Counts measurements. */
  round: number;
  /** Nothing has been guessed since it was measured. */
  isExact: boolean;
  /** A limit was near in this period. */
  isNear: boolean;
}

/** Gauges over the database. Where something cannot be known they show too much, and are measured anew when that matters. */
export function createStorageGauge(db: D1Database, measureStored: MeasureStored): StorageGauge {
  const gauges = new Map<string, Gauge>();

  // Requests do not wait for each other's measurements: those would end with the request that began them.
  async function measure(gauge: Gauge, plugin: string): Promise<void> {
    const before = gauge.added;
    const measured = await measureStored(plugin);
    gauge.stored = plus(measured, minus(gauge.added, before));
    gauge.isExact = gauge.added === before;
    gauge.round += 1;
  }

  function take(gauge: Gauge, wanted: Stored, by: "guess" | "sizes"): TakenRoom {
    const { round } = gauge;
    const most = positive(wanted);
    gauge.underWay = plus(gauge.underWay, most);
    return {
      end(how) {
        gauge.underWay = minus(gauge.underWay, most);
        if (how === "failed") return;
        // Measured meanwhile: it may be in there or not.
        const isKnown = gauge.round === round;
        gauge.stored = plus(gauge.stored, isKnown ? wanted : most);
        gauge.added = plus(gauge.added, most);
        if (by === "guess" || !isKnown) gauge.isExact = false;
      },
    };
  }

  return {
    storedBytes(plugin) {
      const gauge = gauges.get(plugin);
      return gauge ? gauge.stored.bytesStored + gauge.underWay.bytesStored : 0;
    },
    grew(plugin, bytesStored) {
      const gauge = gauges.get(plugin);
      if (!gauge) return;
      const most = { ...NOTHING_STORED, bytesStored };
      gauge.stored = plus(gauge.stored, most);
      gauge.added = plus(gauge.added, most);
      gauge.isExact = false;
    },
    async weigh(plugin, change, limits, period) {
      const gauge = gauges.get(plugin) ?? newGauge();
      gauges.set(plugin, gauge);
      if (gauge.period !== period) {
        await measure(gauge, plugin);
        [gauge.period, gauge.isNear] = [period, false];
      }
      const stored = (): Stored => plus(gauge.stored, gauge.underWay);
      const most = mostOf(change);
      const reached = plus(stored(), most);
      gauge.isNear ||= GAUGE_NAMES.some((name) => reached[name] > limits[name] * NEAR_SHARE);
      if (!gauge.isNear) return { stored, wanted: most, take: () => take(gauge, most, "guess") };
      // One more measurement; from here on every change of this period is exact.
      if (!gauge.isExact) await measure(gauge, plugin);
      const wanted = exactOf(change, await sizesOf(db, plugin, change));
      return { stored, wanted, take: () => take(gauge, wanted, "sizes") };
    },
  };
}

function newGauge(): Gauge {
  const nothing = NOTHING_STORED;
  return { period: "", stored: nothing, underWay: nothing, added: nothing, round: 0, isExact: false, isNear: false };
}

/** Where nothing is known of what it replaces. */
function mostOf({ collection, puts = [] }: StoredChange): Stored {
  const keys = collection === KV_COLLECTION ? puts.length : 0;
  return { rowsStored: puts.length, bytesStored: puts.reduce((sum, put) => sum + put.bytes, 0), kvKeys: keys };
}

function sizesOf(db: D1Database, plugin: string, change: StoredChange): Promise<ReadonlyMap<string, number>> {
  const { collection, puts = [], deletes = [] } = change;
  return readSizes(db, { plugin, collection }, [...puts.map(({ id }) => id), ...deletes]);
}

function exactOf({ collection, puts = [], deletes = [] }: StoredChange, sizes: ReadonlyMap<string, number>): Stored {
  const after = new Map(sizes);
  for (const id of deletes) after.delete(id);
  for (const { id, bytes } of puts) after.set(id, bytes);
  const sum = (all: ReadonlyMap<string, number>): number =>
    [...all.values()].reduce((total, bytes) => total + bytes, 0);
  const rowsStored = after.size - sizes.size;
  return { rowsStored, bytesStored: sum(after) - sum(sizes), kvKeys: collection === KV_COLLECTION ? rowsStored : 0 };
}

/** Of a change, what it adds. */
function positive(change: Stored): Stored {
  return each((name) => Math.max(0, change[name]));
}

function minus(a: Stored, b: Stored): Stored {
  return each((name) => a[name] - b[name]);
}
