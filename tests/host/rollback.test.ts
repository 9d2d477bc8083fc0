/** Does a plugin go back to what it was, in one call, without a power that was taken away since? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import type { Role } from "../../host/actor.ts";
import { audit, call, callRoute, consent, install, must, rows, show, upload, type Answer } from "./client.ts";
import { callAs } from "./people.ts";
import { bridge, probe, type PluginSketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const HOSTS = ["a.shop.dev", "b.shop.dev"];
const version = (number: string, more: PluginSketch = {}) =>
  probe("growing", { ...more, version: number, routes: { which: `() => "${number}"` } });
const which = async () => (await callRoute("growing", "which")).body["data"];
const back = (body: object = {}): Promise<Answer> => call("POST", "/api/admin/plugins/growing/rollback", { body });
const regrant = (...grants: readonly object[]) =>
  must("PUT", "/api/admin/plugins/growing/grants", { body: { grants, note: "why" } });
const schedule = (name: string): PluginSketch => ({
  hooks: { cron: "() => {}" },
  manifest: { bulkhead: { schedules: [{ name, cron: "0 6 * * *" }] } },
});

describe("a rollback", () => {
  it("brings back code, grants and schedules of the version before, and is on record", async () => {
    await install(version("1.0.0", { capabilities: ["content:read"], ...schedule("daily") }));
    await install(version("2.0.0", { capabilities: ["content:write"], ...schedule("nightly") }));
    expect(await which()).toBe("2.0.0");
    const answer = await back({ note: "It is slow" });
    expect(answer, JSON.stringify(answer.body)).toMatchObject({
      status: 200,
      body: { plugin: { version: "1.0.0", state: "enabled", reason: null } },
    });
    expect(await which()).toBe("1.0.0");
    expect(await bridge("growing", "content.list", "posts")).toMatchObject({ value: { items: [] } });
    expect((await bridge("growing", "content.create", "posts", { title: "No" })).error?.message).toMatch(
      /^Missing capability: content:write/,
    );
    expect(await rows("SELECT name FROM _host_schedules")).toEqual([{ name: "daily" }]);
    const { acts, ok } = await audit();
    expect({ ok, last: acts.at(-1) }).toEqual({ ok: true, last: "plugin.rollback" });
    const [row] = await rows<{ detail: string }>("SELECT detail FROM _host_audit ORDER BY seq DESC LIMIT 1");
    expect(JSON.parse(row!.detail)).toMatchObject({ from: "2.0.0", version: "1.0.0", note: "It is slow" });
  });

  it("of a rollback is the newer version again; a version of any age comes by its name", async () => {
    for (const number of ["1.0.0", "2.0.0", "3.0.0"]) await install(version(number));
    expect((await back({ version: "1.0.0" })).status).toBe(200);
    expect(await which()).toBe("1.0.0");
    expect((await back()).status).toBe(200);
    expect(await which()).toBe("3.0.0");
    expect((await back({ version: "2.0.0" })).status).toBe(200);
    expect(await which()).toBe("2.0.0");
  });

  it("is refused, and nothing changes, where the version was never live, is unknown or is the only one", async () => {
    await install(version("1.0.0"));
    expect(await back()).toMatchObject({
      status: 409,
      body: { detail: "growing has no version that was live before 1.0.0." },
    });
    await install(version("2.0.0"));
    await upload(version("3.0.0"));
    const before = await everything();
    for (const [wanted, status, words] of [
      ["3.0.0", 404, "It can go back to: 1.0.0."],
      ["9.9.9", 404, "growing was never live as 9.9.9."],
    ] as const) {
      const answer = await back({ version: wanted });
      expect(answer.status).toBe(status);
      expect(answer.body["detail"]).toContain(words);
    }
    expect((await call("POST", "/api/admin/plugins/none/rollback", { body: {} })).status).toBe(404);
    // Asked again for want of an answer: it is done.
    expect((await back({ version: "2.0.0" })).body["plugin"]).toMatchObject({ version: "2.0.0", state: "enabled" });
    expect(await everything()).toEqual(before);
    expect(await which()).toBe("2.0.0");
  });

  it("leaves what waits for consent waiting, and a disabled plugin disabled", async () => {
    await install(version("1.0.0"));
    await install(version("2.0.0"));
    const plan = await upload(version("3.0.0"));
    await must("POST", "/api/admin/plugins/growing/disable");
    expect((await back()).body["plugin"]).toMatchObject({
      version: "1.0.0",
      state: "disabled",
      staged: { version: "3.0.0" },
    });
    expect((await callRoute("growing", "which")).status).toBe(404);
    await must("POST", "/api/admin/plugins/growing/enable");
    expect(await which()).toBe("1.0.0");
    // The plan starts from another version now.
    expect(await consent(plan)).toMatchObject({ status: 409, body: { code: "PLAN_CHANGED" } });
  });

  it("takes a parked plugin back, disabled, and it can be enabled", async () => {
    await install(version("1.0.0"));
    await must("POST", "/api/admin/plugins/growing/disable");
    await install(version("2.0.0", { hooks: { "plugin:activate": `() => { throw new Error("no") }` } }));
    await must("POST", "/api/admin/plugins/growing/enable");
    expect(await show("growing")).toMatchObject({ state: "parked", version: "2.0.0" });
    expect((await back()).body["plugin"]).toMatchObject({ state: "disabled", version: "1.0.0", reason: null });
    await must("POST", "/api/admin/plugins/growing/enable");
    expect(await which()).toBe("1.0.0");
  });

  it("keeps the plugin's data, its own tables as the newer version left them", async () => {
    const withTable = (number: string, files: Readonly<Record<string, string>>) => ({
      ...version(number, { manifest: { bulkhead: { database: {} } } }),
      files,
    });
    const one = { "migrations/0001_items.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT);" };
    const sql = (text: string) => bridge("growing", "db.batch", [{ sql: text, params: [] }]);
    await install(withTable("1.0.0", one));
    await install(withTable("2.0.0", { ...one, "migrations/0002_more.sql": "ALTER TABLE items ADD COLUMN w TEXT;" }));
    await sql("INSERT INTO items (v, w) VALUES ('kept', 'too')");
    await bridge("growing", "kv.set", "key", "kept");
    expect((await back()).status).toBe(200);
    expect(await which()).toBe("1.0.0");
    expect(await sql("SELECT v, w FROM items")).toMatchObject({ value: [{ results: [{ v: "kept", w: "too" }] }] });
    expect(await bridge("growing", "kv.get", "key")).toMatchObject({ value: "kept" });
    const [row] = await rows<{ detail: string }>("SELECT detail FROM _host_audit ORDER BY seq DESC LIMIT 1");
    expect(JSON.parse(row!.detail)).toMatchObject({ newerMigrations: ["migrations/0002_more.sql"] });
    expect((await back()).status).toBe(200);
    expect(await sql("SELECT w FROM items")).toMatchObject({ value: [{ results: [{ w: "too" }] }] });
  });
});

describe("a power that was taken away since", () => {
  const both: PluginSketch = { capabilities: ["network:request", "content:read"], hosts: HOSTS };
  const reach = async (host: string) =>
    (await bridge("growing", "http.fetch", `https://${host}/`)).error?.message ?? "ok";
  beforeEach(async () => {
    target.internet(() => new Response("ok"));
    await install(version("1.0.0", both));
    await install(version("2.0.0", both));
  });

  it("stays denied; its neighbour comes back", async () => {
    await regrant({ capability: "network:request", allowed: false });
    expect((await back()).status).toBe(200);
    expect(await reach(HOSTS[0]!)).toBe("Missing capability: network:request. The administrator did not grant it.");
    expect(await bridge("growing", "content.list", "posts")).toMatchObject({ value: { items: [] } });
  });

  it.each([
    ["paused", () => ({ paused: true }), /paused/],
    ["narrowed", () => ({ hosts: [HOSTS[1]] }), /^Host not allowed: a\.shop\.dev\. Granted: b\.shop\.dev/],
    ["ended", () => ({ until: new Date(Date.now() + 400).toISOString() }), /expired/],
  ])("stays %s", async (_what, change, words) => {
    await regrant({ capability: "network:request", ...change() });
    expect((await back()).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await reach(HOSTS[0]!)).toMatch(words);
  });

  it("and was narrowed to one of a pattern stays that one", async () => {
    const wide = { capabilities: ["network:request"], hosts: ["*.shop.dev"] };
    await install(version("3.0.0", wide));
    await install(version("4.0.0", wide));
    await regrant({ capability: "network:request", hosts: [HOSTS[0]] });
    expect((await back()).status).toBe(200);
    expect(await reach(HOSTS[0]!)).toBe("ok");
    expect(await reach(HOSTS[1]!)).toMatch(/^Host not allowed/);
  });

  it("before the rollback's version was consented to says nothing of it", async () => {
    await regrant({ capability: "network:request", allowed: false });
    await install(version("3.0.0", both));
    await install(version("4.0.0", both));
    expect((await back()).status).toBe(200);
    expect(await reach(HOSTS[0]!)).toBe("ok");
    // To the one it was denied for it comes back denied.
    expect((await back({ version: "2.0.0" })).status).toBe(200);
    expect(await reach(HOSTS[0]!)).toMatch(/^Missing capability/);
  });

  it("by the policy is refused, and nothing changes", async () => {
    await install(version("3.0.0"));
    await must("PUT", "/api/admin/policy", {
      body: { document: { version: 1, capabilities: { deny: ["network:*"] } }, note: "why" },
    });
    const before = await everything();
    expect(await back()).toMatchObject({ status: 403, body: { code: "POLICY_DENIED" } });
    expect(await everything()).toEqual(before);
    expect(await which()).toBe("3.0.0");
  });
});

it("an address that another plugin has taken meanwhile is refused, and nothing changes", async () => {
  const page = { hooks: { "page:request": "() => null" }, manifest: { bulkhead: { page: { paths: ["/llms.txt"] } } } };
  await install(version("1.0.0", page));
  await install(version("2.0.0"));
  await install(probe("other", page));
  const answer = await back();
  expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining("other holds it") } });
  expect(await which()).toBe("2.0.0");
});

it("a rollback is for whoever may run plugins, and for nobody else", async () => {
  await install(version("1.0.0"));
  await install(version("2.0.0"));
  const ask = async (role: Role) => (await callAs(role, "POST", "/api/admin/plugins/growing/rollback", {})).status;
  expect(await ask("editor")).toBe(403);
  expect(await which()).toBe("2.0.0");
  expect(await ask("publisher")).toBe(200);
  expect(await ask("reviewer")).toBe(200);
  expect(await call("POST", "/api/admin/plugins/growing/rollback", { body: {}, as: "visitor" })).toMatchObject({
    status: 401,
  });
});

it("of rollbacks at once each is whole: what is live is what the last one says", async () => {
  for (const number of ["1.0.0", "2.0.0", "3.0.0"]) await install(version(number));
  const answers = await Promise.all(["1.0.0", "2.0.0", "1.0.0", "2.0.0"].map((number) => back({ version: number })));
  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
  const { version: live } = (await show("growing")) as unknown as { version: string };
  expect(await which()).toBe(live);
  const [row] = await rows<{ detail: string }>("SELECT detail FROM _host_audit ORDER BY seq DESC LIMIT 1");
  expect(JSON.parse(row!.detail)).toMatchObject({ version: live });
});
