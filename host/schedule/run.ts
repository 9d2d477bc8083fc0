/**
 * What happens to one due schedule? Whoever takes its lease runs it once: a run row, an invocation with limits of its
 * own, the outcome on the row, the next time. The lease outlives the longest run, so a crash frees it by itself.
 */
import { BUDGET_CEILINGS } from "../invoke/budgets.ts";
import { describeFailure } from "../invoke/failure.ts";
import { isBusy, type Session } from "../invoke/session.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Registry } from "../registry/registry.ts";
import type { Services } from "../services.ts";
import { findDueRun, putRun, type RunRow } from "../store/d1/runs.ts";
import { releaseLease, takeLease, type DueSchedule } from "../store/d1/schedules.ts";
import { parseSchedule } from "./next-run.ts";

/** Milliseconds a lease lasts beyond the longest wall clock a run may have. */
const LEASE_SLACK_MS = 60_000;

/** What running needs. */
export interface RunParts {
  readonly services: Services;
  readonly registry: Registry;
  readonly openSession: () => Session;
}

/** Runs a due schedule, unless another Worker does. */
export async function runSchedule({ services, registry, openSession }: RunParts, row: DueSchedule): Promise<void> {
  const { db } = services;
  const plugin = (await registry.current()).plugins.get(row.plugin_id);
  if (!plugin) return;

  const startedAt = services.now();
  const token = services.newId();
  const until = new Date(
    startedAt.getTime() + BUDGET_CEILINGS[services.plan].schedule.wallMs + LEASE_SLACK_MS,
  ).toISOString();
  const leased = await takeLease(db, row, { token, now: startedAt.toISOString(), until });
  if (!leased) return;
  const { dueAt, data } = leased;

  const asked = await findDueRun(db, row.plugin_id, row.name);
  const run: RunRow = {
    id: asked?.id ?? services.newId(),
    plugin_id: plugin.id,
    version: plugin.version,
    schedule: row.name,
    status: "running",
    due_at: asked?.due_at ?? dueAt,
    started_at: startedAt.toISOString(),
    duration_ms: null,
    fuel: null,
    host_calls: null,
    error: null,
  };
  await putRun(db, run).run();

  const session = openSession();
  const ended = await runHook(session, { plugin, name: row.name, dueAt: run.due_at, data });
  await session.finish();

  const lastRunAt = startedAt.toISOString();
  if (ended.status === "due") {
    // It never began. It stays due and asked for, and the next tick takes it up.
    await db.batch([
      putRun(db, { ...run, ...ended, started_at: null }),
      ...releaseLease(db, row, { token, lastRunAt, dueAt, nextRunAt: dueAt }),
    ]);
    return;
  }
  const parsed = parseSchedule(row.schedule, row.timezone);
  const next = parsed.ok ? parsed.value.next(services.now()) : null;
  await db.batch([
    putRun(db, { ...run, ...ended, duration_ms: services.now().getTime() - startedAt.getTime() }),
    ...releaseLease(db, row, { token, lastRunAt, dueAt, nextRunAt: next?.toISOString() ?? null }),
  ]);
}

async function runHook(
  session: Session,
  { plugin, name, dueAt, data }: { plugin: ActivePlugin; name: string; dueAt: string; data: string | null },
): Promise<Pick<RunRow, "status" | "error" | "fuel" | "host_calls">> {
  const input = {
    name,
    ...(data === null ? {} : { data: JSON.parse(data) as unknown }),
    scheduledAt: dueAt,
  };
  try {
    const { outcome } = await session.enter({ plugin, kind: "schedule", name: "hook:cron", input });
    return {
      status: outcome.ok ? "ok" : isBusy(outcome) ? "due" : "failed",
      error: outcome.ok ? null : describeFailure(outcome.failure),
      fuel: Math.round(outcome.usage.fuel),
      host_calls: outcome.usage.hostCalls,
    };
  } catch (error) {
    // A missing or changed bundle, or a bug of the host: the run is on record as failed and the next one comes.
    const message = error instanceof Error ? error.message : "the run could not be started";
    return { status: "failed", error: message.slice(0, 1_000), fuel: null, host_calls: null };
  }
}
