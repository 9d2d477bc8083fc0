/** What does the host throw away? Keys that have expired at each tick; once an hour, old records. */
import { BUDGET_CEILINGS } from "../invoke/budgets.ts";
import type { Services } from "../services.ts";
import { pruneAi } from "../store/d1/ai-usage.ts";
import { pruneEmail } from "../store/d1/email-usage.ts";
import { pruneRecords } from "../store/d1/invocations.ts";
import { compactAmounts, pruneAmounts } from "../store/d1/meters.ts";
import { purgeExpired } from "../store/d1/plugin-keys.ts";
import { crashAbandonedRuns, pruneRuns } from "../store/d1/runs.ts";
import { pruneUsage } from "../store/d1/usage.ts";
import { SCHEDULE_LIMITS } from "./limits.ts";

/** Days records are kept. */
const KEEP_DAYS = 30;
/** Days for which amounts are kept by hour; before that they are by day. */
const KEEP_HOURS_DAYS = 2;
/** Days it is known what plugins' mails and questions to language models came to. */
const KEEP_USAGE_DAYS = 400;

const DAY_MS = 86_400_000;

/** Does what is to be done at this minute. */
export async function keepHouse(services: Services, now: Date): Promise<void> {
  await purge(services, now);
  if (now.getUTCMinutes() === 0) await forget(services, now);
}

/** Keys that stay a minute longer are no reason to run nothing. */
async function purge({ db, log }: Services, now: Date): Promise<void> {
  try {
    await db.batch([...purgeExpired(db, now.toISOString())]);
  } catch (error) {
    log("error", "expired keys not deleted", { error: String(error) });
  }
}

async function forget({ db, flags, plan, log }: Services, now: Date): Promise<void> {
  await flags.mend().catch((error: unknown) => log("error", "flags not mended", { error: String(error) }));
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const keptFrom = before(KEEP_DAYS);
  const daysAgo = keptFrom.toISOString();
  const longAgo = new Date(now.getTime() - BUDGET_CEILINGS[plan].schedule.wallMs * 2).toISOString();
  const yearAgo = before(KEEP_USAGE_DAYS).toISOString();
  await db.batch([
    ...pruneRecords(db, daysAgo),
    pruneUsage(db, daysAgo),
    pruneAmounts(db, keptFrom),
    ...compactAmounts(db, before(KEEP_HOURS_DAYS)),
    crashAbandonedRuns(db, longAgo),
    pruneRuns(db, SCHEDULE_LIMITS.runsKept),
    pruneAi(db, yearAgo.slice(0, 13)),
    pruneEmail(db, yearAgo.slice(0, 10)),
  ]);
}
