/** Can this row be run? Rows may have been changed by hand or by an older host: what cannot be understood is said. Pure. */
import { fail, ok, type Result } from "../result.ts";
import type { ScheduleRow } from "../store/d1/schedules.ts";
import type { ScheduleState } from "./before-run.ts";
import { parseTimetable, type Timetable } from "./timetable.ts";

/** A row that was understood. */
export interface ReadSchedule {
  readonly timetable: Timetable;
  readonly state: ScheduleState;
  /** What the task gets; undefined where it has none. */
  readonly data: unknown;
}

/** Reads it, or says what is wrong with it. */
export function readRow(row: ScheduleRow): Result<ReadSchedule, string> {
  const timetable = parseTimetable(row);
  if (!timetable.ok) return timetable;
  const dueAt = row.next_run_at ?? "";
  const slotAt = row.slot_at ?? dueAt;
  for (const time of [dueAt, slotAt]) {
    if (Number.isNaN(Date.parse(time))) return fail(`"${time.slice(0, 40)}" is not a time`);
  }
  const { attempts, crashes, failures } = row;
  if (![attempts, crashes, failures].every((count) => Number.isSafeInteger(count) && count >= 0)) {
    return fail("its counts of tries are no numbers");
  }
  const state = { dueAt, slotAt, attempts, crashes, failures };
  if (row.data === null) return ok({ timetable: timetable.value, state, data: undefined });
  try {
    return ok({ timetable: timetable.value, state, data: JSON.parse(row.data) as unknown });
  } catch {
    return fail(`its data, ${row.data.length} characters that begin with "${row.data.slice(0, 40)}", is not JSON`);
  }
}
