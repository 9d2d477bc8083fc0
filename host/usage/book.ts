/**
 * What have plugins used up to now, as far as this isolate knows? Read from the database for all of them at most once a
 * minute, plus what this isolate used since. Others' use shows a minute late: together n isolates go beyond a limit by at
 * most what n - 1 of them use in a minute, and each by the entries that are under way.
 */
import type { Services } from "../services.ts";
import { selectSums, type MeterSum } from "../store/d1/meters.ts";
import type { UsedAmounts } from "./check-quota.ts";
import type { Amount, MeterName } from "./meters.ts";
import { createTally } from "./tally.ts";
import { firstHourOf, toHour } from "./windows.ts";

/** The isolate's book. */
export interface UsageBook {
  /**
   * Reads what others used, where it was last read in another minute or under another generation; answers which minute and
   * generation that is.
   */
  refresh(): Promise<string>;
  /** The minute and generation it was last read for. */
  period(): string;
  /** What a plugin used, as of the last reading and by this isolate since. */
  used(plugin: string, meters: readonly MeterName[]): UsedAmounts;
  /** Counts at once, long before it is written. */
  add(use: Amount): void;
  /** It has been written, or is lost: the next reading knows. */
  settle(uses: readonly Amount[]): void;
}

/** Sums by plugin and meter, under `<plugin> <meter>`. */
type Sums = ReadonlyMap<string, MeterSum>;

interface Known {
  /** What it holds for: generation and minute. */
  readonly at: string;
  /** What it holds for: generation and hour. */
  readonly olderAt: string;
  /** Up to the hour before the last. It does not change within an hour, and has most of the rows. */
  readonly older: Sums;
  /** This hour and the one before, in which others may still write. */
  readonly recent: Sums;
}

const NOTHING: Known = { at: "", olderAt: "", older: new Map(), recent: new Map() };
const HOUR_MS = 3_600_000;
/** Milliseconds after which a reading is taken for lost. */
const READING_MS = 10_000;
/** Later than any hour. */
const END = "~";

/** An empty book. `generation`: the number that changes with every change to plugins. */
export function createUsageBook(
  { db, now, log }: Pick<Services, "db" | "now" | "log">,
  generation: () => Promise<number>,
): UsageBook {
  let known = NOTHING;
  /** When a reading began that has not ended; its request may have been cancelled since. */
  let readingSince: number | undefined;
  /** Not written yet; and written since the last reading began. */
  const pending = createTally();
  const settled = createTally();

  async function read(at: string, olderAt: string, time: Date): Promise<void> {
    // What was written before this moment is among what is read.
    const before = settled.take();
    try {
      const lastHour = toHour(new Date(time.getTime() - HOUR_MS));
      const statements = [selectSums(db, { from: lastHour, until: END, now: time })];
      if (known.olderAt !== olderAt)
        statements.push(selectSums(db, { from: firstHourOf("month", time), until: lastHour, now: time }));
      const [recent, older] = await db.batch<MeterSum>(statements);
      known = { at, olderAt, recent: toSums(recent!), older: older ? toSums(older) : known.older };
    } catch (error) {
      // Plugins go on with what is known; the next minute tries again.
      log("error", "usage not read", { error: String(error) });
      for (const use of before) settled.add(use);
      known = { ...known, at };
    }
  }

  return {
    async refresh() {
      const time = now();
      const number = await generation();
      const at = `${number} ${Math.floor(time.getTime() / 60_000)}`;
      if (known.at === at) return at;
      // What another request waits for ends with that request, so nobody else waits for it: what is known will do meanwhile.
      const isRead = readingSince !== undefined && time.getTime() - readingSince < READING_MS;
      if (isRead && known !== NOTHING) return at;
      readingSince = time.getTime();
      await read(at, `${number} ${toHour(time)}`, time);
      readingSince = undefined;
      return at;
    },
    period: () => known.at,
    used(plugin, meters) {
      const amounts = meters.map((meter) => {
        const key = `${plugin} ${meter}`;
        const own = pending.of(plugin, meter) + settled.of(plugin, meter);
        const [older, recent] = [known.older.get(key), known.recent.get(key)];
        return [
          meter,
          {
            hour: (recent?.hour ?? 0) + own,
            day: (recent?.day ?? 0) + (older?.day ?? 0) + own,
            month: (recent?.month ?? 0) + (older?.month ?? 0) + own,
          },
        ] as const;
      });
      return Object.fromEntries(amounts);
    },
    add: (use) => pending.add(use),
    settle(uses) {
      for (const use of uses) {
        pending.add({ ...use, amount: -use.amount });
        settled.add(use);
      }
    },
  };
}

function toSums({ results }: D1Result<MeterSum>): Sums {
  return new Map(results.map((sum) => [`${sum.plugin_id} ${sum.meter}`, sum]));
}
