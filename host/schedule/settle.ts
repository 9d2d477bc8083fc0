/**
 * What is written when a schedule's turn is over? The lease given back, the next time, what was left out: one batch with
 * the rows of the run itself. Then a pause, where it failed too often.
 */
import { releaseLease } from "../store/d1/due-schedules.ts";
import { NOT_BEGUN, putRun, type RunRow } from "../store/d1/runs.ts";
import type { ScheduleKey } from "../store/d1/schedules.ts";
import { decideNext, type Ending } from "./after-run.ts";
import type { ScheduleState } from "./before-run.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";
import { pauseSchedule } from "./pause.ts";
import type { RunParts } from "./run.ts";
import type { Timetable } from "./timetable.ts";

/** A schedule whose lease is ours. */
export interface Held {
  readonly key: ScheduleKey;
  readonly token: string;
  /** Its run: the one that was begun, or would have been. */
  readonly run: string;
  readonly version: string;
  readonly timetable: Timetable;
  readonly state: ScheduleState;
  readonly startedAt: Date;
  /** Whether a person waits for a run that has not begun. */
  readonly awaited: "by a person" | "by nobody";
}

/** How its turn ended. */
export interface TurnEnd {
  readonly ending: Ending;
  readonly error: string | null;
  readonly lastRunAt: string | null;
  /** Rows of its runs, written with it. */
  readonly statements: readonly D1PreparedStatement[];
}

const MISSED = `Its time was missed by more than ${SCHEDULE_LIMITS.missedAfterMs / 60_000} minutes, and its "catchUp" is "none".`;
const OVERLAPPED = `The run before it was still under way, and its "overlap" is "skip".`;

/** Writes it. */
export async function settle({ services, random }: RunParts, held: Held, end: TurnEnd): Promise<void> {
  const { key, state, timetable, startedAt } = held;
  const { db, now, newId } = services;
  const settled = decideNext(state, end.ending, { timetable, startedAt, now: now(), random: random() });
  const leaveOut = (dueAt: string, error: string): D1PreparedStatement => {
    const row: RunRow = {
      ...NOT_BEGUN,
      id: newId(),
      plugin_id: key.plugin_id,
      version: held.version,
      schedule: key.name,
      status: "skipped",
      due_at: dueAt,
      error,
    };
    return putRun(db, row);
  };
  await db.batch([
    ...end.statements,
    ...(end.ending === "missed" ? [leaveOut(state.slotAt, MISSED)] : []),
    ...(settled.leftOut === null ? [] : [leaveOut(settled.leftOut, OVERLAPPED)]),
    ...releaseLease(db, key, {
      token: held.token,
      lastRunAt: end.lastRunAt,
      dueAt: state.dueAt,
      next: {
        next_run_at: held.awaited === "by a person" ? state.dueAt : settled.nextRunAt,
        slot_at: settled.slotAt,
        attempts: settled.attempts,
        crashes: settled.crashes,
        failures: settled.failures,
      },
    }),
  ]);
  if (settled.pause) await pauseSchedule(services, key, { kind: "failing", run: held.run, error: end.error });
}
