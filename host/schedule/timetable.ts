/** When does this schedule come, and by which rules? One reading of its row, for everybody who wants to know. Pure. */
import { fail, ok, type Result } from "../result.ts";
import { parseSchedule } from "./next-run.ts";
import { parseRules, type ScheduleRules } from "./rules.ts";
import { shortestGap } from "./shortest-gap.ts";
import { spreadSeconds } from "./spread.ts";

/** The parts of a row that say it. */
export interface TimetableRow {
  readonly plugin_id: string;
  readonly name: string;
  readonly schedule: string;
  readonly timezone: string;
  /** JSON text; null: the defaults. */
  readonly rules: string | null;
}

/** A schedule that was understood. */
export interface Timetable {
  /** The next time after another, spread included; null where there is none. */
  readonly next: (after: Date) => Date | null;
  /** It is one time, not many. */
  readonly once: boolean;
  readonly rules: ScheduleRules;
  /** Seconds after what its expression says. */
  readonly spreadSeconds: number;
}

/** Reads a row, or says what of it cannot be understood. */
export function parseTimetable(row: TimetableRow): Result<Timetable, string> {
  const rules = parseRules(row.rules);
  if (!rules.ok) return fail(rules.reason);
  const parsed = parseSchedule(row.schedule, row.timezone);
  if (!parsed.ok) return fail(parsed.reason);
  const { next, once } = parsed.value;
  // A time that was asked for to the second is not moved.
  const late = once
    ? 0
    : spreadSeconds(
        { plugin: row.plugin_id, name: row.name },
        { jitterSeconds: rules.value.jitterSeconds, gapMinutes: shortestGap(row.schedule) },
      );
  return ok({
    next: (after) => move(next(move(after, -late)), late),
    once,
    rules: rules.value,
    spreadSeconds: late,
  });
}

function move(at: Date, seconds: number): Date;
function move(at: Date | null, seconds: number): Date | null;
function move(at: Date | null, seconds: number): Date | null {
  return at && new Date(at.getTime() + seconds * 1_000);
}
