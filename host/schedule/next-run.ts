/** When does a schedule run next? Pure: cron expressions by croner, or one ISO 8601 time. */
import { Cron } from "croner";
import { fail, ok, type Result } from "../result.ts";

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T/;

/** A schedule that was understood. */
export interface ParsedSchedule {
  /** The next run after a time, or null when there is none. */
  readonly next: (after: Date) => Date | null;
  readonly once: boolean;
}

/** Reads a schedule: a cron expression with five fields (or `@daily` and the like), or a time in ISO 8601. */
export function parseSchedule(text: string, timezone: string): Result<ParsedSchedule, string> {
  if (ISO_TIME.test(text)) {
    const at = new Date(text);
    if (Number.isNaN(at.getTime()))
      return fail(`"${text.slice(0, 80)}" is not a time. Expected ISO 8601, e.g. 2026-12-01T08:00:00Z`);
    return ok({ next: (after) => (at > after ? at : null), once: true });
  }
  try {
    // Minutes are the finest the host's clock has; a field for seconds would promise more.
    const cron = new Cron(text, { timezone, mode: "5-part", paused: true });
    // The time zone is only looked at when a time is asked for.
    cron.nextRun(new Date(0));
    return ok({ next: (after) => cron.nextRun(after), once: false });
  } catch {
    return fail(
      `"${text.slice(0, 80)}" (${timezone.slice(0, 64)}) is not a schedule. Expected five fields such as "0 6 * * *" and a time zone such as Europe/Berlin`,
    );
  }
}
