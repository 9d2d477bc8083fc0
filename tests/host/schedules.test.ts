/** What runs when? Each due schedule once, by whoever is first; nobody waits for anybody else's. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { call, callRoute, consent, install, must, rows, show, upload, type Json } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const DAILY = { bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *", timezone: "Europe/Berlin" }] } };
const COUNT = `async (event, ctx) => ctx.kv.set("runs", [...((await ctx.kv.get("runs")) ?? []), event.name])`;
const scheduled = (id: string, cron = COUNT, manifest: Record<string, unknown> = DAILY) =>
  probe(id, { hooks: { cron }, manifest });
/** Makes everything due, as if its time had come; a task for one time had that time. */
const makeDue = (where = "1") =>
  target.env.DB.prepare(
    `UPDATE _host_schedules SET next_run_at = '2020-01-01T00:00:00.000Z',
       schedule = CASE WHEN schedule LIKE '%T%Z' THEN '2020-01-01T00:00:00.000Z' ELSE schedule END WHERE ${where}`,
  ).run();
const runsOf = async (id: string) =>
  (await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/runs`)).items;
const seen = async (id: string) => (await bridge(id, "kv.get", "runs")).value ?? null;
const leases = () => rows("SELECT name FROM _host_schedules WHERE lease_token IS NOT NULL OR lease_until IS NOT NULL");

describe("a due schedule", () => {
  it("runs once, although two ticks run at the same time, and then waits for its next time", async () => {
    await install(scheduled("timely"));
    await target.tick();
    expect(await seen("timely")).toBeNull();
    await makeDue();
    await Promise.all([target.tick(), target.tick(), target.tick()]);
    await target.tick();
    expect(await seen("timely")).toEqual(["daily"]);
    expect(await runsOf("timely")).toMatchObject([
      {
        schedule: "daily",
        status: "ok",
        error: null,
        dueAt: "2020-01-01T00:00:00.000Z",
        durationMs: expect.any(Number),
      },
    ]);
    const [schedule] = await rows<{ next_run_at: string; last_run_at: string }>("SELECT * FROM _host_schedules");
    expect(new Date(schedule!.next_run_at).getTime()).toBeGreaterThan(Date.now());
    expect(schedule!.last_run_at).not.toBeNull();
    expect(await leases()).toEqual([]);
  });

  it.each([
    ["throws", `() => { throw new Error("no luck"); }`, /^no luck$/],
    ["loops for ever", `() => { for (;;); }`, /fuel/],
    ["never settles", `() => new Promise(() => {})`, /./],
    ["takes all memory", `() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)); }`, /memory/],
  ])("that %s is on record as failed with its error, leaves no lease, and comes again", async (_, hook, words) => {
    const budgets = { schedule: { fuel: 5_000_000 } };
    await install(scheduled("failing", hook, { bulkhead: { ...DAILY.bulkhead, budgets } }));
    await install(scheduled("steady"));
    for (const time of [1, 2]) {
      await makeDue();
      await target.tick();
      const runs = await runsOf("failing");
      expect(runs.map((run) => run["status"])).toEqual(Array(time).fill("failed"));
      expect(String(runs[0]!["error"])).toMatch(words);
      expect(await leases()).toEqual([]);
    }
    expect(await seen("steady")).toEqual(["daily", "daily"]);
  });

  it("whose Worker died during a run is run again once the lease is over, not before", async () => {
    await install(scheduled("crashed"));
    const lease = (until: string) =>
      target.env.DB.prepare("UPDATE _host_schedules SET lease_token = 'dead', lease_until = ?").bind(until).run();
    await makeDue();
    await lease("2100-01-01T00:00:00.000Z");
    await target.tick();
    expect(await seen("crashed")).toBeNull();
    await lease("2020-01-01T00:10:00.000Z");
    await target.tick();
    expect(await seen("crashed")).toEqual(["daily"]);
    expect(await leases()).toEqual([]);
  });

  it("that is slow delays nobody else's", async () => {
    await install(
      probe("slow", {
        capabilities: ["network:request"],
        hosts: ["a.shop.dev"],
        hooks: { cron: `async (_, ctx) => { await ctx.http.fetch("https://a.shop.dev/"); }` },
        manifest: DAILY,
      }),
    );
    await install(scheduled("quick"));
    let answer = (_: Response): void => {};
    const asked = new Promise<void>((resolve) => {
      target.internet(
        () =>
          new Promise((respond) => {
            answer = respond;
            resolve();
          }),
      );
    });
    await makeDue();
    const ticking = target.tick();
    await asked;
    // The slow one still waits for its answer.
    await expect.poll(() => seen("quick"), { timeout: 10_000 }).toEqual(["daily"]);
    expect((await runsOf("slow")).map((run) => run["status"])).toEqual(["running"]);
    answer(new Response("at last"));
    await ticking;
    expect((await runsOf("slow")).map((run) => run["status"])).toEqual(["ok"]);
  });

  it("of a disabled, parked or removed plugin never runs; enabled again it does", async () => {
    await install(scheduled("paused"));
    await must("POST", "/api/admin/plugins/paused/disable");
    await makeDue();
    await target.tick();
    expect(await runsOf("paused")).toEqual([]);
    expect((await call("POST", "/api/admin/plugins/paused/schedules/daily/run")).status).toBe(409);
    await must("POST", "/api/admin/plugins/paused/enable");
    await target.tick();
    expect((await runsOf("paused")).map((run) => run["status"])).toEqual(["ok"]);
    await must("DELETE", "/api/admin/plugins/paused");
    expect(await rows("SELECT * FROM _host_schedules")).toEqual([]);
  });

  it("waits while a required setting is missing, counts as no failure, and runs at the tick after it was set", async () => {
    const manifest = {
      admin: { settingsSchema: { key: { type: "secret", label: "API key" } } },
      bulkhead: { ...DAILY.bulkhead, requiredSettings: [{ key: "key" }] },
    };
    await install(scheduled("needy", COUNT, manifest));
    await makeDue();
    await target.tick();
    expect(await runsOf("needy")).toEqual([]);
    const shown = await show("needy");
    expect(shown).toMatchObject({
      state: "enabled",
      recentFailures: 0,
      schedules: [{ waits: "Needs setup: API key." }],
    });
    await must("PUT", "/api/admin/plugins/needy/settings", { body: { values: { key: "k" } } });
    await target.tick();
    expect((await runsOf("needy")).map((run) => run["status"])).toEqual(["ok"]);
  });

  it("is not held up by any number of others that wait for settings", async () => {
    const schedules = Array.from({ length: 16 }, (_, i) => ({ name: `s${i}`, cron: "0 6 * * *" }));
    const manifest = {
      admin: { settingsSchema: { key: { type: "secret", label: "K" } } },
      bulkhead: { schedules, requiredSettings: [{ key: "key" }] },
    };
    await install(scheduled("waiting-a", COUNT, manifest));
    await install(scheduled("waiting-b", COUNT, manifest));
    await install(scheduled("ready"));
    await makeDue("plugin_id <> 'ready'");
    await target.env.DB.prepare(
      "UPDATE _host_schedules SET next_run_at = '2021-01-01T00:00:00.000Z' WHERE plugin_id = 'ready'",
    ).run();
    await target.tick();
    expect(await seen("ready")).toEqual(["daily"]);
  });
});

describe("run now", () => {
  it("runs at the next tick, once, and not before", async () => {
    await install(scheduled("manual"));
    const { status, body } = await call("POST", "/api/admin/plugins/manual/schedules/daily/run");
    expect({ status, run: body["run"] }).toMatchObject({ status: 202, run: { schedule: "daily", status: "due" } });
    const again = await call("POST", "/api/admin/plugins/manual/schedules/daily/run");
    expect(again.body["run"]!["id"]).toBe(body["run"]!["id"]);
    expect(await seen("manual")).toBeNull();
    await target.tick();
    await target.tick();
    expect(await seen("manual")).toEqual(["daily"]);
    expect(await runsOf("manual")).toMatchObject([{ id: body["run"]!["id"], status: "ok" }]);
    expect((await call("POST", "/api/admin/plugins/manual/schedules/nothing/run")).status).toBe(404);
  });

  it("asked for while a run is under way is done after it", async () => {
    await install(
      probe("busy", {
        capabilities: ["network:request"],
        hosts: ["a.shop.dev"],
        hooks: { cron: `async (_, ctx) => { await ctx.http.fetch("https://a.shop.dev/"); }` },
        manifest: DAILY,
      }),
    );
    let answer = (_: Response): void => {};
    const asked = new Promise<void>((resolve) => {
      target.internet(
        () =>
          new Promise((respond) => {
            answer = respond;
            resolve();
          }),
      );
    });
    await makeDue();
    const ticking = target.tick();
    await asked;
    await must("POST", "/api/admin/plugins/busy/schedules/daily/run");
    answer(new Response("ok"));
    await ticking;
    target.internet(() => new Response("ok"));
    await target.tick();
    expect((await runsOf("busy")).map((run) => run["status"])).toEqual(["ok", "ok"]);
  });
});

describe("ctx.cron", () => {
  it("schedules, lists and cancels tasks of the plugin's own; the manifest's stay", async () => {
    await install(scheduled("own", `async (event, ctx) => ctx.kv.set("runs", event)`));
    expect(await bridge("own", "cron.schedule", "hourly", { schedule: "0 * * * *", data: { a: [1] } })).toEqual({
      value: null,
    });
    expect((await bridge("own", "cron.schedule", "daily", { schedule: "* * * * *" })).error?.code).toBe("CONFLICT");
    expect(await bridge("own", "cron.list")).toMatchObject({
      value: [
        { name: "daily", schedule: "0 6 * * *" },
        { name: "hourly", schedule: "0 * * * *", lastRunAt: null },
      ],
    });
    await makeDue("name = 'hourly'");
    await target.tick();
    expect(await seen("own")).toEqual({ name: "hourly", data: { a: [1] }, scheduledAt: "2020-01-01T00:00:00.000Z" });
    await bridge("own", "cron.cancel", "hourly");
    await bridge("own", "cron.cancel", "daily");
    expect(await bridge("own", "cron.list")).toMatchObject({ value: [{ name: "daily" }] });
  });

  it("at a time runs once; a run that schedules itself anew runs again", async () => {
    const later = (ms: number) => new Date(Date.now() + ms).toISOString();
    await install(scheduled("once", COUNT, {}));
    await bridge("once", "cron.schedule", "one", { schedule: later(3_600_000) });
    await makeDue();
    await target.tick();
    await target.tick();
    expect(await seen("once")).toEqual(["one"]);

    await install(
      scheduled(
        "chain",
        `async (event, ctx) => { await ctx.kv.set("runs", ((await ctx.kv.get("runs")) ?? 0) + 1); await ctx.cron.schedule(event.name, { schedule: new Date(Date.now() + 3_600_000).toISOString() }); }`,
        {},
      ),
    );
    await bridge("chain", "cron.schedule", "link", { schedule: later(3_600_000) });
    for (const times of [1, 2, 3]) {
      await makeDue("plugin_id = 'chain' AND next_run_at IS NOT NULL");
      await target.tick();
      expect(await seen("chain")).toBe(times);
    }
  });

  it("takes thirty-two schedules and refuses one more; what has run its one time does not count", async () => {
    await install(scheduled("many", `() => {}`, {}));
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    for (let i = 0; i < 32; i++)
      expect(await bridge("many", "cron.schedule", `t${i}`, { schedule: soon })).toEqual({ value: null });
    expect((await bridge("many", "cron.schedule", "t32", { schedule: soon })).error).toMatchObject({
      code: "BUDGET_EXCEEDED",
      message: expect.stringContaining("Cancel one first"),
    });
    expect(await bridge("many", "cron.schedule", "t0", { schedule: "0 6 * * *" })).toEqual({ value: null });
    await makeDue("name = 't1'");
    await target.tick();
    expect(await bridge("many", "cron.schedule", "t32", { schedule: soon })).toEqual({ value: null });
  });
});

describe("ctx.cron, asked for at once", () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const AT_ONCE = `async ({ input: { names, size } }, ctx) => {
    const data = size ? { text: "x".repeat(size) } : undefined;
    const ends = await Promise.allSettled(names.map((name) => ctx.cron.schedule(name, { schedule: "${soon}", data })));
    return ends.map(({ reason }) => reason?.code ?? "ok");
  }`;
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `t${from + i}`);
  const many = (id: string) => probe(id, { hooks: { cron: "() => {}" }, routes: { schedule: AT_ONCE } });
  const schedule = async (id: string, input: object) => (await callRoute(id, "schedule", input)).body["data"];

  it("the last places are given once, also by two requests", async () => {
    await install(many("greedy"));
    expect(await schedule("greedy", { names: names(0, 30) })).toEqual(names(0, 30).map(() => "ok"));
    const ends = await Promise.all(
      [0, 1].map((part) => schedule("greedy", { names: names(30 + 10 * part, 40 + 10 * part) })),
    );
    const codes = ends.flat() as unknown as string[];
    expect(codes.filter((code) => code === "ok")).toHaveLength(2);
    expect(codes.filter((code) => code === "BUDGET_EXCEEDED")).toHaveLength(18);
    expect(await rows("SELECT count(*) AS n FROM _host_schedules WHERE plugin_id = 'greedy'")).toEqual([{ n: 32 }]);
    expect(await schedule("greedy", { names: ["t0"] })).toEqual(["ok"]);
  });

  it("what tasks carry counts among what is stored, and a list does not hold it", async () => {
    await install(many("heavy"));
    expect(await schedule("heavy", { names: names(0, 8), size: 262_100 })).toEqual(names(0, 8).map(() => "ok"));
    const { error } = await bridge("heavy", "cron.schedule", "large", {
      schedule: soon,
      data: { text: "x".repeat(262_144) },
    });
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining("262144 characters") });
    expect(JSON.stringify(await bridge("heavy", "cron.list"))).not.toContain("xxx");
    const { usage } = await must<Json>("GET", "/api/admin/plugins/heavy/usage");
    expect(JSON.stringify(usage!["stored"])).toContain(String(8 * (262_100 + '{"text":""}'.length)));
  });
});

describe("an update", () => {
  it("keeps the plugin's own tasks, and replaces the manifest's", async () => {
    await install(scheduled("grown"));
    await bridge("grown", "cron.schedule", "own", { schedule: "0 * * * *" });
    const next = probe("grown", {
      version: "1.1.0",
      hooks: { cron: COUNT },
      manifest: { bulkhead: { schedules: [{ name: "weekly", cron: "0 6 * * 1" }] } },
    });
    expect((await consent(await upload(next))).status).toBe(200);
    expect(await rows("SELECT name, source FROM _host_schedules ORDER BY name")).toEqual([
      { name: "own", source: "plugin" },
      { name: "weekly", source: "manifest" },
    ]);
    expect((await callRoute("grown", "probe", { op: "cron.list", args: [] })).status).toBe(200);
  });
});
