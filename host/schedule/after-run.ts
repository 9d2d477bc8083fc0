/**
 * When does a schedule come next, now that this try has ended? After a good run at its next time; after a failure sooner,
 * as long as there are tries left; and after too many times that failed, not before a person has looked. Pure.
 */
import { backOffMs } from "./back-off.ts";
import type { ScheduleState } from "./before-run.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";
import type { Timetable } from "./timetable.ts";

/**
 * How a try ended. `busy`: it never began, for want of memory. `refused`: it was not run, for want of quota. `crashed`: its
 * Worker stopped, twice. `missed`: its time passed and is not made up for.
 */
export type Ending = "ok" | "failed" | "busy" | "refused" | "crashed" | "missed";

/** What else it depends on. */
export interface EndParts {
  readonly timetable: Timetable;
  readonly startedAt: Date;
  readonly now: Date;
  /** From 0 to below 1. */
  readonly random: number;
}

/** Where the schedule stands now. */
export interface Settled {
  readonly nextRunAt: string | null;
  /** The time the next try is for, where that is not its own. */
  readonly slotAt: string | null;
  readonly attempts: number;
  readonly crashes: number;
  readonly failures: number;
  /** Whether a person has to look first. */
  readonly pause: boolean;
  /** A time that came meanwhile and is left out. */
  readonly leftOut: string | null;
}

/** Decides it. */
export function decideNext(state: ScheduleState, ending: Ending, parts: EndParts): Settled {
  switch (ending) {
    case "busy":
      return { ...keep(state), nextRunAt: state.dueAt, slotAt: state.slotAt, pause: false, leftOut: null };
    case "ok":
      return forward(0, parts);
    case "refused":
    case "missed":
      return forward(state.failures, parts);
    case "crashed":
      return giveUp(state, parts);
    case "failed":
      return retry(state, parts) ?? giveUp(state, parts);
  }
}

function keep({ attempts, crashes, failures }: ScheduleState): Pick<Settled, "attempts" | "crashes" | "failures"> {
  return { attempts, crashes, failures };
}

/** Undefined where no try is left, or the next time comes before it: then that is the next try. */
function retry(state: ScheduleState, { timetable, now, random }: EndParts): Settled | undefined {
  const attempts = state.attempts + 1;
  if (attempts > timetable.rules.retries) return undefined;
  const at = new Date(now.getTime() + backOffMs(attempts, random));
  const next = timetable.next(now);
  if (next && next <= at) return undefined;
  return {
    ...keep(state),
    attempts,
    nextRunAt: at.toISOString(),
    slotAt: state.slotAt,
    pause: false,
    leftOut: null,
  };
}

function giveUp(state: ScheduleState, parts: EndParts): Settled {
  const failures = state.failures + 1;
  return { ...forward(failures, parts), pause: failures >= SCHEDULE_LIMITS.failuresBeforePause };
}

/** On to the next time. Of those that came during this run at most one is run, whatever their number. */
function forward(failures: number, { timetable, startedAt, now }: EndParts): Settled {
  const meanwhile = timetable.next(startedAt);
  const came = meanwhile && meanwhile <= now ? meanwhile.toISOString() : null;
  const isQueued = came !== null && timetable.rules.overlap === "queue";
  return {
    nextRunAt: isQueued ? came : (timetable.next(now)?.toISOString() ?? null),
    slotAt: null,
    attempts: 0,
    crashes: 0,
    failures,
    pause: false,
    leftOut: isQueued ? null : came,
  };
}
