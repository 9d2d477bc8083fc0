/** Adds the next run of every schedule to a plan, for people. The plan's hash does not cover it: it moves with the clock. */
import { parseSchedule } from "../schedule/next-run.ts";
import type { Plan } from "./plan.ts";

/** The plan with `nextRunAt` filled in. */
export function withNextRuns(plan: Plan, now: Date): Plan {
  return {
    ...plan,
    schedules: plan.schedules.map((schedule) => {
      const parsed = parseSchedule(schedule.cron, schedule.timezone);
      return { ...schedule, nextRunAt: (parsed.ok ? parsed.value.next(now)?.toISOString() : undefined) ?? null };
    }),
  };
}
