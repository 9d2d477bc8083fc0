/**
 * What happens to one due schedule? Whoever takes its lease runs it once: a run row, an invocation with limits of its
 * own, the outcome on the row, the next time. The lease outlives the longest run, so a crash frees it by itself.
 */
import { budgetOf } from "../invoke/budgets.ts";
import type { Session } from "../invoke/session.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Registry } from "../registry/registry.ts";
import type { Services } from "../services.ts";
import { getDue, takeLease, type DueSchedule } from "../store/d1/due-schedules.ts";
import { crashRun, endRun, findDueRun, NOT_BEGUN, putRun, type RunRow } from "../store/d1/runs.ts";
import type { ScheduleKey } from "../store/d1/schedules.ts";
import { decideStart } from "./before-run.ts";
import { enterForRun } from "./enter.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";
import { pauseSchedule } from "./pause.ts";
import { readRow, type ReadSchedule } from "./read-row.ts";
import { settle, type Held } from "./settle.ts";

/** What running needs. */
export interface RunParts {
  readonly services: Services;
  readonly registry: Registry;
  readonly openSession: () => Session;
  /** From 0 to below 1. */
  readonly random: () => number;
}

const CRASHED = "The Worker stopped during this run, and during the one that was to make up for it.";

/** Runs a schedule if it is due, unless another Worker does. */
export async function runSchedule(parts: RunParts, key: ScheduleKey): Promise<void> {
  const { services, registry } = parts;
  const row = await getDue(services.db, key, services.now().toISOString());
  if (!row) return;
  const malformed = (reason: string): Promise<void> => pauseSchedule(services, key, { kind: "malformed", reason });
  if (row.is_installed === 0) return malformed(`there is no plugin "${key.plugin_id.slice(0, 64)}"`);
  const { plugins, bounds } = await registry.current();
  const plugin = plugins.get(key.plugin_id);
  // Switched off, say: it stays due.
  if (!plugin) return;
  const read = readRow(row);
  if (!read.ok) return malformed(read.reason);
  const { wallMs, waitMs } = budgetOf(services.plan, "schedule", plugin.manifest, bounds.policy);
  await runDue(parts, { row, plugin, read: read.value, leaseMs: waitMs + wallMs + SCHEDULE_LIMITS.leaseSlackMs });
}

interface Due {
  readonly row: DueSchedule;
  readonly plugin: ActivePlugin;
  readonly read: ReadSchedule;
  readonly leaseMs: number;
}

async function runDue(parts: RunParts, { row, plugin, read, leaseMs }: Due): Promise<void> {
  const { db, now, newId } = parts.services;
  const key: ScheduleKey = { plugin_id: row.plugin_id, name: row.name };
  const asked = await findDueRun(db, row.plugin_id, row.name);
  const startedAt = now();
  const run = asked?.id ?? newId();
  const token = newId();
  const until = new Date(startedAt.getTime() + leaseMs).toISOString();
  // SECURITY: one of several wins, whoever they are. (tests/host/schedules.test.ts, "although two ticks run at the same time")
  if (!(await takeLease(db, row, { token, run, now: startedAt.toISOString(), until }))) return;

  const start = decideStart(read.state, {
    timetable: read.timetable,
    now: startedAt,
    predecessor: row.lease_token === null ? "ended" : "crashed",
    asked: asked ? "by hand" : "by its clock",
  });
  const { timetable } = read;
  const held = { key, token, run, version: plugin.version, timetable, state: start.state, startedAt };
  const crashed = row.running_id === null ? [] : [crashRun(db, row.running_id)];
  if (start.do === "settle") {
    return settle(
      parts,
      // The run that is to blame is the one that crashed; one that a person asked for stays due.
      { ...held, run: row.running_id ?? run, awaited: asked ? "by a person" : "by nobody" },
      { ending: start.as, error: CRASHED, lastRunAt: null, statements: crashed },
    );
  }
  const begun: RunRow = {
    ...NOT_BEGUN,
    id: run,
    plugin_id: plugin.id,
    version: plugin.version,
    schedule: row.name,
    attempt: start.attempt,
    status: "running",
    due_at: asked?.due_at ?? start.state.slotAt,
    started_at: startedAt.toISOString(),
  };
  await db.batch([...crashed, putRun(db, begun)]);
  await runTry(parts, { ...held, awaited: "by nobody" }, { begun, plugin, data: read.data });
}

interface Try {
  readonly begun: RunRow;
  readonly plugin: ActivePlugin;
  readonly data: unknown;
}

async function runTry(parts: RunParts, held: Held, { begun, plugin, data }: Try): Promise<void> {
  const { db, now } = parts.services;
  const session = parts.openSession();
  try {
    const event = {
      name: begun.schedule,
      ...(data === undefined ? {} : { data }),
      scheduledAt: begun.due_at,
      ...(begun.attempt > 1 ? { attempt: begun.attempt } : {}),
    };
    const { ending, ...end } = await enterForRun(session, { plugin, event });
    const times =
      // It never began. It stays due and asked for, and the next tick takes it up.
      ending === "busy"
        ? { started_at: null, duration_ms: null }
        : { started_at: begun.started_at, duration_ms: now().getTime() - held.startedAt.getTime() };
    await settle(parts, held, {
      ending,
      error: end.error,
      lastRunAt: begun.started_at,
      statements: [endRun(db, begun.id, { ...end, ...times })],
    });
  } finally {
    await session.finish();
  }
}
