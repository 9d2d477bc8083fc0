/**
 * What does the Worker's cron do each minute? It keeps the audit, starts what is due, all at once, makes images that are
 * missing, and keeps house. Nothing of it waits for anything else of it.
 */
import { keepAudit } from "../audit/keep.ts";
import { findMissing } from "../settings/missing.ts";
import { readSettings } from "../settings/read.ts";
import { resealSecrets } from "../settings/reseal.ts";
import { listDue, listDuePlugins, type DuePlugin } from "../store/d1/due-schedules.ts";
import type { ScheduleKey } from "../store/d1/schedules.ts";
import { keepHouse } from "./keep-house.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";
import { runSchedule, type RunParts } from "./run.ts";

/** Runs a due schedule elsewhere: an invocation of its own, which calls `PluginHost.runDue`. */
export type StartRun = (key: ScheduleKey) => Promise<void>;

/** What a tick needs. */
export interface TickParts extends RunParts {
  /** Makes a few of the images that are missing. */
  readonly prepareSome: () => Promise<void>;
  /** Without it, runs share this event's limits. */
  readonly start?: StartRun | undefined;
}

/** One tick. A schedule that is slow, or fails in the host itself, delays no other. */
export async function tick(parts: TickParts): Promise<void> {
  const { services } = parts;
  // Also while no plugin runs: people go on acting.
  await keepAudit(services);
  if (services.pluginsOff) return;
  const now = services.now();
  const works = [startDue(parts, now), parts.prepareSome(), resealSecrets(services), keepHouse(services, now)];
  // All come to their end before the event is over, whatever became of one of them.
  const failed = (await Promise.allSettled(works)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

async function startDue(parts: TickParts, now: Date): Promise<void> {
  const { services, start = (key) => runSchedule(parts, key) } = parts;
  const at = now.toISOString();
  const plugins = await findReady(parts, await listDuePlugins(services.db, at));
  if (plugins.length === 0) return;
  const due = await listDue(services.db, { now: at, plugins, limit: SCHEDULE_LIMITS.perTick });
  const results = await Promise.allSettled(due.map((key) => start(key)));
  for (const [i, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    // Its lease ends, and it is taken for crashed.
    const { plugin_id: plugin, name: schedule } = due[i]!;
    services.log("error", "schedule not run", { plugin, schedule, error: String(result.reason) });
  }
}

/**
 * Plugins whose schedules do not wait for a setting, as many as can fill a tick. What waits runs at the first tick after it
 * was filled in, and takes nobody's turn; nor does what is switched off.
 */
async function findReady({ services, registry }: RunParts, due: readonly DuePlugin[]): Promise<readonly string[]> {
  const { plugins } = await registry.current();
  const ready: string[] = [];
  for (const { plugin_id: id, is_installed: isInstalled } of due) {
    if (ready.length === SCHEDULE_LIMITS.perTick) break;
    const manifest = plugins.get(id)?.manifest;
    const runs = manifest
      ? findMissing(manifest, await readSettings(services, manifest)).length === 0
      : // So that it is paused.
        isInstalled === 0;
    if (runs) ready.push(id);
  }
  return ready;
}
