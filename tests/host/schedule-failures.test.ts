/** What becomes of schedules that go wrong? They are tried again, made up for, left out or paused, each with a word; no other notices. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { audit, call, consent, install, must, rows, upload, type Json } from "./client.ts";
import { bridge, probe, type PluginSketch } from "./plugins.ts";

beforeEach(() => target.reset());

const PAST = "2020-01-01T00:00:00.000Z";
type Said = Readonly<Record<string, unknown>>;
const hourly = (more: Said = {}) => ({ bulkhead: { schedules: [{ name: "hourly", cron: "0 * * * *", ...more }] } });
const COUNT = `async (event, ctx) => ctx.kv.set("runs", [...((await ctx.kv.get("runs")) ?? []), event])`;
/** Remembers each event, and throws while it is told to. */
const FICKLE = `async (event, ctx) => {
  await ctx.kv.set("runs", [...((await ctx.kv.get("runs")) ?? []), event]);
  if (await ctx.kv.get("broken")) throw new Error("no luck");
}`;
const job = (id: string, cron = FICKLE, said: Said = {}, more: PluginSketch = {}) =>
  probe(id, { hooks: { cron }, manifest: hourly(said), ...more });
const seen = async (id: string) => ((await bridge(id, "kv.get", "runs")).value ?? []) as unknown as readonly Json[];
const broken = (id: string, is: boolean) => bridge(id, "kv.set", "broken", is);
const update = (sql: string) => target.env.DB.prepare(`UPDATE _host_schedules SET ${sql}`).run();
const makeDue = (at = PAST) => update(`next_run_at = '${at}'`);
const again = () =>
  target.env.DB.prepare(`UPDATE _host_schedules SET next_run_at = '${PAST}' WHERE slot_at IS NOT NULL`).run();
const runsOf = async (id: string) =>
  (await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/runs`)).items;
const scheduleOf = async (id: string) =>
  (await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/schedules`)).items[0]!;
const resume = (id: string, name = "hourly") => call("POST", `/api/admin/plugins/${id}/schedules/${name}/resume`);

/** Lets it fail this many times in a row, with all its tries. */
async function failTimes(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await makeDue();
    for (let tries = 0; tries < 3; tries++) {
      await target.tick();
      await again();
    }
  }
}

describe("a run that failed", () => {
  it("is tried twice more, each a little later, for the same time; then it waits for its next time", async () => {
    await install(job("fickle"));
    await broken("fickle", true);
    await makeDue();
    const waits: number[] = [];
    for (const attempt of [1, 2]) {
      await target.tick();
      const { retrying, nextRunAt, failures } = await scheduleOf("fickle");
      expect({ retrying, failures }).toEqual({ retrying: true, failures: 0 });
      waits.push(Date.parse(String(nextRunAt)) - Date.now());
      // Not before its time.
      await target.tick();
      expect(await seen("fickle")).toHaveLength(attempt);
      await again();
    }
    expect(waits[0]).toBeLessThanOrEqual(60_000);
    expect(waits[1]).toBeLessThanOrEqual(120_000);
    await target.tick();
    expect(await scheduleOf("fickle")).toMatchObject({ retrying: false, failures: 1, paused: null });
    expect(await seen("fickle")).toEqual([
      { name: "hourly", scheduledAt: PAST },
      { name: "hourly", scheduledAt: PAST, attempt: 2 },
      { name: "hourly", scheduledAt: PAST, attempt: 3 },
    ]);
    expect(await runsOf("fickle")).toMatchObject(
      [3, 2, 1].map((attempt) => ({ status: "failed", attempt, dueAt: PAST, error: "no luck" })),
    );
  });

  it("goes well at its second try, and that is the end of it", async () => {
    await install(job("fickle"));
    await broken("fickle", true);
    await makeDue();
    await target.tick();
    await broken("fickle", false);
    await again();
    await target.tick();
    await target.tick();
    expect((await runsOf("fickle")).map((run) => run["status"])).toEqual(["ok", "failed"]);
    expect(await scheduleOf("fickle")).toMatchObject({ retrying: false, failures: 0 });
  });

  it("of a plugin that wants at most one try is not tried again", async () => {
    await install(job("proud", FICKLE, { retries: { max: 0 } }));
    await broken("proud", true);
    await makeDue();
    await target.tick();
    await again();
    await target.tick();
    expect(await seen("proud")).toHaveLength(1);
    expect(await scheduleOf("proud")).toMatchObject({ retrying: false, failures: 1, rules: { retries: 0 } });
  });

  it("for one time is tried again as well, and then forgotten", async () => {
    await install(job("once"));
    await broken("once", true);
    await bridge("once", "cron.schedule", "one", { schedule: new Date(Date.now() + 3_600_000).toISOString() });
    await target.env.DB.prepare("UPDATE _host_schedules SET next_run_at = ?, schedule = ? WHERE name = 'one'")
      .bind(PAST, PAST)
      .run();
    for (let tries = 0; tries < 4; tries++) {
      await target.tick();
      await again();
    }
    expect((await runsOf("once")).map((run) => run["attempt"])).toEqual([3, 2, 1]);
    expect(await rows("SELECT name FROM _host_schedules")).toEqual([{ name: "hourly" }]);
  });
});

describe("a schedule that fails five times in a row", () => {
  it("is paused with its reason and a row of the audit, and runs no more; another runs on", async () => {
    await install(job("fickle"));
    await install(job("steady"));
    await broken("fickle", true);
    await failTimes(4);
    expect(await scheduleOf("fickle")).toMatchObject({ failures: 4, paused: null });
    await failTimes(1);
    const reason = "It failed 5 times in a row. The last time: no luck";
    expect(await scheduleOf("fickle")).toMatchObject({
      failures: 5,
      paused: { at: expect.stringMatching(/Z$/), reason },
      waits: `Paused. ${reason}`,
    });
    const count = (await seen("fickle")).length;
    await failTimes(1);
    expect(await seen("fickle")).toHaveLength(count);
    expect((await seen("steady")).length).toBeGreaterThanOrEqual(6);
    expect(await scheduleOf("steady")).toMatchObject({ failures: 0, paused: null });
    const { acts, ok } = await audit();
    expect({ ok, paused: acts.filter((act) => act === "schedule.pause") }).toEqual({
      ok: true,
      paused: ["schedule.pause"],
    });
    const [row] = await rows<{ actor: string; target: string; detail: string }>(
      "SELECT actor, target, detail FROM _host_audit WHERE act = 'schedule.pause'",
    );
    expect({ ...row, detail: JSON.parse(row!.detail) }).toEqual({
      actor: "system:system",
      target: "fickle",
      detail: { schedule: "hourly", cause: "failing", failures: 5, run: (await runsOf("fickle"))[0]!["id"] },
    });
  });

  it("is resumed by a person, and counts anew", async () => {
    await install(job("fickle"));
    await broken("fickle", true);
    await failTimes(5);
    const refused = await call("POST", "/api/admin/plugins/fickle/schedules/hourly/run");
    expect({ status: refused.status, detail: refused.body["detail"] }).toEqual({
      status: 409,
      detail: expect.stringMatching(/is paused\. It failed 5 times in a row.* Resume it first\./),
    });
    await broken("fickle", false);
    const { status, body } = await resume("fickle");
    expect({ status, schedule: body["schedule"] }).toMatchObject({
      status: 200,
      schedule: { name: "hourly", paused: null, failures: 0, waits: null },
    });
    expect(Date.parse(String(body["schedule"]!["nextRunAt"]))).toBeGreaterThan(Date.now());
    expect((await audit()).acts.at(-1)).toBe("schedule.resume");
    await must("POST", "/api/admin/plugins/fickle/schedules/hourly/run");
    await target.tick();
    expect((await runsOf("fickle"))[0]).toMatchObject({ status: "ok" });
    expect((await resume("fickle")).status).toBe(409);
    expect((await resume("fickle", "nothing")).status).toBe(404);
  });

  it("stays paused when its plugin is disabled and enabled, and starts anew with another version", async () => {
    await install(job("fickle"));
    await broken("fickle", true);
    await failTimes(5);
    await must("POST", "/api/admin/plugins/fickle/disable");
    await must("POST", "/api/admin/plugins/fickle/enable");
    expect((await scheduleOf("fickle"))["paused"]).not.toBeNull();
    expect((await consent(await upload(job("fickle", COUNT, {}, { version: "1.1.0" })))).status).toBe(200);
    expect(await scheduleOf("fickle")).toMatchObject({ paused: null, failures: 0 });
    await makeDue();
    await target.tick();
    expect((await runsOf("fickle"))[0]).toMatchObject({ status: "ok" });
  });

  it("does not lift its pause by scheduling itself anew", async () => {
    await install(job("sly", FICKLE, {}, { manifest: {} }));
    await bridge("sly", "cron.schedule", "own", { schedule: "0 * * * *" });
    await broken("sly", true);
    await failTimes(5);
    expect((await scheduleOf("sly"))["paused"]).not.toBeNull();
    await bridge("sly", "cron.schedule", "own", { schedule: "*/30 * * * *" });
    expect(await scheduleOf("sly")).toMatchObject({
      cron: "*/30 * * * *",
      paused: { reason: expect.stringMatching(/^It failed 5/) },
    });
    expect((await resume("sly", "own")).status).toBe(200);
    expect((await scheduleOf("sly"))["paused"]).toBeNull();
  });

  it("gives up a run that was asked for meanwhile", async () => {
    await install(job("fickle"));
    await broken("fickle", true);
    await update("failures = 4, attempts = 2");
    await must("POST", "/api/admin/plugins/fickle/schedules/hourly/run");
    await target.tick();
    expect((await scheduleOf("fickle"))["paused"]).not.toBeNull();
    expect(await rows("SELECT id FROM _host_runs WHERE status = 'due'")).toEqual([]);
  });
});

describe("a run whose Worker stopped", () => {
  /** As a Worker leaves it that stops in the middle of a run; its lease is over. */
  async function crash(id: string, run: string): Promise<void> {
    await makeDue();
    await update(`lease_token = 'dead-${run}', lease_until = '${PAST}', running_id = '${run}'`);
    await target.env.DB.prepare(
      "INSERT INTO _host_runs (id, plugin_id, version, schedule, status, due_at, started_at) VALUES (?1, ?2, '1.0.0', 'hourly', 'running', ?3, ?3)",
    )
      .bind(run, id, PAST)
      .run();
  }

  it("is marked, and run again once", async () => {
    await install(job("crashed"));
    await crash("crashed", "01A");
    await target.tick();
    await target.tick();
    expect(await seen("crashed")).toEqual([{ name: "hourly", scheduledAt: PAST, attempt: 2 }]);
    expect(await runsOf("crashed")).toMatchObject([
      { status: "ok", attempt: 2 },
      { id: "01A", status: "crashed", error: "The Worker stopped during this run." },
    ]);
    expect(await scheduleOf("crashed")).toMatchObject({ failures: 0, retrying: false });
  });

  it("a second time is not run again, and counts as a failure", async () => {
    await install(job("crashed"));
    await crash("crashed", "01A");
    await update("crashes = 1");
    await target.tick();
    await target.tick();
    expect(await seen("crashed")).toEqual([]);
    expect(await runsOf("crashed")).toMatchObject([{ id: "01A", status: "crashed" }]);
    expect(await scheduleOf("crashed")).toMatchObject({ failures: 1, paused: null });
    expect(await rows("SELECT crashes, attempts, lease_token, running_id FROM _host_schedules")).toEqual([
      { crashes: 0, attempts: 0, lease_token: null, running_id: null },
    ]);
  });

  it("again and again is paused, and what a person asked for stays due until then", async () => {
    await install(job("crashed"));
    await crash("crashed", "01A");
    await update("crashes = 1, failures = 3");
    await must("POST", "/api/admin/plugins/crashed/schedules/hourly/run");
    await target.tick();
    expect(await seen("crashed")).toEqual([]);
    await target.tick();
    expect(await seen("crashed")).toHaveLength(1);
    await crash("crashed", "01B");
    await update("crashes = 1, failures = 4");
    await target.tick();
    expect(await scheduleOf("crashed")).toMatchObject({
      paused: { reason: expect.stringMatching(/^It failed 5 times in a row\. The last time: The Worker stopped/) },
    });
  });
});

describe("a row that cannot be understood", () => {
  // prettier-ignore
  const faults: readonly (readonly [what: string, change: string, reason: RegExp])[] = [
    ["a schedule that is none", "schedule = 'whenever'", /"whenever" \(UTC\) is not a schedule/],
    ["no schedule", "schedule = ''", /is not a schedule/],
    ["seconds", "schedule = '* * * * * *'", /is not a schedule/],
    ["an unknown time zone", "timezone = 'Nowhere/City'", /Nowhere\/City/],
    ["data that is no JSON", "data = '{\"a\": '", /its data, 6 characters .* is not JSON/],
    ["rules that are no JSON", "rules = '{'", /its rules are/],
    ["unknown rules", `rules = '{"overlap":"allow"}'`, /its rules are .*allow/],
    ["a time that is none", "next_run_at = 'soon'", /"soon" is not a time/],
    ["an empty time", "next_run_at = ''", /"" is not a time/],
    ["a time of tries that is none", "slot_at = 'then'", /"then" is not a time/],
    ["counts that are none", "attempts = 'many'", /counts of tries/],
    ["negative counts", "failures = -1", /counts of tries/],
    ["fractions", "crashes = 0.5", /counts of tries/],
  ];

  it("is paused with the reason, whatever is wrong; all others run, and the plugin's own too", async () => {
    const names = faults.map((_, i) => `bad-${i}`);
    const schedules = [...names, "fine"].map((name) => ({ name, cron: "0 * * * *" }));
    for (const half of [0, 1]) {
      await install(
        job(
          `mixed-${half}`,
          COUNT,
          {},
          { manifest: { bulkhead: { schedules: schedules.slice(half * 7, half * 7 + 7) } } },
        ),
      );
    }
    await install(job("steady", COUNT));
    await makeDue();
    for (const [i, [, change]] of faults.entries()) {
      await target.env.DB.prepare(`UPDATE _host_schedules SET ${change} WHERE name = ?`).bind(`bad-${i}`).run();
    }
    await target.env.DB.prepare(
      "INSERT INTO _host_schedules (plugin_id, name, source, schedule, timezone, next_run_at) VALUES ('nobody', 'lost', 'manifest', '0 * * * *', 'UTC', ?)",
    )
      .bind(PAST)
      .run();
    // 7 + 7 + 1 + 1: all of it fits one tick.
    await target.tick();
    expect((await seen("mixed-1")).map((event) => event["name"])).toEqual(["fine"]);
    expect((await seen("steady")).map((event) => event["name"])).toEqual(["hourly"]);
    const found = await rows<{ name: string; paused_reason: string | null }>(
      "SELECT name, paused_reason FROM _host_schedules WHERE name NOT IN ('fine', 'hourly', 'lost')",
    );
    const reasons = new Map(found.map((row) => [row.name, row.paused_reason]));
    for (const [i, [what, , reason]] of faults.entries()) {
      expect({ what, reason: reasons.get(`bad-${i}`) }).toEqual({ what, reason: expect.stringMatching(reason) });
      expect(reasons.get(`bad-${i}`)).toMatch(/^It cannot be run: /);
    }
    expect(await rows("SELECT paused_reason FROM _host_schedules WHERE plugin_id = 'nobody'")).toEqual([
      { paused_reason: `It cannot be run: there is no plugin "nobody".` },
    ]);
    const { acts, ok } = await audit();
    expect({ ok, pauses: acts.filter((act) => act === "schedule.pause").length }).toEqual({
      ok: true,
      pauses: faults.length + 1,
    });
    expect(await rows("SELECT name FROM _host_schedules WHERE lease_token IS NOT NULL")).toEqual([]);
    // Nothing is left to be said.
    await target.tick();
    expect((await audit()).length).toBe(acts.length);
    // And people can look at it.
    for (const id of ["mixed-0", "mixed-1"]) expect((await call("GET", `/api/admin/plugins/${id}`)).status).toBe(200);
    expect(await scheduleOf("mixed-0")).toMatchObject({
      name: "bad-0",
      rules: null,
      waits: expect.stringMatching(/cannot be run/),
    });
  });

  it("is written anew from the manifest when a person resumes it", async () => {
    await install(job("mended", COUNT, { retries: { max: 1 } }));
    await update("schedule = 'whenever', rules = '{', next_run_at = 'soon'");
    await target.tick();
    expect((await scheduleOf("mended"))["paused"]).not.toBeNull();
    expect((await resume("mended")).body["schedule"]).toMatchObject({
      cron: "0 * * * *",
      paused: null,
      rules: { retries: 1 },
    });
    await makeDue();
    await target.tick();
    expect(await seen("mended")).toHaveLength(1);
  });

  it("of a plugin's own stays paused until the plugin mends it", async () => {
    await install(job("own", COUNT, {}, { manifest: {} }));
    await bridge("own", "cron.schedule", "task", { schedule: "0 * * * *", data: { a: 1 } });
    await update(`data = 'broken', next_run_at = '${PAST}'`);
    await target.tick();
    const refused = await resume("own", "task");
    expect({ status: refused.status, detail: refused.body["detail"] }).toEqual({
      status: 409,
      detail: expect.stringMatching(
        /^Cannot resume task of own: its data, .* The plugin can cancel it, or schedule it anew\.$/,
      ),
    });
    await bridge("own", "cron.schedule", "task", { schedule: "0 * * * *" });
    expect((await resume("own", "task")).status).toBe(200);
  });
});

describe("what was missed", () => {
  it("by hours is made up for by one run, and by none where the manifest says so", async () => {
    await install(job("one", COUNT));
    await install(job("none", COUNT, { catchUp: "none" }));
    await makeDue(new Date(Date.now() - 9 * 3_600_000).toISOString());
    for (let i = 0; i < 3; i++) await target.tick();
    expect(await seen("one")).toHaveLength(1);
    expect(await seen("none")).toEqual([]);
    expect(await runsOf("none")).toMatchObject([
      {
        status: "skipped",
        startedAt: null,
        error: `Its time was missed by more than 5 minutes, and its "catchUp" is "none".`,
      },
    ]);
    expect(Date.parse(String((await scheduleOf("none"))["nextRunAt"]))).toBeGreaterThan(Date.now());
    await makeDue(new Date(Date.now() - 200_000).toISOString());
    await target.tick();
    expect(await seen("none")).toHaveLength(1);
  });

  it("is run all the same when a person asks", async () => {
    await install(job("none", COUNT, { catchUp: "none" }));
    await must("POST", "/api/admin/plugins/none/schedules/hourly/run");
    await makeDue();
    await target.tick();
    expect(await seen("none")).toHaveLength(1);
  });
});

describe("what comes while a run is under way", () => {
  const slow = (id: string, said: Said) =>
    job(id, `async (_, ctx) => { await ctx.http.fetch("https://a.shop.dev/"); }`, said, {
      capabilities: ["network:request"],
      hosts: ["a.shop.dev"],
    });

  it("is never run beside it", async () => {
    await install(slow("long", { cron: "* * * * *" }));
    let answer = (_: Response): void => {};
    let asked = 0;
    target.internet(() => {
      asked += 1;
      return new Promise((respond) => (answer = respond));
    });
    await makeDue();
    const ticking = target.tick();
    await expect.poll(() => asked).toBe(1);
    await makeDue();
    await Promise.all([target.tick(), target.tick()]);
    expect(asked).toBe(1);
    answer(new Response("ok"));
    await ticking;
    expect((await runsOf("long")).map((run) => run["status"])).toEqual(["ok"]);
  });
});

describe("where a schedule says when it comes", () => {
  it("is the consent, the list and the plugin's own list: the same time, spread included", async () => {
    const plan = await upload(job("told", COUNT, { jitter: 1_800 }));
    const planned = (plan["schedules"] as unknown as readonly Json[])[0]!;
    await consent(plan);
    const shown = await scheduleOf("told");
    const spread = Number(shown["rules"]!["spreadSeconds"]);
    expect(planned).toMatchObject({ name: "hourly", jitter: 1_800, nextRunAt: shown["nextRunAt"] });
    expect(shown["rules"]).toEqual({
      overlap: "skip",
      catchUp: "one",
      retries: 2,
      jitterSeconds: 1_800,
      spreadSeconds: spread,
    });
    expect(new Date(String(shown["nextRunAt"])).getUTCMinutes() * 60).toBe(spread);
    expect((await bridge("told", "cron.list")).value).toMatchObject([{ nextRunAt: shown["nextRunAt"] }]);
  });
});
