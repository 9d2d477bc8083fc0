/**
 * How much may one plugin use in an hour, a day and a month, and store? By the plan the Worker runs on: generous for a
 * plugin that works, far below what would use up the plan for all the others and for the site itself.
 */
import type { Plan } from "../invoke/budgets.ts";
import type { GaugeName, MeterName } from "./meters.ts";
import type { ByWindow } from "./windows.ts";

/** What one plugin may use. */
export interface Quota {
  readonly meters: Readonly<Record<MeterName, ByWindow>>;
  readonly gauges: Readonly<Record<GaugeName, number>>;
}

/** The quota of a plugin; where policy says so, another than its plan's. */
export type QuotaOf = (plugin: string) => Quota;

const MIB = 1_048_576;

/**
 * - `rowsRead`, `rowsWritten`: D1 gives 5 million and 100,000 a day on Free, for the whole account; on Paid 25 thousand
 *   million and 50 million a month are included. One plugin gets a fifth, and a tenth to a fifth.
 * - `requests`: Free allows 50 subrequests an invocation and 100,000 invocations a day; Paid 10,000.
 * - `bytesOut`: no limit of the platform; what a plugin that has gone astray may carry off.
 * - `logs`: each is a row written in D1, so on Free the day's share stays below that of rows.
 * - `fuel`: a unit is 5 to 10 ns of CPU. Free has 10 ms a request, 200,000 units of a page for each of 100,000 requests a
 *   day; Paid includes 30 million ms a month, of which one plugin gets about half.
 * - `aiTokens`: not below the budget that `host/ai/budget.ts` sets aside exactly before each question; that one decides as a
 *   rule, this one where a provider says it used far more than was asked for.
 * - stored: a database has 500 MB on Free and 10 GB on Paid, for the site and all plugins together.
 */
export const QUOTAS: Readonly<Record<Plan, Quota>> = {
  free: {
    meters: {
      rowsRead: { hour: 250_000, day: 1_000_000, month: 20_000_000 },
      rowsWritten: { hour: 5_000, day: 20_000, month: 300_000 },
      requests: { hour: 600, day: 5_000, month: 60_000 },
      bytesOut: { hour: 32 * MIB, day: 128 * MIB, month: 1_024 * MIB },
      logs: { hour: 1_000, day: 5_000, month: 60_000 },
      fuel: { hour: 4_000_000_000, day: 20_000_000_000, month: 300_000_000_000 },
      aiTokens: { hour: 200_000, day: 1_000_000, month: 10_000_000 },
    },
    gauges: { rowsStored: 20_000, bytesStored: 50 * MIB, kvKeys: 5_000 },
  },
  paid: {
    meters: {
      rowsRead: { hour: 20_000_000, day: 200_000_000, month: 2_500_000_000 },
      rowsWritten: { hour: 200_000, day: 1_000_000, month: 10_000_000 },
      requests: { hour: 10_000, day: 100_000, month: 1_000_000 },
      bytesOut: { hour: 1_024 * MIB, day: 8_192 * MIB, month: 102_400 * MIB },
      logs: { hour: 20_000, day: 100_000, month: 1_000_000 },
      fuel: { hour: 100_000_000_000, day: 500_000_000_000, month: 3_000_000_000_000 },
      aiTokens: { hour: 1_000_000, day: 5_000_000, month: 50_000_000 },
    },
    gauges: { rowsStored: 500_000, bytesStored: 1_024 * MIB, kvKeys: 100_000 },
  },
};
