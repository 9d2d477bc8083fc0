/**
 * The Worker as it is deployed: the output of `wrangler deploy --dry-run`, in a workerd of its own with production's
 * bindings and nothing else. Alias: `#target` in `tests/built/vitest.config.ts`.
 */
import { inject } from "vitest";
import { createTestHarness } from "wrangler";
import { emptyBindings } from "./target-reset.ts";
import {
  offline,
  ORIGIN,
  PROVIDERS,
  SECRETS,
  VARIABLES,
  type Internet,
  type Target,
  type TargetEnv,
} from "./target.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where `tests/built/build.ts` put the built Worker. */
    readonly builtWorker: string;
  }
}

let internet: Internet = offline;

// The harness sends the Worker's outbound requests through Node's fetch; what is not this machine is the test's internet.
const nodeFetch = globalThis.fetch;
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const { hostname } = new URL(request.url);
  if (hostname === "127.0.0.1" || hostname === "localhost" || `https://${hostname}` === ORIGIN) {
    return nodeFetch(input, init);
  }
  return internet(request);
};

const harness = createTestHarness({
  workers: [
    {
      configPath: "./wrangler.toml",
      prebuiltWorkerDir: inject("builtWorker"),
      secrets: { ...SECRETS, ...VARIABLES, ...PROVIDERS },
    },
  ],
});
await harness.listen();
const worker = harness.getWorker<TargetEnv>();
await worker.applyD1Migrations("DB");

export const target: Target = {
  env: await worker.getEnv(),
  async fetch(path, init) {
    const response = await worker.fetch(new URL(path, ORIGIN).href, init as never);
    return response as unknown as Response;
  },
  async tick() {
    await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  },
  internet(answer) {
    internet = answer;
  },
  async reset() {
    internet = offline;
    await emptyBindings(target.env);
  },
};

/** Stops the Worker. */
export async function closeTarget(): Promise<void> {
  globalThis.fetch = nodeFetch;
  await harness.close();
}
