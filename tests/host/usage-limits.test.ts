/** Does a quota hold, for each meter and window, and for nobody but the plugin whose it is? And what when it is used up? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import type { MeterName } from "../../host/usage/meters.ts";
import { TARGETS_PER_HOUR } from "../../host/usage/target-names.ts";
import { WINDOW_HOURS, WINDOWS, type Window } from "../../host/usage/windows.ts";
import { call, callRoute, createPost, eventually, install, must, rows, type Json } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { amountOf, QUOTA, setUsed } from "./used-before.ts";

beforeEach(async () => {
  await target.reset();
  target.internet(() => new Response("reached"));
});

const MAY = { capabilities: ["network:request"], hosts: ["a.shop.dev"] };
const limitOf = (meter: MeterName, window: Window = "hour") => QUOTA.meters[meter][window];

/** A call that draws on each meter, as the guest saw it end. */
const CALLS: readonly (readonly [MeterName, string, readonly unknown[]])[] = [
  ["rowsRead", "kv.get", ["k"]],
  ["rowsRead", "storage.query", ["notes", {}]],
  ["rowsWritten", "kv.set", ["k", 1]],
  ["rowsWritten", "cron.schedule", ["later", { schedule: "@daily" }]],
  ["requests", "http.fetch", ["https://a.shop.dev/"]],
  ["bytesOut", "http.fetch", ["https://a.shop.dev/"]],
];
const caller = (id: string) => probe(id, { ...MAY, manifest: { storage: { notes: { indexes: [] } } } });
const call1 = (id: string, op: string, args: readonly unknown[]) =>
  op.startsWith("storage.") ? bridgeStorage(id) : bridge(id, op, ...args);
const bridgeStorage = (id: string) => bridge(id, "storage.notes.query", {});

describe("a meter", () => {
  it.each(CALLS)("%s lets %s be called up to its limit, and one over it is refused", async (meter, op, args) => {
    await install(caller("one"));
    await install(caller("neighbour"));
    await setUsed("one", meter, limitOf(meter) - 1);
    expect((await call1("one", op, args)).error).toBeUndefined();
    await setUsed("one", meter, limitOf(meter));
    const { error } = await call1("one", op, args);
    expect(error).toMatchObject({ name: "BridgeError", code: "QUOTA_EXCEEDED" });
    const limit = limitOf(meter);
    expect(error!.message).toContain(`quota ${meter} per hour`);
    expect(error!.message).toContain(`${limit} of ${limit}`);
    expect(error!.message).toMatch(/It renews at \d{4}-\d\d-\d\dT\d\d:00:00Z\. .+ ask the administrator/);
    expect((await call1("neighbour", op, args)).error).toBeUndefined();
  });

  it.each(WINDOWS.flatMap((window) => CALLS.slice(0, 1).map(([meter, op, args]) => ({ window, meter, op, args }))))(
    "looks back one $window and no further",
    async ({ window, meter, op, args }) => {
      await install(caller("one"));
      const hours = WINDOW_HOURS[window];
      await setUsed("one", meter, limitOf(meter, window), hours - 1);
      const { error } = await bridge("one", op, ...args);
      expect(error).toMatchObject({ code: "QUOTA_EXCEEDED" });
      expect(error!.message).toContain(`per ${window}`);
      await setUsed("one", meter, limitOf(meter, window), hours);
      const { error: renewed } = await bridge("one", op, ...args);
      // What an hour forgets, a day may still be short of; not here, where only this limit was reached.
      expect(renewed).toBeUndefined();
    },
  );

  it("counts reads and writes apart: who may not read more may write, and the other way round", async () => {
    await install(caller("one"));
    await setUsed("one", "rowsRead", limitOf("rowsRead"));
    expect((await bridge("one", "kv.set", "k", 1)).error).toBeUndefined();
    expect((await bridge("one", "kv.get", "k")).error).toMatchObject({ code: "QUOTA_EXCEEDED" });
    await setUsed("one", "rowsRead", 0);
    await setUsed("one", "rowsWritten", limitOf("rowsWritten"));
    expect(await bridge("one", "kv.get", "k")).toMatchObject({ value: 1 });
    expect((await bridge("one", "kv.delete", "k")).error).toMatchObject({ code: "QUOTA_EXCEEDED" });
  });

  it("holds within one entry, before anything of it is written", async () => {
    await install(
      sketch("one", {
        routes: {
          go: `async (_, ctx) => {
            let made = 0;
            for (let i = 0; i < 50; i++) await ctx.kv.set("k" + i, i).then(() => made++, (error) => (made += error.code === "QUOTA_EXCEEDED" ? 0 : 1000));
            return made;
          }`,
        },
      }),
    );
    await setUsed("one", "rowsWritten", limitOf("rowsWritten") - 10);
    const made = Number((await callRoute("one", "go")).body["data"]);
    // A key takes a row and its indexes.
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThanOrEqual(10);
    expect(await rows("SELECT id FROM _plugin_storage")).toHaveLength(made);
  });

  it("counts what a plugin saves as its own, and every hop of a redirect", async () => {
    await install(probe("one", { capabilities: ["content:write", "network:request"], hosts: ["a.shop.dev"] }));
    expect((await bridge("one", "content.create", "posts", { title: "T" })).error).toBeUndefined();
    expect(await amountOf("one", "rowsWritten")).toBeGreaterThan(2);
    expect(await amountOf("one", "rowsRead")).toBeGreaterThan(2);
    target.internet(({ url }) =>
      url.endsWith("/end") ? new Response("ok") : new Response(null, { status: 307, headers: { location: "/end" } }),
    );
    const body = "b".repeat(1_000);
    expect((await bridge("one", "http.fetch", "https://a.shop.dev/", { method: "POST", body })).error).toBeUndefined();
    expect(await amountOf("one", "requests")).toBe(2);
    expect(await amountOf("one", "bytesOut")).toBeGreaterThan(2_000);
    expect(await amountOf("one", "bytesOut")).toBeLessThan(2_500);
    expect(await amountOf("one", "fuel")).toBeGreaterThan(80_000);
  });
});

describe("a call whose row says more than its kind", () => {
  const OWN = { "migrations/0001_own.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY, k TEXT)" };
  const sql = (text: string) => bridge("one", "db.batch", [{ sql: text, params: [] }]);

  it("SQL that reads waits for reads, SQL that writes for both, whatever comes before the word", async () => {
    await install({ ...probe("one"), files: OWN });
    const writes = ["INSERT INTO items (k) VALUES ('a')", "WITH t AS (SELECT 1) DELETE FROM items WHERE k IN t"];
    await setUsed("one", "rowsWritten", limitOf("rowsWritten"));
    expect((await sql("SELECT k FROM items")).error).toBeUndefined();
    for (const text of writes) expect((await sql(text)).error).toMatchObject({ code: "QUOTA_EXCEEDED" });
    await setUsed("one", "rowsWritten", 0);
    await setUsed("one", "rowsRead", limitOf("rowsRead"));
    for (const text of [...writes, "SELECT k FROM items"])
      expect((await sql(text)).error).toMatchObject({ code: "QUOTA_EXCEEDED" });
    await setUsed("one", "rowsRead", 0);
    expect((await sql(writes[0]!)).error).toBeUndefined();
    expect(await amountOf("one", "rowsWritten")).toBeGreaterThan(0);
  });

  it("a language model waits for tokens, and what it used is counted", async () => {
    target.internet(() =>
      Response.json({
        choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
      }),
    );
    await install(probe("one", { capabilities: ["ai:generate"] }));
    const ask = () => bridge("one", "ai.generate", { prompt: "Hi" });
    expect((await ask()).error).toBeUndefined();
    expect(await amountOf("one", "aiTokens")).toBe(15);
    expect(await amountOf("one", "requests")).toBe(1);
    await setUsed("one", "aiTokens", limitOf("aiTokens") - 1);
    expect((await ask()).error).toBeUndefined();
    await setUsed("one", "aiTokens", limitOf("aiTokens"));
    expect((await ask()).error?.message).toContain("quota aiTokens per hour");
  });

  it("the last request of a quota is answered whole: parts of its bodies are no requests", async () => {
    const BYTES = 1_500_000;
    let sent = 0;
    target.internet(async (request) => {
      sent = (await request.arrayBuffer()).byteLength;
      return new Response(new Uint8Array(BYTES).fill(0xff));
    });
    await install(
      sketch("one", {
        ...MAY,
        routes: {
          go: `async (_, ctx) => {
            const body = new Uint8Array(${BYTES}).fill(255);
            return (await (await ctx.http.fetch("https://a.shop.dev/", { method: "POST", body })).arrayBuffer()).byteLength;
          }`,
        },
      }),
    );
    await setUsed("one", "requests", limitOf("requests") - 1);
    expect((await callRoute("one", "go")).body["data"]).toBe(BYTES);
    expect(sent).toBe(BYTES);
    expect(await amountOf("one", "bytesOut")).toBeGreaterThanOrEqual(BYTES);
    expect(await amountOf("one", "bytesOut")).toBeLessThan(BYTES + 500);
    expect((await callRoute("one", "go")).body["error"]?.["message"]).toMatch(/quota requests per hour/);
  });
});

describe("four fifths of a quota", () => {
  const lines = async (id: string) =>
    (await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/logs`)).items;

  it("are told in the plugin's log, once an hour for each meter, and so is its end", async () => {
    await install(caller("one"));
    await setUsed("one", "rowsRead", limitOf("rowsRead") * 0.8 - 10_000);
    await bridge("one", "kv.get", "k");
    expect(await lines("one")).toEqual([]);
    await setUsed("one", "rowsRead", limitOf("rowsRead") * 0.8);
    for (let i = 0; i < 3; i++) await bridge("one", "kv.get", "k");
    expect(await lines("one")).toMatchObject([
      { level: "warn", invocation: null, data: { quota: "rowsRead", window: "hour", limit: limitOf("rowsRead") } },
    ]);
    await setUsed("one", "rowsRead", limitOf("rowsRead"));
    for (let i = 0; i < 3; i++) await bridge("one", "kv.get", "k");
    const told = (await lines("one")).map((line) => String(line["message"]));
    expect(told.filter((message) => message.startsWith("Most of a quota"))).toHaveLength(1);
    expect(told.filter((message) => message.startsWith("The quota is used up"))).toHaveLength(1);
    expect(told).toHaveLength(2);
  });
});

describe("log lines", () => {
  it("over the quota are dropped, with one line that says so for each request", async () => {
    await install(
      sketch("chatty", { routes: { say: `(_, ctx) => { for (let i = 0; i < 5; i++) ctx.log.info("line " + i); }` } }),
    );
    await setUsed("chatty", "logs", limitOf("logs") - 2);
    expect((await callRoute("chatty", "say")).status).toBe(200);
    const messages = async () =>
      (
        await rows<{ message: string }>(
          "SELECT message FROM _host_logs WHERE plugin_id = 'chatty' AND invocation_id IS NOT NULL ORDER BY id",
        )
      ).map((row) => row.message);
    expect(await messages()).toEqual([
      "line 0",
      "line 1",
      expect.stringMatching(/^Log lines of this request were dropped\. .*quota logs per hour/),
    ]);
    await callRoute("chatty", "say");
    expect(await messages()).toHaveLength(4);
    expect(await amountOf("chatty", "logs")).toBe(limitOf("logs"));
  });
});

describe("a plugin that has used up its fuel", () => {
  const meta = (name: string) => `() => ({ kind: "meta", name: "${name}", content: "yes" })`;
  const busy = sketch("busy", {
    capabilities: ["content:write"],
    hooks: {
      "page:metadata": meta("busy"),
      "content:beforeSave": `{ errorPolicy: "abort", handler: () => { throw new Error("refused by busy"); } }`,
      cron: `() => {}`,
    },
    routes: { hi: `() => "hi"`, admin: `() => ({ blocks: [] })` },
    open: ["hi"],
    manifest: { bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *" }] } },
  });

  it("is not run by page, save, route, panel or schedule; none of them breaks, and others run on", async () => {
    await createPost("Page", { publish: true });
    await install(busy);
    await install(
      probe("other", { capabilities: ["content:write"], hooks: { "page:metadata": meta("other") }, routes: {} }),
    );
    await setUsed("busy", "fuel", limitOf("fuel"));
    const page = await call<string>("GET", "/posts/page", { as: "visitor" });
    expect(page.status).toBe(200);
    expect(page.body).toContain('name="other"');
    expect(page.body).not.toContain('name="busy"');
    expect((await createPost("By a person")).status).toBe(201);
    expect((await bridge("other", "content.create", "posts", { title: "By a plugin" })).error).toBeUndefined();

    const route = await call("GET", "/api/plugins/busy/hi", { as: "visitor" });
    expect(route).toMatchObject({ status: 429, body: { success: false, error: { code: "QUOTA_EXCEEDED" } } });
    expect(String(route.body["error"]!["message"])).toMatch(/^busy was not run\. .*quota fuel per hour.*It renews at/);
    const after = Number(route.headers.get("retry-after"));
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThanOrEqual(3_600);
    const panel = await call("POST", "/api/admin/plugins/busy/panel", { body: { type: "page_load", page: "/" } });
    expect(panel).toMatchObject({ status: 429, body: { code: "QUOTA_EXCEEDED" } });
    await must("POST", "/api/admin/plugins/busy/schedules/daily/run");
    await target.tick();
    expect(await rows("SELECT status, error FROM _host_runs WHERE plugin_id = 'busy'")).toMatchObject([
      { status: "failed", error: expect.stringMatching(/quota fuel per hour/) },
    ]);
    const stopped = await rows(
      "SELECT DISTINCT status FROM _host_invocations WHERE plugin_id = 'busy' AND kind <> 'lifecycle'",
    );
    expect(stopped).toEqual([{ status: "stopped" }]);

    await setUsed("busy", "fuel", limitOf("fuel"), 1);
    expect((await call("GET", "/api/plugins/busy/hi", { as: "visitor" })).status).toBe(200);
    expect((await createPost("Refused again")).status).toBe(422);
  });

  it("can still be disabled and enabled", async () => {
    await install(sketch("busy", { hooks: { "plugin:activate": `() => {}`, "plugin:deactivate": `() => {}` } }));
    await setUsed("busy", "fuel", limitOf("fuel"));
    await must("POST", "/api/admin/plugins/busy/disable");
    await must("POST", "/api/admin/plugins/busy/enable");
    const entered = await rows("SELECT status FROM _host_invocations WHERE plugin_id = 'busy' ORDER BY id");
    expect(entered.every((row) => row["status"] === "ok")).toBe(true);
  });

  it("was not made to by another: what a save sets off counts for who saves", async () => {
    await install(
      sketch("ear", {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `() => { for (let i = 0; i < 300_000; i++); }`,
          "content:afterSave": `() => { for (let i = 0; i < 300_000; i++); }`,
        },
      }),
    );
    await install(probe("writer", { capabilities: ["content:write"] }));
    await bridge("writer", "content.create", "posts", { title: "T" });
    await eventually(async () =>
      expect(await rows("SELECT id FROM _host_invocations WHERE plugin_id = 'ear'")).toHaveLength(2),
    );
    const [ear] = await rows<{ fuel: number }>(
      "SELECT sum(fuel) AS fuel FROM _host_invocations WHERE plugin_id = 'ear'",
    );
    expect(await amountOf("ear", "fuel")).toBe(0);
    expect(await amountOf("writer", "fuel")).toBeGreaterThan(ear!.fuel);
    await createPost("By a person");
    await eventually(async () => expect(await amountOf("ear", "fuel")).toBeGreaterThan(300_000));
  });
});

describe("a check that cannot read because of its quota", () => {
  it("does not refuse a person's save, but a plugin's: that one may have used it up", async () => {
    const check = (id: string, error: string) =>
      sketch(id, {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `{ errorPolicy: "abort", handler: async ({ content }, ctx) => { try { await ctx.kv.get("rules"); } catch (error) { throw ${error}; } } }`,
        },
      });
    await install(check("check", "error"));
    await install(probe("writer", { capabilities: ["content:write"] }));
    await setUsed("check", "rowsRead", limitOf("rowsRead"));
    expect((await createPost("By a person")).status).toBe(201);
    expect((await bridge("writer", "content.create", "posts", { title: "T" })).error).toMatchObject({
      code: "REFUSED_BY_PLUGIN",
    });
    await install(check("wrapper", `new Error("no rules", { cause: error })`));
    await setUsed("wrapper", "rowsRead", limitOf("rowsRead"));
    expect((await createPost("By a person too")).status).toBe(201);
    await setUsed("check", "rowsRead", 0);
    await setUsed("wrapper", "rowsRead", 0);
    expect((await bridge("writer", "content.create", "posts", { title: "T" })).error).toBeUndefined();
  });
});

describe("a plugin that invents ten thousand names", () => {
  it.each([
    ["hosts", "network:request", 1_000, 40, `ctx.http.fetch("https://h" + n + ".evil.dev/")`],
    ["collections", "content:read", 10_000, 400, `ctx.content.get("c" + n, "x")`],
  ])("of %s it was not granted makes one row of them", async (_, capability, names, each, tried) => {
    await install(
      probe("hostile", {
        capabilities: ["network:request", "content:read"],
        hosts: MAY.hosts,
        routes: {
          go: `async ({ input: { from } }, ctx) => {
            let denied = 0;
            for (let n = from; n < from + ${each}; n++) await ${tried}.catch(() => denied++);
            return denied;
          }`,
        },
        manifest: { bulkhead: { budgets: { route: { requests: 40, hostCalls: 400, fuel: 1_000_000_000 } } } },
      }),
      { collections: ["posts"] },
    );
    for (let from = 0; from < names; from += each)
      expect((await callRoute("hostile", "go", { from })).body["data"]).toBe(each);
    const counted = await rows(
      "SELECT denied FROM _host_usage WHERE plugin_id = 'hostile' AND capability = ?",
      capability,
    );
    expect(counted.reduce((sum, row) => sum + Number(row["denied"]), 0)).toBe(names);
    // One for each clock hour the test runs in.
    expect(counted.length).toBeLessThanOrEqual(2);
  });

  it("of collections it may read makes a hundred, and one for the rest", async () => {
    await install(
      sketch("hostile", {
        capabilities: ["content:read"],
        routes: {
          go: `async ({ input: { from } }, ctx) => { for (let i = 0; i < 80; i++) await ctx.content.get("c" + (from + i), "x").catch(() => {}); }`,
        },
      }),
    );
    for (let from = 0; from < 240; from += 80) await callRoute("hostile", "go", { from });
    const counted = await rows(
      "SELECT target, calls FROM _host_usage WHERE plugin_id = 'hostile' AND capability = 'content:read'",
    );
    expect(counted.length).toBeLessThanOrEqual(2 * (TARGETS_PER_HOUR + 1));
    expect(counted.reduce((sum, row) => sum + Number(row["calls"]), 0)).toBe(240);
    expect(counted.find((row) => row["target"] === "…")?.["calls"]).toBeGreaterThan(100);
  });
});

it("an uninstalled plugin leaves nothing of what it used, unless its data are kept", async () => {
  await install(caller("one"));
  await bridge("one", "kv.set", "k", 1);
  await must("DELETE", "/api/admin/plugins/one?data=keep");
  expect(await amountOf("one", "rowsWritten")).toBeGreaterThan(0);
  await install(caller("one"));
  await must("DELETE", "/api/admin/plugins/one?data=delete");
  expect(await amountOf("one", "rowsWritten")).toBe(0);
});
