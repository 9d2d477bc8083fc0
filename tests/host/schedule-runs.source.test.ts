/** Who runs what, how often, and beside whom? It needs Workers of its own: several at once, on Free, with a clock that moves, with runs apart. */
import { createExecutionContext, createScheduledController } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { SCHEDULE_LIMITS } from "../../host/schedule/limits.ts";
import type { ScheduleKey } from "../../host/store/d1/schedules.ts";
import { createWorker, type Overrides } from "../../host/worker.ts";
import { packPlugin, type PluginSource } from "../support/bundle.ts";
import { ORIGIN } from "../support/target.ts";
import { install, must, rows, type Json } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;
const PAST = "2020-01-01T00:00:00.000Z";
const COUNT = `async (event, ctx) => ctx.kv.set("runs", [...((await ctx.kv.get("runs")) ?? []), event.name])`;
const named = (names: readonly string[], cron = "0 * * * *") => ({
  bulkhead: { schedules: names.map((name) => ({ name, cron })) },
});
const job = (id: string, names: readonly string[] = ["hourly"], hook = COUNT) =>
  probe(id, { hooks: { cron: hook }, manifest: named(names) });
const makeDue = () => env.DB.prepare("UPDATE _host_schedules SET next_run_at = ?").bind(PAST).run();
const seen = async (id: string) => ((await bridge(id, "kv.get", "runs")).value ?? []) as unknown as readonly string[];

/** A Worker in an isolate of its own. */
const start = (overrides: ReturnType<Overrides<Bindings>> = {}) =>
  createWorker<Bindings>(() => ({ log: () => {}, ...overrides }));
const tick = async (worker: ReturnType<typeof start>, bindings: Bindings = env) => {
  await worker.scheduled!(createScheduledController(), bindings, createExecutionContext());
};

describe("several Workers on one tick", () => {
  it("run each schedule once, in whatever order they come", async () => {
    const names = Array.from({ length: 10 }, (_, i) => `s${i}`);
    await install(job("shared", names, `(event, ctx) => ctx.kv.set("at:" + event.name, 1)`));
    for (let round = 1; round <= 3; round++) {
      await makeDue();
      await Promise.all(Array.from({ length: 4 }, () => tick(start())));
      expect(await rows("SELECT schedule, status FROM _host_runs GROUP BY 1, 2 HAVING count(*) <> ?", round)).toEqual(
        [],
      );
      expect(await rows("SELECT count(*) AS n FROM _host_runs")).toEqual([{ n: 10 * round }]);
    }
  });
});

describe("a lease that is over while its run is not", () => {
  it("leaves the run that was taken for crashed as it is, and the schedule to who holds it now", async () => {
    const long = probe("long", {
      capabilities: ["network:request"],
      hosts: ["a.shop.dev"],
      hooks: { cron: `async (_, ctx) => { await ctx.http.fetch("https://a.shop.dev/"); }` },
      manifest: named(["hourly"]),
    });
    await install(long);
    const answers: ((response: Response) => void)[] = [];
    const fetch = () => new Promise<Response>((respond) => answers.push(respond));
    await makeDue();
    const first = tick(start({ fetch }));
    await expect.poll(() => answers.length).toBe(1);
    await env.DB.prepare("UPDATE _host_schedules SET lease_until = ?").bind(PAST).run();
    const second = tick(start({ fetch }));
    await expect.poll(() => answers.length).toBe(2);
    const [before] = await rows("SELECT * FROM _host_schedules");
    expect(before).toMatchObject({ crashes: 1 });
    answers[0]!(new Response("late"));
    await first;
    expect(await rows("SELECT * FROM _host_schedules")).toEqual([before]);
    answers[1]!(new Response("ok"));
    await second;
    expect(await rows("SELECT status, attempt FROM _host_runs ORDER BY attempt")).toEqual([
      { status: "crashed", attempt: 1 },
      { status: "ok", attempt: 2 },
    ]);
  });
});

describe("runs apart", () => {
  it("are started one by one, and one whose invocation is ended takes no other with it", async () => {
    await install(job("doomed"));
    await install(job("fine", ["a", "b"]));
    await makeDue();
    const other = start();
    const started: ScheduleKey[] = [];
    const context = Object.assign(createExecutionContext(), {
      exports: {
        ScheduleRuns: {
          async run(key: ScheduleKey) {
            started.push(key);
            if (key.plugin_id === "doomed") throw new Error("Worker exceeded CPU time limit.");
            await other.runDue(env, key);
          },
        },
      },
    });
    const worker = createWorker<Bindings>(() => ({ log: () => {} }), { runs: "apart" });
    await worker.scheduled!(createScheduledController(), env, context);
    expect(started).toEqual([
      { plugin_id: "doomed", name: "hourly" },
      { plugin_id: "fine", name: "a" },
      { plugin_id: "fine", name: "b" },
    ]);
    expect(await rows("SELECT plugin_id, schedule, status FROM _host_runs ORDER BY schedule")).toEqual([
      { plugin_id: "fine", schedule: "a", status: "ok" },
      { plugin_id: "fine", schedule: "b", status: "ok" },
    ]);
  });

  it("are given a name and run only what is due", async () => {
    await install(job("quiet"));
    await install(job("off"));
    await makeDue();
    await env.DB.prepare(
      "UPDATE _host_schedules SET next_run_at = '2999-01-01T00:00:00.000Z' WHERE plugin_id = 'quiet'",
    ).run();
    await must("POST", "/api/admin/plugins/off/disable");
    const worker = start();
    for (const plugin_id of ["quiet", "off", "nobody", "' OR 1=1 --"])
      await worker.runDue(env, { plugin_id, name: "hourly" });
    expect(await rows("SELECT * FROM _host_runs")).toEqual([]);
  });
});

describe("a tick", () => {
  it("starts twenty and leaves the rest to the next, of every plugin its first", async () => {
    const names = Array.from({ length: 16 }, (_, i) => `s${i}`);
    await install(job("one", names, `() => {}`));
    await install(job("two", names, `() => {}`));
    await makeDue();
    await tick(start());
    expect(await rows("SELECT plugin_id, count(*) AS n FROM _host_runs GROUP BY 1 ORDER BY 1")).toEqual([
      { plugin_id: "one", n: SCHEDULE_LIMITS.perTick / 2 },
      { plugin_id: "two", n: SCHEDULE_LIMITS.perTick / 2 },
    ]);
    await tick(start());
    expect(await rows("SELECT count(*) AS n FROM _host_runs WHERE status = 'ok'")).toEqual([{ n: 32 }]);
  });

  it("is not held up by more plugins than one tick looks at that are switched off", async () => {
    await install(job("last"));
    await makeDue();
    // Enabled, and not to be run: their manifests are of another host.
    for (const table of [
      "INSERT INTO _host_plugins (id, state, live_version, created_at, updated_at) SELECT 'held-' || value, 'enabled', '1', ?1, ?1 FROM generate_series(1, 300)",
      "INSERT INTO _host_schedules (plugin_id, name, source, schedule, timezone, next_run_at) SELECT 'held-' || value, 's', 'manifest', '0 * * * *', 'UTC', '2019-01-01T00:00:00.000Z' FROM generate_series(1, 300) WHERE ?1 <> ''",
    ]) {
      const numbers = "WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 300)";
      await env.DB.prepare(`${numbers} ${table.replace("generate_series(1, 300)", "n")}`)
        .bind(PAST)
        .run();
    }
    await tick(start());
    expect(await seen("last")).toEqual(["hourly"]);
  });

  it("at the full hour keeps the newest runs of each plugin, up to the limit", async () => {
    const put = (plugin: string, count: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?2)
         INSERT INTO _host_runs (id, plugin_id, version, schedule, status, due_at, started_at)
         SELECT ?1 || printf('%06d', value), ?1, '1', 's', 'ok', ?3, ?3 FROM n`,
      )
        .bind(plugin, count, new Date().toISOString())
        .run();
    await put("at", SCHEDULE_LIMITS.runsKept);
    await put("over", SCHEDULE_LIMITS.runsKept + 1);
    const hour = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000);
    await tick(start({ now: () => hour }));
    expect(
      await rows("SELECT plugin_id, count(*) AS n, min(id) AS oldest FROM _host_runs GROUP BY 1 ORDER BY 1"),
    ).toEqual([
      { plugin_id: "at", n: SCHEDULE_LIMITS.runsKept, oldest: "at000001" },
      { plugin_id: "over", n: SCHEDULE_LIMITS.runsKept, oldest: "over000002" },
    ]);
  });
});

describe("a run that outlasts the next times", () => {
  it.each<[overlap: "skip" | "queue", statuses: readonly string[], runs: number]>([
    ["skip", ["ok", "skipped"], 1],
    ["queue", ["ok", "ok"], 2],
  ])("with %s comes to %j", async (overlap, statuses, runs) => {
    let skipMs = 0;
    const now = () => new Date(Date.now() + skipMs);
    const source: PluginSource = probe("long", {
      capabilities: ["network:request"],
      hosts: ["a.shop.dev"],
      hooks: { cron: `async (_, ctx) => { await ctx.http.fetch("https://a.shop.dev/"); }` },
      manifest: {
        bulkhead: {
          schedules: [{ name: "minutely", cron: "* * * * *", overlap }],
          budgets: { schedule: { wallMs: 600_000 } },
        },
      },
    });
    await install(source);
    await makeDue();
    let asked = 0;
    const worker = start({
      now,
      fetch: async () => {
        // The first takes three minutes.
        if (asked++ === 0) skipMs = 180_000;
        return new Response("ok");
      },
    });
    await tick(worker);
    await tick(worker);
    expect(asked).toBe(runs);
    const found = await rows<{ status: string; error: string | null }>(
      "SELECT status, error FROM _host_runs ORDER BY status",
    );
    expect(found.map(({ status }) => status)).toEqual(statuses);
    if (overlap === "skip")
      expect(found[1]!.error).toBe(`The run before it was still under way, and its "overlap" is "skip".`);
  });
});

describe("on Free", () => {
  const free = { ...env, PLAN: "free" } as Bindings;
  async function send(path: string, body: unknown, type = "application/json"): Promise<{ status: number; body: Json }> {
    const request = new Request(`${ORIGIN}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": type },
      body: body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
    }) as Request<unknown, IncomingRequestCfProperties>;
    const response = await start().fetch!(request, free, createExecutionContext());
    return { status: response.status, body: (await response.json()) as Json };
  }

  it.each<[cron: string, status: number]>([
    ["*/5 * * * *", 201],
    ["*/4 * * * *", 422],
    ["* * * * *", 422],
  ])("a manifest with %s is answered with %i", async (cron, status) => {
    const source = probe("often", { hooks: { cron: `() => {}` }, manifest: named(["often"], cron) });
    const answer = await send("/api/admin/plugins", await packPlugin(source), "application/gzip");
    expect({ cron, status: answer.status }).toEqual({ cron, status });
    if (status !== 201) {
      expect(answer.body).toMatchObject({
        code: "MANIFEST_INVALID",
        detail: expect.stringMatching(
          /^bulkhead\.schedules\[0\]\.cron: "\*.* expected at least 5 minutes between two runs/,
        ),
      });
    }
  });

  it.each<[schedule: string, code: string | undefined]>([
    ["*/5 * * * *", undefined],
    ["*/4 * * * *", "INVALID_ARGUMENT"],
  ])("ctx.cron.schedule with %s is %s", async (schedule, code) => {
    await install(probe("often", { hooks: { cron: `() => {}` } }));
    const answer = await send("/api/plugins/often/probe", { op: "cron.schedule", args: ["own", { schedule }] });
    expect(answer.status).toBe(200);
    const { error } = answer.body["data"] as unknown as { error?: { code: string; message: string } };
    expect(error?.code).toBe(code);
    if (code !== undefined) expect(error?.message).toMatch(/comes 4 minutes after .* expected at least 5 minutes/);
    expect(await rows("SELECT name FROM _host_schedules")).toHaveLength(code === undefined ? 1 : 0);
  });
});
