/** May a plugin have this schedule? It must be understood, come at all, and not more often than the plan allows. Pure. */
import type { Plan } from "../invoke/budgets.ts";
import { fail, type Result } from "../result.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";
import { parseSchedule, type ParsedSchedule } from "./next-run.ts";
import { shortestGap } from "./shortest-gap.ts";

/** Whether it is accepted; else why not, in words that name what was expected. */
export function acceptSchedule(
  text: string,
  { timezone, plan }: { readonly timezone: string; readonly plan: Plan },
): Result<ParsedSchedule, string> {
  const parsed = parseSchedule(text, timezone);
  if (!parsed.ok || parsed.value.once) return parsed;
  const shown = `"${text.slice(0, 80)}"`;
  if (parsed.value.next(new Date(0)) === null) {
    return fail(`${shown} never comes. Expected a day that there is, e.g. "0 6 28 2 *"`);
  }
  const least = SCHEDULE_LIMITS.minIntervalMinutes[plan];
  const gap = shortestGap(text);
  if (gap >= least) return parsed;
  return fail(
    `${shown} comes ${gap} minute${gap === 1 ? "" : "s"} after the time before. On the plan "${plan}" expected at least ${least} minutes between two runs, e.g. "*/${least} * * * *"`,
  );
}
