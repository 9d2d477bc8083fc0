/**
 * `npm run bench:bridge`: what a bridge call costs by itself, what guarding SQL costs beside running it, and how often a
 * page view writes. On the host's own Worker in workerd, with D1 and KV as wrangler runs them locally.
 */
import { createTestHarness } from "wrangler";
import { packBundle } from "../scripts/pack-bundle.ts";
import { percentile, report } from "./report.ts";
import type { Loop } from "./bridge/loop.ts";

const ROUNDS = 7;
const CALLS = 300;
const REQUESTS = 40;
const VIEWS = 1_000;
const ORIGIN = "https://bench.example";
const TOKEN = "bench-bootstrap-token-0123456789";

const harness = createTestHarness({
  workers: [
    {
      configPath: `${import.meta.dirname}/bridge/wrangler.toml`,
      secrets: { BOOTSTRAP_TOKEN: TOKEN, SECRETS_KEY: "b".repeat(32) },
    },
  ],
});
await harness.listen();
const worker = harness.getWorker();

async function ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const isBytes = body instanceof Uint8Array;
  const response = await worker.fetch(`${ORIGIN}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": isBytes ? "application/gzip" : "application/json",
    },
    ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
  return (/json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : text) as Answer;
}

async function install(manifest: { readonly id: string }, backend: string): Promise<void> {
  const bundle = await packBundle({ manifest, backend });
  const { plan } = await ask<{ plan: { hash: string } }>("POST", "/api/admin/plugins", new Uint8Array(bundle));
  await ask("POST", `/api/admin/plugins/${manifest.id}/consent`, { version: "1.0.0", planHash: plan.hash });
}

const median = (values: readonly number[]): number => percentile(values, 0.5);
const perCall = ({ ms, calls }: Loop): number => ms / calls;

/** Milliseconds of one request to the route that makes this many calls. */
async function time(calls: number): Promise<number> {
  const start = performance.now();
  const { data } = await ask<{ data: number }>("POST", "/api/plugins/caller/calls", { calls });
  if (data !== calls) throw new Error(`Made ${data} of ${calls} calls.`);
  return performance.now() - start;
}

try {
  await worker.applyD1Migrations("DB");
  await install(
    {
      id: "caller",
      version: "1.0.0",
      routes: ["calls"],
      admin: { settingsSchema: { tone: { type: "string", label: "Tone", default: "dry" } } },
      bulkhead: { budgets: { route: { hostCalls: 400 } } },
    } as { readonly id: string },
    `export default { routes: { async calls({ input }, ctx) {
      let made = 0;
      for (; made < input.calls; made += 1) await ctx.settings.get("tone");
      return made;
    } } };`,
  );
  const guard: number[] = [];
  const cached: number[] = [];
  const settings: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    guard.push(perCall(await ask<Loop>("GET", "/bench/guard")));
    const known = perCall(await ask<Loop>("GET", "/bench/guard-cached"));
    cached.push(known / perCall(await ask<Loop>("GET", "/bench/d1")));
    const read = await ask<Loop & { seen: boolean }>("GET", "/bench/settings");
    if (!read.seen) throw new Error("A put was not seen by the next run.");
    settings.push(perCall(read));
  }
  // A call of which nothing waits for a backend: the settings are there. With it less without it, in turn.
  const calls: number[] = [];
  for (let request = 0; request < REQUESTS; request += 1) {
    const without = await time(0);
    calls.push(((await time(CALLS)) - without) / CALLS);
  }
  for (const id of ["one", "two", "three"]) {
    await install(
      { id, version: "1.0.0", hooks: ["page:metadata"] } as { readonly id: string },
      `export default { hooks: { async "page:metadata"(_, ctx) {
        await ctx.kv.get("seen");
        return { kind: "meta", name: "${id}", content: "yes" };
      } } };`,
    );
  }
  await ask("GET", "/");
  await ask("GET", "/bench/writes");
  for (let view = 0; view < VIEWS; view += 1) await ask("GET", "/");
  const { count } = await ask<{ count: number }>("GET", "/bench/writes");

  report(
    "bridge",
    {
      guard_uncached_us: { value: median(guard) * 1_000, unit: "us", goal: 150 },
      guard_cached_over_d1: { value: median(cached), unit: "x", goal: 0.005 },
      settings_read_ms: { value: median(settings), unit: "ms", goal: 0.2 },
      bridge_call_us: { value: median(calls) * 1_000, unit: "us", goal: 60 },
      writes_per_1k_views: { value: count, unit: "writes" },
    },
    ROUNDS,
  );
} finally {
  await harness.close();
}
