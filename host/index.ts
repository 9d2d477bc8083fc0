/** The deployed Worker. Composition only. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { Env } from "./services.ts";
import type { ScheduleKey } from "./store/d1/schedules.ts";
import { createWorker } from "./worker.ts";

const { runDue, ...handlers } = createWorker(undefined, { runs: "apart" });

export default handlers;

/**
 * Each run of a schedule is an invocation of its own, made by the tick through `ctx.exports`. SECURITY: nothing to forge: it
 * is given a name, and runs that only if it is due. No request reaches it. (tests/production/schedule-runs.test.ts, "is reached by no request")
 */
export class ScheduleRuns extends WorkerEntrypoint<Env> {
  run(key: ScheduleKey): Promise<void> {
    return runDue(this.env, key);
  }
}
