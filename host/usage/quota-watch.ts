/**
 * May a plugin go on, as far as its quota goes? One per isolate: it counts what plugins use, refuses calls, entries and log
 * lines of a plugin that has used up what they take, and tells people once an hour when a limit is near or reached.
 */
import type { CallStorage } from "../bridges/define-bridge.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Services } from "../services.ts";
import { createUsageBook } from "./book.ts";
import {
  checkQuota,
  checkStored,
  describeExceeded,
  type Level,
  type Share,
  type Verdict,
  type Wanted,
} from "./check-quota.ts";
import type { Amount, CountUse, MeterName } from "./meters.ts";
import type { QuotaOf } from "./quotas.ts";
import { createStoredMeasure } from "./stored-sources.ts";
import { createStorageGauge, type TakenRoom } from "./storage-gauge.ts";
import type { StoredChange } from "./stored-change.ts";
import { secondsToNextHour, toHour } from "./windows.ts";

/** Something people should know of a plugin's quota. */
export interface Notice {
  readonly plugin: string;
  /** The clock hour it is for; there is one for each meter and level. */
  readonly hour: string;
  readonly level: Exclude<Level, "ok">;
  readonly share: Share;
}

/** Why an entry is not run. */
export interface RefusedEntry {
  readonly message: string;
  /** Seconds after which it may be. */
  readonly retryAfter: number;
}

/** A call, as far as quotas go. */
export interface WatchedCall {
  readonly wanted: Wanted;
  /** What it changes in what is stored. */
  readonly change?: StoredChange | undefined;
  /** Counts for the plugin what is read to find out. */
  readonly count: CountUse;
}

/** Shares of what a plugin may read in a day that measuring what it has stored may read besides, in each isolate. */
const MEASURING_SHARE = 0.1;
const MINUTES_PER_DAY = 1_440;

/** The isolate's watch over quotas. */
export interface QuotaWatch {
  readonly quotaOf: QuotaOf;
  /** Counts use at once. */
  count(use: Amount): void;
  /** The uses have been written, or are lost. */
  settle(uses: readonly Amount[]): void;
  /** Lets a call go ahead, or says why it is refused. */
  admitCall(plugin: string, call: WatchedCall): Promise<Result<TakenRoom, string>>;
  /** What a plugin may store, for calls that find out only when they have run. */
  storageOf(plugin: string): CallStorage;
  /** Why a plugin is not entered; undefined where it is. */
  refuseEntry(plugin: string): Promise<RefusedEntry | undefined>;
  /** Why a log line is not kept, as of the last reading; undefined where it is. */
  refuseLog(plugin: string): string | undefined;
  /** What is to be told, each hour once, of the plugins in question and of what was refused. */
  takeNotices(uses: readonly Amount[]): readonly Notice[];
}

/** Of a call that stores nothing. */
const NO_ROOM: TakenRoom = { end() {} };

/** A watch with nothing counted. `generation`: the number that changes with every change to plugins. */
export function createQuotaWatch(
  services: Pick<Services, "db" | "sql" | "now" | "log" | "offer">,
  { quotaOf, generation }: { readonly quotaOf: QuotaOf; readonly generation: () => Promise<number> },
): QuotaWatch {
  const { now } = services;
  const book = createUsageBook(services, generation);
  const measure = createStoredMeasure(services, { tables: "kept" });
  const gauge = createStorageGauge(services.db, measure.read);
  let notices: Notice[] = [];
  let told = new Set<string>();
  let toldIn = "";

  function notice(plugin: string, verdict: Verdict): void {
    if (verdict.level === "ok") return;
    const { level, share } = verdict;
    // The line of an hour is written once, whoever writes it; asking each minute makes up for a write that failed.
    if (book.period() !== toldIn) [told, toldIn] = [new Set(), book.period()];
    const key = `${plugin} ${share.of} ${level}`;
    if (told.has(key)) return;
    told.add(key);
    notices.push({ plugin, hour: toHour(now()), level, share });
    const { of, window, used, limit } = share;
    services.log("warn", `quota ${level}`, { plugin, meter: of, window, used, limit });
  }

  /** The refusal, if it is one. */
  function toRefusal(plugin: string, verdict: Verdict): string | undefined {
    notice(plugin, verdict);
    return verdict.level === "exceeded" ? describeExceeded(verdict.share) : undefined;
  }

  function check(plugin: string, wanted: Wanted): Verdict {
    const used = book.used(plugin, Object.keys(wanted) as MeterName[]);
    return checkQuota(used, quotaOf(plugin), wanted, now());
  }

  return {
    quotaOf,
    count: (use) => book.add(use),
    settle: (uses) => book.settle(uses),
    async admitCall(plugin, { wanted, change, count }) {
      const period = await book.refresh();
      const refused = toRefusal(plugin, check(plugin, wanted));
      if (refused !== undefined) return fail(refused);
      if (!change) return ok(NO_ROOM);
      const quota = quotaOf(plugin);
      const weighed = await gauge.weigh(plugin, change, {
        limits: quota.gauges,
        now: now(),
        generation: period.slice(0, period.indexOf(" ")),
        rowsPerMinute: (quota.meters.rowsRead.day * MEASURING_SHARE) / MINUTES_PER_DAY,
        onRead: (rows) => count("rowsRead", rows),
      });
      const full = toRefusal(plugin, checkStored(weighed.stored(), quota, weighed.wanted));
      return full === undefined ? ok(weighed.take()) : fail(full);
    },
    storageOf: (plugin) => ({
      mostBytes: quotaOf(plugin).gauges.bytesStored,
      leftBytes: () => Math.max(0, quotaOf(plugin).gauges.bytesStored - gauge.storedBytes(plugin)),
      grew(bytes) {
        measure.forget(plugin);
        gauge.grew(plugin, bytes);
      },
    }),
    async refuseEntry(plugin) {
      await book.refresh();
      const message = toRefusal(plugin, check(plugin, { fuel: 1 }));
      return message === undefined ? undefined : { message, retryAfter: secondsToNextHour(now()) };
    },
    refuseLog: (plugin) => toRefusal(plugin, check(plugin, { logs: 1 })),
    takeNotices(uses) {
      for (const { plugin, meter } of uses) notice(plugin, check(plugin, { [meter]: 0 }));
      const taken = notices;
      notices = [];
      return taken;
    },
  };
}
