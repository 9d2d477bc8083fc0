/**
 * Why does a schedule no longer run by itself? The one place where the host pauses one: the reason stands on its row, the
 * cause in the audit, and whoever is to be told can be told here.
 */
import { SYSTEM } from "../actor.ts";
import { appendToAudit } from "../audit/append.ts";
import type { Services } from "../services.ts";
import { getSchedule, setPaused, type ScheduleKey } from "../store/d1/schedules.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";

/** What made the host pause it. */
export type PauseCause =
  /** Too many times in a row; the last of them was this run. */
  | { readonly kind: "failing"; readonly run: string; readonly error: string | null }
  /** Its row cannot be understood, or belongs to nobody. */
  | { readonly kind: "malformed"; readonly reason: string };

/** Pauses a schedule, once. Does nothing where it is gone, paused already, or was set anew since. */
export async function pauseSchedule(services: Services, key: ScheduleKey, cause: PauseCause): Promise<void> {
  const wasPaused = await appendToAudit(services, async () => {
    const row = await getSchedule(services.db, key);
    const isStill = cause.kind === "malformed" || (row?.failures ?? 0) >= SCHEDULE_LIMITS.failuresBeforePause;
    if (!row || row.paused_at !== null || !isStill) return { statements: [], events: [], value: false };
    const at = services.now().toISOString();
    const detail =
      cause.kind === "failing"
        ? { schedule: key.name, cause: cause.kind, failures: row.failures, run: cause.run }
        : { schedule: key.name, cause: cause.kind, reason: cause.reason };
    return {
      statements: setPaused(services.db, key, { at, reason: describeCause(cause, row.failures) }),
      events: [{ at, actor: `${SYSTEM.kind}:${SYSTEM.id}`, act: "schedule.pause", target: key.plugin_id, detail }],
      value: true,
    };
  });
  // A notification goes out from here: it happens once for each pause.
  if (wasPaused) services.log("warn", "schedule paused", { plugin: key.plugin_id, schedule: key.name, cause });
}

/** The reason, for people. */
export function describeCause(cause: PauseCause, failures: number): string {
  if (cause.kind === "malformed") return `It cannot be run: ${clip(cause.reason)}.`;
  const last = cause.error === null ? "" : ` The last time: ${clip(cause.error)}`;
  return `It failed ${failures} times in a row.${last}`;
}

function clip(text: string): string {
  return text.slice(0, SCHEDULE_LIMITS.reasonChars);
}
