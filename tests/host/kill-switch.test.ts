/** Does one switch stop everything, a plugin, a host or a power, at the next request; and does it give back what it took? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { audit, call, callRoute, consent, createPost, install, must, rows, show, upload, type Json } from "./client.ts";
import { callAs } from "./people.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const set = (scope: string, on: boolean, note = "why") =>
  call("POST", "/api/admin/kill-switch", { body: { scope, on, note } });
const list = () => must<Json>("GET", "/api/admin/kill-switch");

const page = { "page:metadata": `() => [{ kind: "meta", name: "x-live", content: "live" }]` };

describe("the switch for all", () => {
  it("off, everything stops at the next request: routes, hooks, schedules, panels; the site goes on; back, all runs", async () => {
    await install(
      sketch("live", {
        capabilities: ["content:write"],
        routes: { hi: `() => 1`, admin: `() => ({ blocks: [] })` },
        hooks: {
          ...page,
          "content:beforeSave": `({ content }) => ({ ...content, excerpt: "by live" })`,
          cron: `async (_, ctx) => { await ctx.kv.set("ran", true); }`,
        },
        manifest: {
          admin: { pages: [{ path: "/", label: "P" }] },
          bulkhead: { schedules: [{ name: "s", cron: "* * * * *" }] },
        },
      }),
    );
    const panel = () => call("POST", "/api/admin/plugins/live/panel", { body: { type: "page_load", page: "/" } });
    const front = async () => (await call<string>("GET", "/", { as: "visitor" })).body;
    expect(await front()).toContain("x-live");

    expect((await set("all", true)).body).toEqual({
      scope: "all",
      on: true,
      reached: { database: true, flag: true },
      effect: "Off at the next request everywhere.",
    });
    expect((await callRoute("live", "hi")).status).toBe(404);
    expect((await panel()).status).toBe(404);
    expect((await createPost("Off")).body["data"]).toMatchObject({ excerpt: null });
    const site = await call<string>("GET", "/", { as: "visitor" });
    expect(site).toMatchObject({ status: 200, body: expect.not.stringContaining("x-live") });
    await must("POST", "/api/admin/plugins/live/schedules/s/run");
    await target.tick();
    expect(await rows("SELECT id FROM _plugin_storage")).toEqual([]);
    expect(await show("live")).toMatchObject({
      state: "enabled",
      reason: expect.stringMatching(/^All plugins are switched off since .* by the kill switch\.$/),
    });

    expect((await set("all", false)).body["reached"]).toEqual({ database: true, flag: true });
    expect((await callRoute("live", "hi")).status).toBe(200);
    expect((await panel()).status).toBe(200);
    await target.tick();
    expect(await rows("SELECT data FROM _plugin_storage")).toEqual([{ data: "true" }]);
    expect((await createPost("On")).body["data"]).toMatchObject({ excerpt: "by live" });
    expect(await show("live")).toMatchObject({ state: "enabled", reason: null });
    const { acts, ok } = await audit();
    expect({ ok, acts: acts.filter((act) => act.startsWith("switch")) }).toEqual({
      ok: true,
      acts: ["switch.on", "switch.off"],
    });
  });

  it("off, nothing is enabled or consented to to run, and no hook of a removal runs; consent without running may be given", async () => {
    await install(
      sketch("old", {
        hooks: { "plugin:uninstall": `async (_, ctx) => { await ctx.content.create("posts", { title: "Ran" }); }` },
        capabilities: ["content:write"],
      }),
    );
    await must("POST", "/api/admin/plugins/old/disable");
    await set("all", true);
    expect(await call("POST", "/api/admin/plugins/old/enable")).toMatchObject({
      status: 409,
      body: { code: "CONFLICT" },
    });
    const plan = await upload(sketch("new", { hooks: { "plugin:install": `() => {}` } }));
    expect(await consent(plan)).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/switched off/) } });
    expect(await consent(plan, { enable: false })).toMatchObject({
      status: 200,
      body: { plugin: { state: "disabled" } },
    });
    expect((await call("DELETE", "/api/admin/plugins/old")).status).toBe(200);
    expect(await rows("SELECT title FROM ec_posts")).toEqual([]);
  });

  it("thrown by its install hook's own deed stops the rest of the hook", async () => {
    // The hook's request is answered by a switch: what comes after it has no powers any more.
    target.internet(async () => {
      await set("all", true);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      return new Response("ok");
    });
    await consent(
      await upload(
        sketch("late", {
          capabilities: ["network:request", "content:write"],
          hosts: ["a.shop.dev"],
          hooks: {
            "plugin:install": `async (_, ctx) => { await ctx.http.fetch("https://a.shop.dev/"); await ctx.content.create("posts", { title: "After" }); }`,
          },
        }),
      ),
    );
    expect(await rows("SELECT title FROM ec_posts")).toEqual([]);
    expect(await show("late")).toMatchObject({ state: "parked", reason: expect.stringMatching(/no longer enabled/) });
  });
});

describe("the switch for a plugin", () => {
  it("stops that one and no other, also one whose name begins the same", async () => {
    for (const id of ["a", "ab", "a-b"]) await install(sketch(id, { routes: { hi: `() => 1` } }));
    await set("a", true);
    const statuses = async () => Promise.all(["a", "ab", "a-b"].map(async (id) => (await callRoute(id, "hi")).status));
    expect(await statuses()).toEqual([404, 200, 200]);
    expect(await show("a")).toMatchObject({ reason: expect.stringMatching(/^a is switched off since /) });
    await set("a", false);
    expect(await statuses()).toEqual([200, 200, 200]);
  });

  it("holds for what is installed under its id later", async () => {
    await set("later", true);
    expect((await consent(await upload(sketch("later")))).status).toBe(409);
  });
});

describe("the switch for a host", () => {
  it.each([
    ["host:b.shop.dev", { "a.shop.dev": true, "b.shop.dev": false, "c.b.shop.dev": true }],
    ["host:*.b.shop.dev", { "a.shop.dev": true, "b.shop.dev": false, "c.b.shop.dev": false, "xb.shop.dev": true }],
  ])("%s stops requests to it from every plugin, whatever was granted", async (scope, expected) => {
    await install(probe("named", { capabilities: ["network:request"], hosts: ["*.shop.dev"] }), {
      report: ["network:request"],
    });
    await install(probe("any", { capabilities: ["network:request:unrestricted"] }));
    target.internet(() => new Response("ok"));
    await set(scope.toUpperCase().replace("HOST:", "host:"), true);
    for (const id of ["named", "any"]) {
      for (const [host, passes] of Object.entries(expected)) {
        const { value, error } = await bridge(id, "http.fetch", `https://${host}/`);
        expect({ id, host, passes: value !== undefined }).toEqual({ id, host, passes });
        if (!passes)
          expect(error?.message).toBe(
            `Host not allowed: ${host}. It is switched off for all plugins (${scope}). Ask the administrator.`,
          );
      }
    }
    await set(scope, false);
    expect(await bridge("any", "http.fetch", "https://b.shop.dev/")).toMatchObject({ value: { status: 200 } });
  });
});

describe("the switch for a power", () => {
  it("stops it in every plugin, and what brings it along; others stay", async () => {
    await install(probe("live", { capabilities: ["content:write"] }));
    await install(probe("reads", { capabilities: ["content:read"] }));
    await set("capability:content:write", true);
    expect((await bridge("live", "content.create", "posts", { title: "T" })).error?.message).toBe(
      "Missing capability: content:write. It is switched off for all plugins (capability:content:write). Ask the administrator.",
    );
    expect(await bridge("reads", "content.list", "posts")).toMatchObject({ value: {} });
    await set("capability:content:write", false);
    await set("capability:content:read", true);
    for (const [id, op, input] of [
      ["live", "content.create", { title: "T" }],
      ["live", "content.list", {}],
      ["reads", "content.list", {}],
    ] as const) {
      expect((await bridge(id, op, "posts", input)).error?.message).toMatch(/switched off for all plugins/);
    }
    await set("capability:content:read", false);
    expect(await bridge("live", "content.create", "posts", { title: "T" })).toMatchObject({
      value: { id: expect.any(String) },
    });
  });

  it("holds for hooks too", async () => {
    const hooks = { "content:beforeSave": `({ content }) => ({ ...content, excerpt: "by live" })` };
    await install(probe("live", { capabilities: ["content:write"], hooks }));
    await set("capability:content:write", true);
    expect((await createPost("Off")).body["data"]).toMatchObject({ excerpt: null });
  });
});

describe("a switch", () => {
  it.each([
    "",
    "ALL",
    "All",
    "*",
    "../x",
    "a b",
    "host:",
    "host:*",
    "host:https://a.dev",
    "host:a.dev:443",
    "host:a.dev/x",
    "capability:",
    "capability:content:*",
    "capability:__proto__",
    "capability:constructor",
    "plugin:a",
    "x".repeat(65),
  ])("for %j is refused with the forms there are, and nothing is stored", async (scope) => {
    const before = await everything();
    expect(await set(scope, true)).toMatchObject({
      status: 400,
      body: { code: "BAD_REQUEST", detail: expect.stringMatching(/Expected/) },
    });
    expect(await everything()).toEqual(before);
  });

  it("is listed with who, when, why and where it stands, and not once it is taken back", async () => {
    await set("host:a.dev", true, "leaks");
    await set("all", true, "");
    expect(await list()).toEqual({
      items: [
        { scope: "all", at: expect.any(String), by: "bootstrap", note: "", database: true, flag: true },
        { scope: "host:a.dev", at: expect.any(String), by: "bootstrap", note: "leaks", database: true, flag: true },
      ],
      answered: { database: true, flag: true },
      pluginsOff: false,
    });
    await set("all", false);
    expect((await list())["items"]).toMatchObject([{ scope: "host:a.dev" }]);
    await set("host:a.dev", false);
    expect((await list())["items"]).toEqual([]);
  });

  it("thrown twice keeps its time, and taken back twice is no error", async () => {
    await set("all", true, "first");
    const at = ((await list())["items"] as unknown as readonly Json[])[0]!["at"];
    await set("all", true, "second");
    expect((await list())["items"]).toMatchObject([{ at, note: "second" }]);
    expect((await set("all", false)).status).toBe(200);
    expect((await set("all", false)).status).toBe(200);
  });

  it("is thrown by who may revoke, and taken back by an administrator alone", async () => {
    const as = (role: "reviewer" | "publisher" | "editor", on: boolean) =>
      callAs(role, "POST", "/api/admin/kill-switch", { scope: "all", on });
    expect((await as("publisher", true)).status).toBe(403);
    expect((await as("editor", true)).status).toBe(403);
    expect((await as("reviewer", true)).status).toBe(200);
    expect((await as("reviewer", false)).status).toBe(403);
    expect(
      (await call("POST", "/api/admin/kill-switch", { as: "visitor", body: { scope: "all", on: false } })).status,
    ).toBe(401);
    expect((await list())["items"]).toMatchObject([{ scope: "all", by: "reviewer" }]);
  });
});

describe("a flag in KV", () => {
  it("can only deny: no value there lifts a switch, a denial or a policy", async () => {
    await install(probe("live", { capabilities: ["content:read"] }), { deny: ["content:read"] });
    await set("all", true);
    const { CACHE, DB } = target.env;
    for (const [key, value] of [
      ["kill:all", "false"],
      ["kill:all", ""],
      ["killed", "[]"],
      ["killed", "{}"],
      ["kill:on", "all"],
      ["allow:all", "1"],
      ["grant:live:content:read", "1"],
    ] as const) {
      await CACHE.put(key, value);
      await DB.exec("UPDATE _host_state SET generation = generation + 1");
      expect({ key, value, status: (await callRoute("live", "probe")).status }).toEqual({ key, value, status: 404 });
    }
    await CACHE.delete("kill:all");
    await DB.exec("UPDATE _host_state SET generation = generation + 1");
    expect((await callRoute("live", "probe")).status).toBe(404);
    await set("all", false);
    expect((await bridge("live", "content.list", "posts")).error?.code).toBe("DENIED");
  });

  it.each(["1", "0", "false", "", "null"])("put by hand stops everything, whatever it says (%j)", async (value) => {
    await install(sketch("live", { routes: { hi: `() => 1` } }));
    await target.env.CACHE.put("kill:all", value);
    await target.env.DB.exec("UPDATE _host_state SET generation = generation + 1");
    expect((await callRoute("live", "hi")).status).toBe(404);
    expect((await list())["items"]).toMatchObject([{ scope: "all", database: false, flag: true }]);
    expect((await set("all", false)).status).toBe(200);
    expect((await callRoute("live", "hi")).status).toBe(200);
  });
});
