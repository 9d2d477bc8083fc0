/**
 * How close together can two times of a cron expression come? By the clock on the wall: the minutes of one hour, and the
 * step into the next hour where both are among its hours. Pure.
 */
import { Cron } from "croner";

const MINUTE_MS = 60_000;
const HOUR = 60;
const DAY = 24 * HOUR;
/** Any midnight in UTC does. */
const START = Date.UTC(2024, 0, 1);

/** Minutes between the two times that are closest; 60 stands for that and more. The expression is one that was accepted. */
export function shortestGap(expression: string): number {
  // "@hourly" is the most frequent of them.
  if (expression.trim().startsWith("@")) return HOUR;
  const [minute = "*", hour = "*"] = expression.trim().split(/\s+/);
  const minutes = list(`${minute} * * * *`, HOUR);
  const within = Math.min(HOUR, ...minutes.slice(1).map((at, i) => at - minutes[i]!));
  const intoNext = HOUR - minutes.at(-1)! + minutes[0]!;
  if (intoNext >= within) return within;
  const hours = list(`0 ${hour} * * *`, DAY).map((at) => at / HOUR);
  // Whether there is a next day does not matter: it is rather taken for closer than it is.
  const touches = hours.some((each) => hours.includes((each + 1) % 24));
  return touches ? intoNext : within;
}

/** The minutes after the start at which it comes. */
function list(expression: string, until: number): readonly number[] {
  const cron = new Cron(expression, { timezone: "UTC", mode: "5-part", paused: true });
  const found: number[] = [];
  let at = cron.nextRun(new Date(START - 1));
  while (at && at.getTime() < START + until * MINUTE_MS) {
    found.push((at.getTime() - START) / MINUTE_MS);
    at = cron.nextRun(at);
  }
  return found;
}
