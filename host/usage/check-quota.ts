/**
 * May a plugin use more? Pure: what it used and stored, what it may, and what it wants come in as data; the answer names
 * the meter and the window that decide.
 */
import { GAUGES, METERS, type GaugeName, type MeterName, type Stored } from "./meters.ts";
import type { Quota } from "./quotas.ts";
import { renewalOf, WINDOWS, type ByWindow, type Window } from "./windows.ts";

/** What a plugin used, by meter; what is absent was not used. */
export type UsedAmounts = Readonly<Partial<Record<MeterName, ByWindow>>>;

/** What a call is about to use. Where it shows only afterwards (rows), 1: at least that. */
export type Wanted = Readonly<Partial<Record<MeterName, number>>>;

/** What a call is about to store; less than nothing where it deletes. */
export type WantedStored = Readonly<Partial<Record<GaugeName, number>>>;

/** One limit, and how much of it is used. */
export interface Share {
  readonly of: MeterName | GaugeName;
  /** Absent for what is stored. */
  readonly window?: Window;
  /** Without what is wanted. */
  readonly used: number;
  readonly wanted: number;
  readonly limit: number;
  /** When all of it is forgotten; absent for what is stored. */
  readonly renewsAt?: Date;
}

/** How near a limit is: `warn` from `WARN_SHARE` of it on, `exceeded` where no more goes. */
export type Level = "ok" | "warn" | "exceeded";

/** The answer. `share` is the limit that decided. */
export type Verdict = { readonly level: "ok" } | { readonly level: "warn" | "exceeded"; readonly share: Share };

/** The share of a limit from which on people are told. */
export const WARN_SHARE = 0.8;

/** Whether what is wanted of these meters is within every window. The shortest window that is exceeded decides. */
export function checkQuota(used: UsedAmounts, { meters }: Quota, wanted: Wanted, now: Date): Verdict {
  return decide(
    (Object.keys(wanted) as MeterName[]).flatMap((of) =>
      WINDOWS.map((window) => ({
        of,
        window,
        used: used[of]?.[window] ?? 0,
        wanted: wanted[of] ?? 0,
        limit: meters[of][window],
        renewsAt: renewalOf(window, now),
      })),
    ),
  );
}

/** Whether what is wanted still fits into what may be stored. What makes it less always does. */
export function checkStored(stored: Stored, { gauges }: Quota, wanted: WantedStored): Verdict {
  const names = (Object.keys(wanted) as GaugeName[]).filter((of) => (wanted[of] ?? 0) > 0);
  return decide(names.map((of) => ({ of, used: stored[of], wanted: wanted[of] ?? 0, limit: gauges[of] })));
}

function decide(shares: readonly Share[]): Verdict {
  const at = (level: Level) => shares.find((share) => levelOf(share.used + share.wanted, share.limit) === level);
  const exceeded = at("exceeded");
  if (exceeded) return { level: "exceeded", share: exceeded };
  const warn = at("warn");
  return warn ? { level: "warn", share: warn } : { level: "ok" };
}

/** The level of an amount that would be reached. The limit itself may be reached. */
export function levelOf(amount: number, limit: number): Level {
  return amount > limit ? "exceeded" : amount >= limit * WARN_SHARE ? "warn" : "ok";
}

const IN: Readonly<Record<Window, string>> = {
  hour: "in this clock hour",
  day: "in 24 hours",
  month: "in 30 days",
};

/** How much of it is used, e.g. `200 of 200 rows read in 24 hours (quota rowsRead per day)`. */
export function describeShare({ of, window, used, wanted, limit }: Share): string {
  const { unit } = of in METERS ? METERS[of as MeterName] : GAUGES[of as GaugeName];
  // What is wanted is told where it is known: one unit stands for "more".
  const more = wanted > 1 ? `, and ${wanted} more are wanted` : "";
  const where = window === undefined ? `(quota ${of})` : `${IN[window]} (quota ${of} per ${window})`;
  return `${used} of ${limit} ${unit} ${where}${more}`;
}

/** Why no more goes: the meter, what was used of what, when it renews and what to do. For guests, records and people. */
export function describeExceeded(share: Share): string {
  const { of, window, renewsAt } = share;
  const { fix } = of in METERS ? METERS[of as MeterName] : GAUGES[of as GaugeName];
  const by = renewsAt?.toISOString().replace(".000Z", "Z");
  const renews =
    window === undefined
      ? "It does not renew by itself."
      : window === "hour"
        ? `It renews at ${by}.`
        : `It renews little by little at each full hour, wholly by ${by}.`;
  return `The quota is used up: ${describeShare(share)}. ${renews} ${fix} Or ask the administrator for a larger quota.`;
}
