/** How often, how many and how long? The limits of schedules in one table; those of a manifest's fields are `MANIFEST_LIMITS`. */
import type { Plan } from "../invoke/budgets.ts";

/** Limits of schedules. */
export const SCHEDULE_LIMITS = {
  /** Minutes between two runs of one schedule, at least. A minute is what the host's clock has; Free has 10 ms of CPU for each. */
  minIntervalMinutes: { free: 5, paid: 1 } satisfies Readonly<Record<Plan, number>>,
  /** Schedules one tick starts; the rest follow at the next. Cloudflare allows 32 invocations below one event. */
  perTick: 20,
  /** Times in a row that may fail, with all their tries, before the schedule is paused. */
  failuresBeforePause: 5,
  /** Milliseconds before the first retry, doubled for each further one, and the most. Half of it is chance. */
  backOffMs: { first: 60_000, most: 3_600_000 },
  /** Milliseconds after which a time counts as missed. */
  missedAfterMs: 300_000,
  /** Milliseconds a lease lasts beyond what the plugin may wait: for its VM, its CPU time and the rows. */
  leaseSlackMs: 120_000,
  /** Runs of a plugin that are kept, beside the 30 days; older ones go at the full hour. */
  runsKept: 500,
  /** Characters of an error that are kept in the reason of a pause. */
  reasonChars: 300,
} as const;

/** What a schedule does where it says nothing. */
export const SCHEDULE_DEFAULTS = { overlap: "skip", catchUp: "one", retries: 2, jitterSeconds: 600 } as const;
