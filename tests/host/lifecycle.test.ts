/** How does a plugin come and go? From upload over consent to enabled, off, on again and removed; each refusal with its reason. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin } from "../support/bundle.ts";
import {
  audit,
  call,
  callRoute,
  consent,
  createPost,
  eventually,
  install,
  must,
  rows,
  show,
  upload,
  uploadBytes,
} from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const hello = sketch("hello", { routes: { hi: `() => "hello"` } });

describe("from upload to a live route", () => {
  it("runs nothing before consent, and answers right after it", async () => {
    const plan = await upload(hello);
    expect(plan).toMatchObject({ kind: "install", escalation: false, routes: [{ name: "hi", public: false }] });
    expect(await show("hello")).toMatchObject({ state: "uploaded", staged: { planHash: plan["hash"] } });
    expect((await callRoute("hello", "hi")).status).toBe(404);

    const { status, body } = await consent(plan, { note: "looks fine" });
    expect(status).toBe(200);
    expect(body["plugin"]).toMatchObject({ id: "hello", version: "1.0.0", state: "enabled", staged: null });
    expect((await callRoute("hello", "hi")).body).toEqual({ success: true, data: "hello" });
    expect(await audit()).toMatchObject({ ok: true, acts: ["plugin.upload", "plugin.consent", "plugin.enabled"] });
  });

  it("may be written with EmDash's definePlugin", async () => {
    const { manifest, backend } = sketch("defined", { routes: { hi: `() => "hello"` } });
    const wrapped = backend.replace("export default {", "export default definePlugin({").replace(/\};\s*$/, "});");
    await install({ manifest, backend: `import { definePlugin } from "emdash";\n${wrapped}` });
    expect((await call("GET", "/api/plugins/defined/hi")).body).toEqual({ success: true, data: "hello" });
  });

  it("takes a bundle from the field of a form as well", async () => {
    const form = new FormData();
    form.set("bundle", new File([await packPlugin(hello)], "hello.tar.gz"));
    expect((await call("POST", "/api/admin/plugins", { body: form })).status).toBe(201);
  });

  it("gives the same plan for the same files, however they were packed", async () => {
    const first = await upload(hello);
    const again = await upload({ ...hello });
    expect(again["hash"]).toBe(first["hash"]);
  });

  it("waits disabled when consent says not to enable", async () => {
    const plugin = await install(hello, { enable: false });
    expect(plugin["state"]).toBe("disabled");
    expect((await callRoute("hello", "hi")).status).toBe(404);
    expect((await must("POST", "/api/admin/plugins/hello/enable"))["plugin"]).toMatchObject({ state: "enabled" });
    expect((await callRoute("hello", "hi")).status).toBe(200);
  });
});

describe("consent", () => {
  const asking = (hosts: readonly string[]) =>
    probe("asking", { capabilities: ["network:request", "content:write"], hosts });

  it("with a stale plan hash is refused, and nothing is granted", async () => {
    const plan = await upload(asking(["api.shop.dev"]));
    await upload(asking(["api.shop.dev", "evil.dev"]));
    const { status, body } = await consent(plan);
    expect({ status, code: body["code"] }).toEqual({ status: 409, code: "PLAN_CHANGED" });
    expect(await rows("SELECT * FROM _host_grants")).toEqual([]);
    expect(await show("asking")).toMatchObject({ state: "uploaded" });
  });

  it("given at once with others is the one that counts or is refused", async () => {
    const plan = await upload(hello);
    const answers = await Promise.all(["a", "b", "c"].map((note) => consent(plan, { note })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    expect((await audit()).acts.filter((act) => act === "plugin.consent")).toHaveLength(1);
  });

  it("given again for want of an answer is in effect and on record once; with another choice it is refused", async () => {
    const plan = await upload(hello);
    for (const answer of await Promise.all([consent(plan), consent(plan), consent(plan)]))
      // Who comes while the first is at work is told so.
      expect([200, 409]).toContain(answer.status);
    expect((await consent(plan)).body["plugin"]).toMatchObject({ state: "enabled" });
    expect((await consent(plan, { note: "another one" })).status).toBe(409);
    expect((await audit()).acts.filter((act) => act === "plugin.consent")).toHaveLength(1);
  });

  it("may deny a power: the plugin runs without it", async () => {
    await install(asking(["api.shop.dev"]), { deny: ["content:write"] });
    expect(await bridge("asking", "content.create", "posts", { title: "No" })).toMatchObject({
      error: {
        message: expect.stringMatching(/^Missing capability: content:write\. The administrator did not grant it/),
      },
    });
    expect(await rows("SELECT * FROM ec_posts")).toEqual([]);
    // What came with it in the manifest and was not denied, still works.
    expect(await bridge("asking", "content.list", "posts")).toMatchObject({ value: { items: [] } });
  });

  it("may narrow the hosts, never widen them", async () => {
    const plan = await upload(asking(["*.shop.dev", "api.pay.dev"]));
    for (const host of [
      "evil.dev",
      "shop.dev.evil.dev",
      "*.pay.dev",
      "*.dev",
      "*",
      "eu.shop.dev:8443",
      "http://eu.shop.dev",
    ]) {
      const { status, body } = await consent(plan, { hosts: [host] });
      expect({ host, status, code: body["code"] }).toEqual({ host, status: 422, code: "GRANTS_INVALID" });
      expect(body["detail"]).toContain("*.shop.dev, api.pay.dev");
    }
    expect(await rows("SELECT * FROM _host_grants")).toEqual([]);
    expect((await consent(plan, { hosts: ["eu.shop.dev"] })).status).toBe(200);
    target.internet((request) => new Response(new URL(request.url).hostname));
    expect(await bridge("asking", "http.fetch", "https://eu.shop.dev/")).toMatchObject({
      value: { text: "eu.shop.dev" },
    });
    for (const host of ["us.shop.dev", "shop.dev", "api.pay.dev"]) {
      const { error } = await bridge("asking", "http.fetch", `https://${host}/`);
      expect(error?.message).toBe(
        `Host not allowed: ${host}. Granted: eu.shop.dev. Add it to "allowedHosts" in the manifest, or ask the administrator to grant it.`,
      );
    }
  });

  it("cannot deny what was not asked for, nor end in the past", async () => {
    const plan = await upload(asking(["api.shop.dev"]));
    for (const choice of [{ deny: ["users:read"] }, { until: "2020-01-01T00:00:00Z" }]) {
      const { status, body } = await consent(plan, choice);
      expect({ status, code: body["code"] }).toEqual({ status: 422, code: "GRANTS_INVALID" });
    }
    expect(await show("asking")).toMatchObject({ state: "uploaded" });
  });

  it("ends when its time is over: the next call is refused", async () => {
    await install(asking(["api.shop.dev"]), { until: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await bridge("asking", "content.list", "posts")).toMatchObject({ value: { items: [] } });
    await target.env.DB.batch([
      target.env.DB.prepare("UPDATE _host_grants SET until = '2020-01-01T00:00:00.000Z'"),
      target.env.DB.prepare("UPDATE _host_state SET generation = generation + 1"),
    ]);
    expect((await bridge("asking", "content.list", "posts")).error?.message).toBe(
      "Missing capability: content:read. The grant has expired.",
    );
  });

  it("is refused for a rejected version until it is uploaded again", async () => {
    const plan = await upload(hello);
    const rejected = await must("POST", "/api/admin/plugins/hello/reject", { body: { version: "1.0.0", note: "no" } });
    expect(rejected["plugin"]).toMatchObject({ state: "rejected" });
    expect((await consent(plan)).status).toBe(409);
    expect((await consent(await upload(hello))).status).toBe(200);
    expect(await audit()).toMatchObject({ ok: true, acts: expect.arrayContaining(["plugin.reject"]) });
  });
});

describe("off, on and gone", () => {
  const marking = sketch("marking", {
    capabilities: ["content:write"],
    hooks: { "content:beforeSave": `({ content }) => ({ ...content, excerpt: "marked" })` },
    routes: { hi: `() => 1` },
  });
  const excerptOf = async (title: string) => (await createPost(title)).body["data"]?.["excerpt"] ?? null;

  it("disabled: its route is gone and its hooks are not called at the next request; enabled: both are back", async () => {
    await install(marking);
    expect(await excerptOf("One")).toBe("marked");
    expect((await must("POST", "/api/admin/plugins/marking/disable"))["plugin"]).toMatchObject({ state: "disabled" });
    expect((await callRoute("marking", "hi")).status).toBe(404);
    expect(await excerptOf("Two")).toBeNull();
    await must("POST", "/api/admin/plugins/marking/enable");
    expect((await callRoute("marking", "hi")).status).toBe(200);
    expect(await excerptOf("Three")).toBe("marked");
    expect(await audit()).toMatchObject({ ok: true, length: 6 });
  });

  it("disabled twice or enabled while live stays as it is, and is on record once", async () => {
    await install(marking);
    const before = (await audit()).acts;
    await must("POST", "/api/admin/plugins/marking/enable");
    expect((await audit()).acts).toEqual(before);
    await must("POST", "/api/admin/plugins/marking/disable");
    await must("POST", "/api/admin/plugins/marking/disable");
    expect((await audit()).acts).toEqual([...before, "plugin.disable"]);
    expect((await call("POST", "/api/admin/plugins/nobody/disable")).status).toBe(404);
  });

  it("uninstalled keeping data: another installation finds it; deleting data: what went is counted", async () => {
    const source = probe("keeper", {
      hooks: { "plugin:uninstall": `(event, ctx) => ctx.kv.set("asked", event.deleteData)`, cron: `() => {}` },
      manifest: {
        admin: { settingsSchema: { tone: { type: "string", label: "Tone" }, key: { type: "secret", label: "Key" } } },
        bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *" }] },
      },
    });
    await install(source);
    await bridge("keeper", "kv.set", "state", { n: 1 });
    await must("PUT", "/api/admin/plugins/keeper/settings", { body: { values: { tone: "dry" } } });

    const kept = await must("DELETE", "/api/admin/plugins/keeper?data=keep");
    expect(kept["removed"]).toEqual({ rows: 0, tables: 0, keys: 0, objects: 0, schedules: 1 });
    expect((await call("GET", "/api/admin/plugins/keeper")).status).toBe(404);
    expect((await callRoute("keeper", "probe")).status).toBe(404);
    await install(source);
    expect(await bridge("keeper", "kv.list")).toEqual({
      value: [
        { key: "asked", value: false },
        { key: "state", value: { n: 1 } },
      ],
    });
    expect(await bridge("keeper", "settings.get", "tone")).toEqual({ value: "dry" });

    await must("PUT", "/api/admin/plugins/keeper/settings", { body: { values: { key: "sk-1" } } });
    const removed = await must("DELETE", "/api/admin/plugins/keeper?data=delete");
    // Two keys and the secret; one setting in KV; one schedule.
    expect(removed["removed"]).toEqual({ rows: 3, tables: 0, keys: 1, objects: 0, schedules: 1 });
    for (const table of ["_plugin_storage", "_host_secrets", "_host_grants", "_host_schedules", "_host_versions"]) {
      expect({ table, rows: await rows(`SELECT * FROM ${table}`) }).toEqual({ table, rows: [] });
    }
    expect((await target.env.CACHE.list({ prefix: "settings:" })).keys).toEqual([]);
    expect((await audit()).ok).toBe(true);
  });

  it("is removed although its uninstall hook throws or loops", async () => {
    for (const [id, hook] of [
      ["throwing", `() => { throw new Error("never leave"); }`],
      ["looping", `() => { for (;;); }`],
    ] as const) {
      await install(sketch(id, { hooks: { "plugin:uninstall": hook } }));
      expect((await call("DELETE", `/api/admin/plugins/${id}`)).status).toBe(200);
    }
    expect(await must("GET", "/api/admin/plugins")).toEqual({ items: [] });
  });

  it("parks a plugin whose install hook throws; others go on, and a mended version runs", async () => {
    await install(hello);
    const parked = await install(
      sketch("broken", {
        hooks: { "plugin:install": `() => { throw new Error("no database for me"); }` },
        routes: { hi: `() => 1` },
      }),
    );
    expect(parked).toMatchObject({ state: "parked", reason: "plugin:install: no database for me" });
    expect((await callRoute("broken", "hi")).status).toBe(404);
    expect((await callRoute("hello", "hi")).body).toEqual({ success: true, data: "hello" });
    expect((await must("POST", "/api/admin/plugins/broken/enable"))["plugin"]).toMatchObject({ state: "parked" });
    expect((await audit()).acts.slice(-2)).toEqual(["plugin.enable", "plugin.parked"]);
    const fixed = sketch("broken", { version: "1.0.1", routes: { hi: `() => "mended"` } });
    expect(await install(fixed)).toMatchObject({ state: "enabled", reason: null });
    expect((await callRoute("broken", "hi")).body).toEqual({ success: true, data: "mended" });
  });

  it("runs install once and activate at every enabling, deactivate at every disabling", async () => {
    const note = (name: string) => `async (_, ctx) => ctx.kv.set("${name}", ((await ctx.kv.get("${name}")) ?? 0) + 1)`;
    const hooks = Object.fromEntries(
      ["install", "activate", "deactivate"].map((name) => [`plugin:${name}`, note(name)]),
    );
    await install(probe("counting", { hooks }));
    await must("POST", "/api/admin/plugins/counting/disable");
    await must("POST", "/api/admin/plugins/counting/enable");
    expect(await eventually(() => bridge("counting", "kv.list"))).toEqual({
      value: [
        { key: "activate", value: 2 },
        { key: "deactivate", value: 1 },
        { key: "install", value: 1 },
      ],
    });
  });
});

describe("who may", () => {
  it("nobody without a token uploads, consents, reads or removes", async () => {
    await install(hello);
    for (const [method, path] of [
      ["POST", "/api/admin/plugins"],
      ["GET", "/api/admin/plugins"],
      ["GET", "/api/admin/plugins/hello"],
      ["POST", "/api/admin/plugins/hello/disable"],
      ["DELETE", "/api/admin/plugins/hello"],
      ["GET", "/api/admin/audit"],
      ["GET", "/api/admin/plugins/hello/settings"],
      ["GET", "/api/admin/plugins/hello/logs"],
      ["GET", "/api/admin/catalog"],
      ["POST", "/api/content/posts"],
    ] as const) {
      const { status, body } = await call(method, path, { as: "visitor" });
      expect({ method, path, status, code: body["code"] }).toEqual({
        method,
        path,
        status: 401,
        code: "UNAUTHENTICATED",
      });
    }
    expect(await show("hello")).toMatchObject({ state: "enabled" });
    expect((await uploadBytes(new Uint8Array(0))).status).toBe(422);
  });
});
