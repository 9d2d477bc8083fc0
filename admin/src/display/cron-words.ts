/**
 * What does a cron expression mean, in words? Covers the shapes people write (every minute, hourly, daily, weekly, monthly
 * and "every n"); null for the rest, whose expression is then shown as it is.
 */
import { text } from "../text.ts";

const NUMBER = /^\d{1,2}$/;
const STEP = /^\*\/(\d{1,2})$/;

/** Words for a five-field expression, or null. */
export function cronWords(expression: string): string | null {
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !weekday || month !== "*") return null;
  const everyDay = day === "*" && weekday === "*";
  if (everyDay && hour === "*") return withinHour(minute);
  if (everyDay && step(hour) !== null) return everyHours(minute, step(hour) ?? 0);
  if (!NUMBER.test(minute) || !NUMBER.test(hour)) return null;
  const at = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (everyDay) return text.cron.daily(at);
  if (day === "*" && weekday === "1-5") return text.cron.workdays(at);
  if (day === "*" && /^[0-7]$/.test(weekday))
    return text.cron.weekly(text.cron.weekdays[Number(weekday) % 7] ?? "", at);
  if (NUMBER.test(day) && weekday === "*") return text.cron.monthly(Number(day), at);
  return null;
}

function withinHour(minute: string): string | null {
  if (minute === "*" || minute === "*/1") return text.cron.everyMinute;
  const every = step(minute);
  if (every !== null) return text.cron.everyMinutes(every);
  return NUMBER.test(minute) ? text.cron.hourly(Number(minute)) : null;
}

function everyHours(minute: string, hours: number): string | null {
  return NUMBER.test(minute) ? text.cron.everyHours(hours, Number(minute)) : null;
}

function step(field: string): number | null {
  const match = STEP.exec(field);
  return match ? Number(match[1]) : null;
}
