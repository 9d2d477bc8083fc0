/**
 * A plugin that throws, loops, asks for what it was not granted or answers garbage: what becomes of its own call, of the
 * page, the save and the other plugins? Each failure beside a healthy plugin that must go on.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin } from "../support/bundle.ts";
import { call, callRoute, createPost, eventually, install, invocations, must, rows } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const healthy = sketch("healthy", {
  capabilities: ["content:write"],
  hooks: {
    "content:beforeSave": `({ content }) => ({ ...content, excerpt: "healthy was here" })`,
    "page:metadata": `() => ({ kind: "meta", name: "healthy", content: "yes" })`,
  },
  routes: { hi: `() => "fine"` },
});

/** Enough for anything honest here; what loops ends sooner. */
const LITTLE = { fuel: 5_000_000 };
const budgets = { bulkhead: { budgets: { route: LITTLE, hook: LITTLE, page: LITTLE } } };

const expectHealthy = async () => {
  expect((await callRoute("healthy", "hi")).body).toEqual({ success: true, data: "fine" });
};

describe("a route", () => {
  // prettier-ignore
  const routes: readonly (readonly [string, string, number, string, RegExp])[] = [
    ["that throws", `() => { throw new Error("I fell"); }`, 422, "ROUTE_ERROR", /^I fell$/],
    ["that throws later", `async () => { await null; throw new TypeError("later"); }`, 422, "ROUTE_ERROR", /^TypeError: later$/],
    ["that throws no error", `() => { throw { toString() { throw 1; } }; }`, 422, "ROUTE_ERROR", /./],
    ["that throws undefined", `() => { throw undefined; }`, 422, "ROUTE_ERROR", /./],
    ["that loops for ever", `() => { for (;;); }`, 503, "PLUGIN_STOPPED", /fuel|too much|work/i],
    ["that loops for ever in a promise", `async () => { await null; for (;;); }`, 503, "PLUGIN_STOPPED", /fuel|too much|work/i],
    ["that catches its end in promises", `() => { const f = async () => { try { for (;;); } catch { return f(); } finally { await f(); } }; return f(); }`, 503, "PLUGIN_STOPPED", /./],
    ["that queues jobs for ever", `() => new Promise(() => { const f = () => Promise.resolve().then(f); f(); })`, 503, "PLUGIN_STOPPED", /./],
    ["that never settles", `() => new Promise(() => {})`, 503, "PLUGIN_STOPPED", /./],
    ["that takes all memory", `() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)); }`, 503, "PLUGIN_STOPPED", /memory/i],
    ["that recurses for ever", `() => { const f = (n) => 1 + f(n + 1); return f(0); }`, 422, "ROUTE_ERROR", /stack|recursion/i],
    ["whose answer loops when it is written", `() => ({ toJSON() { for (;;); } })`, 503, "PLUGIN_STOPPED", /./],
    ["whose answer has a throwing getter", `() => ({ get a() { throw new Error("no"); } })`, 422, "ROUTE_ERROR", /no/],
    ["whose answer is circular", `() => { const a = {}; a.a = a; return a; }`, 422, "ROUTE_ERROR", /circular/i],
    ["whose answer is too large", `() => "x".repeat(5_000_000)`, 503, "PLUGIN_STOPPED", /./],
    ["that asks for what it was not granted", `(_, ctx) => ctx.content.list("posts")`, 422, "ROUTE_ERROR", /Missing capability: content:read\. Add "content:read" to "capabilities"/],
    ["that asks for what does not exist", `(_, ctx) => ctx.nowhere.prepare("x")`, 422, "ROUTE_ERROR", /./],
    ["that floods the host with calls", `async (_, ctx) => { for (let i = 0; i < 100_000; i++) await ctx.kv.get("a").catch(() => {}); }`, 503, "PLUGIN_STOPPED", /./],
  ];

  it.each(routes)("%s fails alone, with a typed envelope and a record", async (_, source, status, code, words) => {
    await install(healthy);
    await install(sketch("sick", { routes: { ill: source }, manifest: budgets }));
    const answer = await callRoute("sick", "ill");
    expect({ status: answer.status, ...answer.body }).toMatchObject({ status, success: false, error: { code } });
    expect(String(answer.body["error"]!["message"])).toMatch(words);
    // Nothing of the host's own: no paths, no engine, no SQL.
    expect(JSON.stringify(answer.body)).not.toMatch(/wasm:|file:|node_modules|\.ts\b|SELECT /);
    await expectHealthy();
    expect(await invocations("sick", 1)).toMatchObject([
      {
        kind: "route",
        name: "route:ill",
        status: code === "ROUTE_ERROR" ? "threw" : "stopped",
        error: expect.any(String),
      },
    ]);
    expect(await invocations("healthy", 1)).toMatchObject([{ status: "ok" }]);
  });

  it("that answers undefined, null, or an object named like a prototype key answers data", async () => {
    await install(
      sketch("odd", {
        routes: { none: `() => undefined`, nil: `() => null`, odd: `() => JSON.parse('{"__proto__":{"x":1},"y":2}')` },
      }),
    );
    expect((await callRoute("odd", "none")).body).toEqual({ success: true, data: null });
    expect((await callRoute("odd", "nil")).body).toEqual({ success: true, data: null });
    expect((await callRoute("odd", "odd")).body).toEqual({ success: true, data: { y: 2 } });
    expect((await callRoute("odd", "toString")).status).toBe(404);
    expect((await callRoute("odd", "__proto__")).status).toBe(404);
  });
});

describe("a hook before a save", () => {
  const bad = (source: string) =>
    sketch("bad", { capabilities: ["content:write"], hooks: { "content:beforeSave": source }, manifest: budgets });

  it("that throws under errorPolicy abort, the default, refuses the save and names plugin and message", async () => {
    await install(healthy);
    await install({
      ...bad(`() => { throw new Error("Titles need a verb"); }`),
      manifest: { ...bad("").manifest, name: "Verb Police" },
    });
    const { status, body, headers } = await createPost("Nouns");
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "REFUSED_BY_PLUGIN" });
    expect(body["detail"]).toBe("Verb Police (bad) refused this: Titles need a verb");
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(await rows("SELECT * FROM ec_posts")).toEqual([]);
    expect(await rows("SELECT * FROM revisions")).toEqual([]);
    await expectHealthy();
  });

  const dropped: readonly (readonly [string, string])[] = [
    ["throws under errorPolicy continue", `{ handler() { throw new Error("no"); }, errorPolicy: "continue" }`],
    ["loops for ever", `() => { for (;;); }`],
    ["takes all memory", `() => { const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1)); }`],
    ["never settles", `() => new Promise(() => {})`],
    ["answers a number", `() => 42`],
    ["answers an array", `() => [1]`],
    ["answers a text", `() => "title"`],
    ["answers nothing", `() => {}`],
  ];
  it.each(dropped)("that %s contributes nothing: the post is saved, with what others gave", async (_, source) => {
    await install(healthy);
    await install(bad(source));
    const { status, body } = await createPost("Saved");
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body["data"]).toMatchObject({ title: "Saved", excerpt: "healthy was here" });
    expect(await invocations("bad", 1)).toMatchObject([{ kind: "hook", name: "hook:content:beforeSave" }]);
  });

  it.each([
    ["fields that are none of the collection's", `({ content }) => ({ ...content, evil: 1 })`],
    ["a title that is no text", `({ content }) => ({ ...content, title: { toString: 1 } })`],
    ["content that is no Portable Text", `({ content }) => ({ ...content, content: "<script>" })`],
  ])("that answers %s is refused or dropped, and never stored", async (_, source) => {
    await install(bad(source));
    const { status, body } = await createPost("Plain");
    expect([201, 422], JSON.stringify(body)).toContain(status);
    const stored = await rows<{ title: string; content: string | null }>("SELECT title, content FROM ec_posts");
    for (const row of stored) expect(row).toEqual({ title: "Plain", content: null });
    expect(JSON.stringify(await rows("SELECT * FROM ec_posts"))).not.toContain("evil");
  });
});

describe("hooks after the act and on pages", () => {
  it("that throw or loop change nothing of the save, its publication or the page", async () => {
    const hooks = Object.fromEntries(
      ["content:afterSave", "content:afterPublish"].map((name) => [name, `() => { throw new Error("after"); }`]),
    );
    await install(
      sketch("thrower", {
        capabilities: ["content:read"],
        hooks: { ...hooks, "page:metadata": `() => { throw new Error("page"); }` },
      }),
    );
    await install(
      sketch("looper", {
        manifest: budgets,
        capabilities: ["content:read"],
        hooks: { "content:afterSave": `() => { for (;;); }`, "page:metadata": `() => { for (;;); }` },
      }),
    );
    await install(
      sketch("garbage", {
        hooks: {
          "page:metadata": `() => [{ kind: "script", src: "https://evil.dev/x.js" }, 7, { kind: "meta", name: "a\\"><script>alert(1)</script>", content: "x" }]`,
        },
      }),
    );
    await install(healthy);
    const created = await createPost("Goes on", { publish: true });
    expect(created.status).toBe(201);
    const page = await call<string>("GET", "/posts/goes-on", { as: "visitor" });
    expect(page.status).toBe(200);
    expect(page.body).toContain('<meta name="healthy" content="yes"');
    expect(page.body).not.toMatch(/evil\.dev|<script>alert/);
    const failed = await invocations("thrower", 3);
    expect(failed.map((item) => item["status"])).toEqual(["threw", "threw", "threw"]);
    expect((await invocations("looper", 2)).map((item) => item["status"])).toEqual(["stopped", "stopped"]);
    const { items } = await must<{ items: readonly { id: string; recentFailures: number }[] }>(
      "GET",
      "/api/admin/plugins",
    );
    expect(Object.fromEntries(items.map(({ id, recentFailures }) => [id, recentFailures]))).toEqual({
      garbage: 0,
      healthy: 0,
      looper: 2,
      thrower: 3,
    });
  });
});

describe("a bundle that was changed in the store", () => {
  /** Which plugin it is, and that it is the bundle. */
  const CHANGED =
    /(changed|swapped|early)[ @]1\.0\.0.*(stored bundle|bundle store)|stored bundle of (changed|swapped|early)/;

  it("does not run and says so, at a route, a save, a page and a schedule; the other plugins run", async () => {
    await install(healthy);
    await install(
      sketch("changed", {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `() => ({ title: "changed" })`,
          "content:afterSave": `() => {}`,
          "page:metadata": `() => ({ kind: "meta", name: "changed", content: "yes" })`,
          cron: `() => {}`,
        },
        routes: { hi: `() => "changed"` },
        manifest: { bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *" }] } },
      }),
    );
    const [{ digest }] = (await rows<{ digest: string }>(
      "SELECT digest FROM _host_versions WHERE plugin_id = 'changed'",
    )) as [{ digest: string }];
    const { BUNDLES } = target.env;
    const bytes = new Uint8Array(await (await BUNDLES.get(`bundles/${digest}`))!.arrayBuffer());
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await BUNDLES.put(`bundles/${digest}`, bytes);

    const route = await callRoute("changed", "hi");
    expect({ status: route.status, success: route.body["success"] }).toEqual({ status: 503, success: false });
    expect(route.body["error"]).toMatchObject({
      code: "PLUGIN_STOPPED",
      message: expect.stringMatching(CHANGED),
    });
    const created = await createPost("Untouched", { publish: true });
    expect(created.body).toMatchObject({ data: { title: "Untouched", excerpt: "healthy was here" } });
    const page = await call<string>("GET", "/posts/untouched", { as: "visitor" });
    expect(page.body).toContain('name="healthy"');
    expect(page.body).not.toContain('name="changed"');
    await target.env.DB.prepare("UPDATE _host_schedules SET next_run_at = '2020-01-01T00:00:00.000Z'").run();
    await target.tick();
    const { items } = await must<{ items: unknown }>("GET", "/api/admin/plugins/changed/runs");
    expect(items).toMatchObject([{ status: "failed", error: expect.stringMatching(CHANGED) }]);
    await eventually(async () =>
      expect(await must("GET", "/api/admin/plugins/changed")).toMatchObject({
        plugin: { health: { lastError: expect.stringMatching(CHANGED) } },
      }),
    );
    await expectHealthy();
  });

  it("for another valid bundle does not run either", async () => {
    const source = sketch("swapped", { routes: { hi: `() => "mine"` } });
    await install(source);
    const other = await packPlugin({ ...source, backend: source.backend.replace("mine", "evil") });
    for (const { key } of (await target.env.BUNDLES.list()).objects) await target.env.BUNDLES.put(key, other);
    const { status, body } = await callRoute("swapped", "hi");
    expect({ status, message: body["error"]?.["message"] }).toEqual({
      status: 503,
      message: expect.stringMatching(CHANGED),
    });
  });

  it("cannot be taken live: consent parks it with the reason", async () => {
    const source = sketch("early", { hooks: { "plugin:activate": `() => {}` }, routes: { hi: `() => 1` } });
    await install(source, { enable: false });
    const { objects } = await target.env.BUNDLES.list();
    for (const object of objects) await target.env.BUNDLES.delete(object.key);
    const { plugin } = await must<{ plugin: unknown }>("POST", "/api/admin/plugins/early/enable");
    expect(plugin).toMatchObject({ state: "parked", reason: expect.stringMatching(CHANGED) });
    expect((await callRoute("early", "hi")).status).toBe(404);
  });
});
