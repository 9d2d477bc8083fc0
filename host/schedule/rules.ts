/** How do a schedule's runs follow each other? Its rules with the defaults filled in, and as they are kept with its row. Pure. */
import { scheduleRulesSchema, type ManifestSchedule } from "@bulkhead/sdk";
import { fail, ok, type Result } from "../result.ts";
import { SCHEDULE_DEFAULTS } from "./limits.ts";

/** Rules, all of them said. */
export interface ScheduleRules {
  readonly overlap: "skip" | "queue";
  readonly catchUp: "one" | "none";
  /** Tries after the first. */
  readonly retries: number;
  readonly jitterSeconds: number;
}

/** What a manifest says of them. */
export type SaidRules = Omit<ManifestSchedule, "name" | "cron" | "timezone">;

/** The rules with defaults where nothing is said. */
export function toRules({ overlap, catchUp, retries, jitter }: SaidRules): ScheduleRules {
  return {
    overlap: overlap ?? SCHEDULE_DEFAULTS.overlap,
    catchUp: catchUp ?? SCHEDULE_DEFAULTS.catchUp,
    retries: retries?.max ?? SCHEDULE_DEFAULTS.retries,
    jitterSeconds: jitter ?? SCHEDULE_DEFAULTS.jitterSeconds,
  };
}

/** What is kept: what was said, as JSON; null where that is nothing. */
export function toRulesText({ overlap, catchUp, retries, jitter }: SaidRules): string | null {
  const text = JSON.stringify({ overlap, catchUp, retries, jitter });
  return text === "{}" ? null : text;
}

/** Reads what was kept. */
export function parseRules(text: string | null): Result<ScheduleRules, string> {
  if (text === null) return ok(toRules({}));
  try {
    const parsed = scheduleRulesSchema.safeParse(JSON.parse(text));
    if (parsed.success) return ok(toRules(parsed.data));
  } catch {
    // Said below.
  }
  return fail(`its rules are "${text.slice(0, 80)}". Expected JSON such as {"overlap":"skip"}`);
}
