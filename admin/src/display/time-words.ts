/** How are moments and durations put into words? Pure; the language is the text file's. */
import { LOCALE, text } from "../text.ts";

const SECOND = 1_000;
/** How far the host's clock may be ahead of this one before "just now" reads "soon". */
const SKEW = 5 * SECOND;
const UNITS = [
  ["year", 365 * 86_400 * SECOND],
  ["month", 30 * 86_400 * SECOND],
  ["day", 86_400 * SECOND],
  ["hour", 3_600 * SECOND],
  ["minute", 60 * SECOND],
] as const;

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });
const absolute = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "long" });

/** "3 minutes ago", "in 2 hours", "just now". */
export function relativeTime(at: number, now: number): string {
  const distance = at - now;
  for (const [unit, length] of UNITS) {
    if (Math.abs(distance) >= length) return relative.format(Math.trunc(distance / length), unit);
  }
  return distance > SKEW ? text.time.soon : text.time.justNow;
}

/** The full date and time with the zone. */
export function absoluteTime(at: number): string {
  return absolute.format(at);
}

/** "420 ms", "1.2 s", "3 min 5 s". */
export function duration(ms: number): string {
  if (Math.round(ms) < SECOND) return text.time.milliseconds(Math.round(ms));
  if (ms < 59.95 * SECOND) return text.time.seconds((ms / SECOND).toFixed(1));
  const seconds = Math.round(ms / SECOND);
  return text.time.minutes(Math.floor(seconds / 60), seconds % 60);
}
