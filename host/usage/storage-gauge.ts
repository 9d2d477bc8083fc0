/**
 * What does a plugin have stored, and what would a call make of it? Measured now and then per isolate and plugin, the more
 * rarely the more there is, then kept up with what calls change: by the most they can add while there is room, and exactly,
 * by asking for what a write replaces, once a limit is near.
 */
import { KV_COLLECTION, type StoredChange } from "./stored-change.ts";
import { GAUGE_NAMES, type Stored } from "./meters.ts";
import { addStored as plus, eachGauge as each, type MeasureStored } from "./stored-sources.ts";
import { readSizes } from "../store/d1/meters.ts";

/** The share of a limit from which on writes are measured exactly. */
const NEAR_SHARE = 0.9;

const NOTHING_STORED: Stored = { rowsStored: 0, bytesStored: 0, kvKeys: 0 };

/** Minutes after which what is stored is measured anew, however much there is; and however little. */
export const MEASURED_MINUTES = { most: 60, least: 1 } as const;

/** When and within what a change is weighed. */
export interface WeighOptions {
  readonly limits: Stored;
  readonly now: Date;
  /** The number that changes with every change to plugins; all is measured anew then. */
  readonly generation: string;
  /** Rows that measuring may read a minute. */
  readonly rowsPerMinute: number;
  /** Told of rows that were read because of this change, beyond those. */
  readonly onRead: (rows: number) => void;
}

/** Gauges of an isolate. */
export interface StorageGauge {
  /** What is stored now, and what the change would make of it. */
  weigh(plugin: string, change: StoredChange, options: WeighOptions): Promise<Weighed>;
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
  generation: string;
  /** When it is to be measured anew, in milliseconds. */
  dueAt: number;
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
  /** A limit is near. */
  isNear: boolean;
}

/** Gauges over the database. Where something cannot be known they show too much, and are measured anew when that matters. */
export function createStorageGauge(db: D1Database, measureStored: MeasureStored): StorageGauge {
  const gauges = new Map<string, Gauge>();

  // Requests do not wait for each other's measurements: those would end with the request that began them.
  async function measure(gauge: Gauge, plugin: string, onRead?: (rows: number) => void): Promise<void> {
    const before = gauge.added;
    const measured = await measureStored(plugin, onRead);
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
    async weigh(plugin, change, { limits, now, generation, rowsPerMinute, onRead }) {
      const gauge = gauges.get(plugin) ?? newGauge();
      gauges.set(plugin, gauge);
      if (gauge.generation !== generation || now.getTime() >= gauge.dueAt) {
        await measure(gauge, plugin);
        gauge.isNear = false;
        gauge.generation = generation;
        gauge.dueAt = toDue(now, gauge.stored, rowsPerMinute);
      }
      const stored = (): Stored => plus(gauge.stored, gauge.underWay);
      const most = mostOf(change);
      const isNear = (): boolean => {
        const reached = plus(stored(), most);
        return GAUGE_NAMES.some((name) => reached[name] > limits[name] * NEAR_SHARE);
      };
      const guess: Weighed = { stored, wanted: most, take: () => take(gauge, most, "guess") };
      if (!gauge.isNear && !isNear()) return guess;
      // SECURITY: beside those that are due, and so the plugin's to pay. (tests/host/usage-meters.source.test.ts, "what a plugin makes it read")
      if (!gauge.isExact) await measure(gauge, plugin, onRead);
      // It may only have looked so, by what was guessed. From here on every change is exact.
      gauge.isNear = isNear();
      if (!gauge.isNear) return guess;
      const wanted = exactOf(change, await sizesOf(db, plugin, change));
      return { stored, wanted, take: () => take(gauge, wanted, "sizes") };
    },
  };
}

/**
 * SECURITY: measuring reads all there is; done each minute it would use up the plan by itself.
 * (tests/host/usage-meters.source.test.ts, "the more rarely the more there is")
 */
function toDue(now: Date, { rowsStored }: Stored, rowsPerMinute: number): number {
  const { least, most } = MEASURED_MINUTES;
  const minutes = Math.min(most, Math.max(least, Math.ceil(rowsStored / rowsPerMinute)));
  return (Math.floor(now.getTime() / 60_000) + minutes) * 60_000;
}

function newGauge(): Gauge {
  const nothing = NOTHING_STORED;
  return {
    generation: "",
    dueAt: 0,
    stored: nothing,
    underWay: nothing,
    added: nothing,
    round: 0,
    isExact: false,
    isNear: false,
  };
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
