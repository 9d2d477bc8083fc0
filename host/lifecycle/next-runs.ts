/** Adds the next run of every schedule to a plan, for people. The plan's hash does not cover it: it moves with the clock. */
import { toRulesText } from "../schedule/rules.ts";
import { parseTimetable } from "../schedule/timetable.ts";
import type { Plan } from "./plan.ts";

/** The plan with `nextRunAt` filled in. */
export function withNextRuns(plan: Plan, now: Date): Plan {
  return {
    ...plan,
    schedules: plan.schedules.map((schedule) => {
      const { name, cron, timezone, jitter } = schedule;
      const timetable = parseTimetable({
        plugin_id: plan.plugin.id,
        name,
        schedule: cron,
        timezone,
        rules: toRulesText({ jitter }),
      });
      return { ...schedule, nextRunAt: (timetable.ok ? timetable.value.next(now)?.toISOString() : undefined) ?? null };
    }),
  };
}
