/**
 * What does the Worker's cron do each minute? It keeps the audit, runs what is due, side by side, makes images that are
 * missing, deletes keys that have expired, and forgets old records once an hour.
 */
import { keepAudit } from "../audit/keep.ts";
import { pruneAi } from "../store/d1/ai-usage.ts";
import { pruneEmail } from "../store/d1/email-usage.ts";
import { pruneRecords } from "../store/d1/invocations.ts";
import { purgeExpired } from "../store/d1/plugin-keys.ts";
import { failAbandonedRuns } from "../store/d1/runs.ts";
import { compactAmounts, pruneAmounts } from "../store/d1/meters.ts";
import { pruneUsage } from "../store/d1/usage.ts";
import { findMissing } from "../settings/missing.ts";
import { resealSecrets } from "../settings/reseal.ts";
import { readSettings } from "../settings/read.ts";
import { listDue, type DueSchedule } from "../store/d1/schedules.ts";
import { BUDGET_CEILINGS } from "../invoke/budgets.ts";
import { runSchedule, type RunParts } from "./run.ts";

/** Schedules one tick starts; the rest follow at the next. */
const PER_TICK = 20;
/** Due schedules one tick looks at; those that wait for settings must not keep the others from their turn. */
const CANDIDATES = 200;
/** Schedules one tick runs side by side; each holds a VM. A slow one keeps its own lane only, the rest go on. */
const LANES = 3;
/** Days records are kept. */
const KEEP_DAYS = 30;
/** Days for which amounts are kept by hour; before that they are by day. */
const KEEP_HOURS_DAYS = 2;
/** Days it is known what plugins' mails and questions to language models came to. */
const KEEP_USAGE_DAYS = 400;

/** What a tick needs. */
export interface TickParts extends RunParts {
  /** Makes a few of the images that are missing. */
  readonly prepareSome: () => Promise<void>;
}

/** One tick. A schedule that fails in the host itself delays no other. */
export async function tick(parts: TickParts): Promise<void> {
  const { services } = parts;
  // Also while no plugin runs: people go on acting.
  await keepAudit(services);
  if (services.pluginsOff) return;
  const now = services.now();
  const due = await findReady(parts, await listDue(services.db, now.toISOString(), CANDIDATES));
  const [results] = await Promise.all([
    runSome(due, (row) => runSchedule(parts, row)),
    parts.prepareSome(),
    resealSecrets(services),
    purge(services, now),
  ]);
  for (const [i, result] of results.entries()) {
    if (result.status === "rejected") {
      services.log("error", "schedule not run", {
        plugin: due[i]?.plugin_id,
        schedule: due[i]?.name,
        error: String(result.reason),
      });
    }
  }
  if (now.getUTCMinutes() === 0) {
    await services.flags
      .mend()
      .catch((error: unknown) => services.log("error", "flags not mended", { error: String(error) }));
    const keptFrom = new Date(now.getTime() - KEEP_DAYS * 86_400_000);
    const daysAgo = keptFrom.toISOString();
    const longAgo = new Date(now.getTime() - BUDGET_CEILINGS[services.plan].schedule.wallMs * 2).toISOString();
    const yearAgo = new Date(now.getTime() - KEEP_USAGE_DAYS * 86_400_000).toISOString();
    await services.db.batch([
      ...pruneRecords(services.db, daysAgo),
      pruneUsage(services.db, daysAgo),
      pruneAmounts(services.db, keptFrom),
      ...compactAmounts(services.db, new Date(now.getTime() - KEEP_HOURS_DAYS * 86_400_000)),
      failAbandonedRuns(services.db, longAgo),
      pruneAi(services.db, yearAgo.slice(0, 13)),
      pruneEmail(services.db, yearAgo.slice(0, 10)),
    ]);
  }
}

/** Keys that stay a minute longer are no reason to run nothing. */
async function purge({ db, log }: RunParts["services"], now: Date): Promise<void> {
  try {
    await db.batch([...purgeExpired(db, now.toISOString())]);
  } catch (error) {
    log("error", "expired keys not deleted", { error: String(error) });
  }
}

/** Runs the work for every row, a few at a time; what one throws stops no other. */
async function runSome<Row>(
  rows: readonly Row[],
  work: (row: Row) => Promise<void>,
): Promise<readonly PromiseSettledResult<void>[]> {
  const results: PromiseSettledResult<void>[] = [];
  const queue = rows.entries();
  const lane = async (): Promise<void> => {
    for (const [i, row] of queue)
      [results[i]] = (await Promise.allSettled([work(row)])) as [PromiseSettledResult<void>];
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** The first that do not wait for a setting. One that waits stays due and runs at the first tick after it was filled in. */
async function findReady(
  { services, registry }: RunParts,
  due: readonly DueSchedule[],
): Promise<readonly DueSchedule[]> {
  const { plugins } = await registry.current();
  const isReady = new Map<string, boolean>();
  const ready: DueSchedule[] = [];
  for (const row of due) {
    if (ready.length === PER_TICK) break;
    const { plugin_id: id } = row;
    const manifest = plugins.get(id)?.manifest;
    if (!manifest) continue;
    if (!isReady.has(id)) isReady.set(id, findMissing(manifest, await readSettings(services, manifest)).length === 0);
    if (isReady.get(id)) ready.push(row);
  }
  return ready;
}
