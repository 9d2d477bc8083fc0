/**
 * Is a due schedule run now? Yes, unless its last two tries both ended with their Worker, or it is so late that the time
 * counts as missed and nobody wants that made up for. Pure.
 */
import { SCHEDULE_LIMITS } from "./limits.ts";
import type { Timetable } from "./timetable.ts";

/** Where a schedule stands. */
export interface ScheduleState {
  /** When this try is due. */
  readonly dueAt: string;
  /** The time all tries are for. */
  readonly slotAt: string;
  /** Tries for it that failed. */
  readonly attempts: number;
  /** Tries for it that ended with their Worker. */
  readonly crashes: number;
  /** Times in a row before it that failed. */
  readonly failures: number;
}

/** What else it depends on. */
export interface StartParts {
  readonly timetable: Timetable;
  readonly now: Date;
  /** Whether the lease of a run that never ended is over. */
  readonly predecessor: "ended" | "crashed";
  /** Whether a person asked for this run. */
  readonly asked: "by hand" | "by its clock";
}

/** Whether it runs, as which try; or what to settle instead. */
export type Start =
  | { readonly do: "run"; readonly state: ScheduleState; readonly attempt: number }
  | { readonly do: "settle"; readonly state: ScheduleState; readonly as: "crashed" | "missed" };

/** Decides it. */
export function decideStart(before: ScheduleState, { timetable, now, predecessor, asked }: StartParts): Start {
  const state = predecessor === "crashed" ? { ...before, crashes: before.crashes + 1 } : before;
  const { rules, once } = timetable;
  // A crash may have done half of it: once more and no more, and never where the author wants at most one try.
  if (predecessor === "crashed" && (state.crashes > 1 || rules.retries === 0)) {
    return { do: "settle", state, as: "crashed" };
  }
  const tries = state.attempts + state.crashes;
  const lateMs = now.getTime() - Date.parse(state.dueAt);
  const isMissed = lateMs > SCHEDULE_LIMITS.missedAfterMs && rules.catchUp === "none" && !once;
  // What was begun is brought to its end, and what a person wants is done.
  if (isMissed && tries === 0 && asked === "by its clock") return { do: "settle", state, as: "missed" };
  return { do: "run", state, attempt: tries + 1 };
}
