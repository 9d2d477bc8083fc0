/** Which hours does a quota look at? Clock hours in UTC: this one, the last 24, the last 720; nothing shorter is kept. */

/** `hour`: this clock hour; `day`: it and the 23 before; `month`: it and the 719 before, which are 30 days. */
export type Window = "hour" | "day" | "month";

/** How many clock hours a window has, this one included. */
export const WINDOW_HOURS: Readonly<Record<Window, number>> = { hour: 1, day: 24, month: 720 };

/** Every window, shortest first. */
export const WINDOWS = Object.keys(WINDOW_HOURS) as readonly Window[];

const HOUR_MS = 3_600_000;

/** The clock hour of a time, `2026-11-23T04`. */
export function toHour(at: Date): string {
  return at.toISOString().slice(0, "2026-11-23T04".length);
}

/** The first clock hour that the window holds now. */
export function firstHourOf(window: Window, now: Date): string {
  return toHour(new Date(now.getTime() - (WINDOW_HOURS[window] - 1) * HOUR_MS));
}

/** When all that was used up to now is forgotten; some of it is before, at each full hour. */
export function renewalOf(window: Window, now: Date): Date {
  return new Date((Math.floor(now.getTime() / HOUR_MS) + WINDOW_HOURS[window]) * HOUR_MS);
}

/** Seconds to the next full hour, when any window may have room again. At least 1. */
export function secondsToNextHour(now: Date): number {
  return Math.max(1, Math.ceil((renewalOf("hour", now).getTime() - now.getTime()) / 1_000));
}

/** Amounts of one meter by window. */
export type ByWindow = Readonly<Record<Window, number>>;

/** What was used by window, of amounts by hour. */
export function sumWindows(
  amounts: readonly { readonly hour: string; readonly amount: number }[],
  now: Date,
): ByWindow {
  const sumSince = (window: Window): number => {
    const first = firstHourOf(window, now);
    return amounts.reduce((sum, { hour, amount }) => (hour >= first ? sum + amount : sum), 0);
  };
  return { hour: sumSince("hour"), day: sumSince("day"), month: sumSince("month") };
}
