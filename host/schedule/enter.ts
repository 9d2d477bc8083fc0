/** How is a plugin entered for a run of its schedule, and how did that end? What it throws is an ending like any other. */
import { describeFailure } from "../invoke/failure.ts";
import { isBusy, type Session } from "../invoke/session.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { RunEnd } from "../store/d1/runs.ts";
import type { Ending } from "./after-run.ts";

/** How a run ended, for its row and for the schedule. */
export type Entered = Omit<RunEnd, "started_at" | "duration_ms"> & { readonly ending: Ending };

/** Delivers the event to the plugin's `cron` hook. */
export async function enterForRun(
  session: Session,
  { plugin, event }: { readonly plugin: ActivePlugin; readonly event: Readonly<Record<string, unknown>> },
): Promise<Entered> {
  try {
    const entry = { plugin, kind: "schedule", name: "hook:cron", input: event } as const;
    const { outcome, retryAfter } = await session.enter(entry);
    const used = { fuel: Math.round(outcome.usage.fuel), host_calls: outcome.usage.hostCalls };
    if (outcome.ok) return { ...used, ending: "ok", status: "ok", error: null };
    const error = describeFailure(outcome.failure);
    if (isBusy(outcome)) return { ...used, ending: "busy", status: "due", error };
    // A quota that is used up says nothing of the plugin's code: it comes again at its next time.
    return { ...used, ending: retryAfter === undefined ? "failed" : "refused", status: "failed", error };
  } catch (error) {
    // A missing or changed bundle, or a bug of the host: the run is on record as failed.
    const message = error instanceof Error ? error.message : "the run could not be started";
    return { ending: "failed", status: "failed", error: message.slice(0, 1_000), fuel: null, host_calls: null };
  }
}
