/** The Worker from its sources, inside workerd beside the tests. Alias: `#target` in `tests/host/vitest.config.ts`. */
import {
  applyD1Migrations,
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createWorker } from "../../host/worker.ts";
import { emptyBindings } from "./target-reset.ts";
import { offline, ORIGIN, type Internet, type Target } from "./target.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      readonly DB: D1Database;
      readonly CACHE: KVNamespace;
      readonly BUNDLES: R2Bucket;
      readonly SECRETS_KEY: string;
      readonly BOOTSTRAP_TOKEN: string;
      readonly TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1];
    }
  }
}

let internet: Internet = offline;
let isMigrated = false;
const worker = createWorker<Cloudflare.Env>(() => ({
  fetch: (request) => Promise.race([toAborted(request.signal), (async () => internet(request))()]),
  // Expected failures are logged by the dozen; what matters of them is asserted through the API.
  log: () => {},
}));

export const target: Target = {
  env,
  async fetch(path, init) {
    const context = createExecutionContext();
    const request = new Request(new URL(path, ORIGIN), init) as Request<unknown, IncomingRequestCfProperties>;
    const response = await worker.fetch!(request, env, context);
    await waitOnExecutionContext(context);
    return response;
  },
  async tick() {
    const context = createExecutionContext();
    await worker.scheduled!(createScheduledController({ cron: "* * * * *" }), env, context);
    await waitOnExecutionContext(context);
  },
  internet(answer) {
    internet = answer;
  },
  async reset() {
    internet = offline;
    if (!isMigrated) await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
    isMigrated = true;
    await emptyBindings(env);
  },
};

/** Rejects as fetch does, when its caller gives up. */
function toAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
