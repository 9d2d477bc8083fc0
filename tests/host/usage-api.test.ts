/** What does an administrator learn of a plugin's use: granted against used, what is left of its quotas, and what to take away? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { METER_NAMES } from "../../host/usage/meters.ts";
import { call, install, must, rows, upload, type Json } from "./client.ts";
import { bridge, probe } from "./plugins.ts";
import { hoursAgo, QUOTA, setUsed } from "./used-before.ts";

beforeEach(async () => {
  await target.reset();
  target.internet(() => new Response("reached"));
});

const usage = async (id = "one") => (await must<Json>("GET", `/api/admin/plugins/${id}/usage`))["usage"]!;
const plugin = (more: Parameters<typeof probe>[1] = {}) =>
  probe("one", {
    capabilities: ["network:request", "content:write"],
    hosts: ["a.shop.dev", "b.shop.dev"],
    ...more,
  });
/** Says that every decision was made so many days ago. */
const grantedDaysAgo = (days: number, where = "1") =>
  target.env.DB.prepare(`UPDATE _host_grants SET granted_at = ? WHERE ${where}`)
    .bind(new Date(Date.now() - days * 86_400_000).toISOString())
    .run();
const suggestions = async () => (await usage())["suggestions"] as unknown as readonly Json[];
const follow = async (suggestion: Json) =>
  call("PUT", "/api/admin/plugins/one/grants", { body: { grants: [suggestion["change"]] } });

describe("granted against used", () => {
  it("is shown by power and target, with calls, denials, reports and the last use", async () => {
    const before = new Date().toISOString();
    await install(plugin());
    await bridge("one", "http.fetch", "https://a.shop.dev/");
    await bridge("one", "http.fetch", "https://a.shop.dev/again");
    await bridge("one", "http.fetch", "https://c.shop.dev/");
    await bridge("one", "content.publish", "posts", "x");
    await bridge("one", "kv.set", "k", 1);
    const { powers, own, since } = (await usage()) as unknown as Record<string, readonly Json[]>;
    const never = { calls: 0, denied: 0, reported: 0, lastUsedAt: null };
    expect(powers).toMatchObject([
      { capability: "content:read", requested: true, allowed: true, targetKind: "collections", targets: [], ...never },
      { capability: "content:write", requested: true, ...never },
      { capability: "content:publish", requested: false, allowed: false, ...never, denied: 1 },
      {
        capability: "network:request",
        requested: true,
        allowed: true,
        mode: "enforce",
        calls: 2,
        denied: 1,
        targets: [
          { name: "a.shop.dev", granted: true, calls: 2, denied: 0 },
          { name: "b.shop.dev", granted: true, ...never },
        ],
      },
    ]);
    expect(String(powers!.at(-1)!["lastUsedAt"]) >= before).toBe(true);
    expect(own).toMatchObject([{ family: "kv", calls: 1, denied: 0 }]);
    expect(Date.parse(String(since))).toBeLessThan(Date.parse(before) - 29 * 86_400_000);
  });

  it("is not there for a plugin that is not", async () => {
    expect(await call("GET", "/api/admin/plugins/nobody/usage")).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND" },
    });
  });

  it("is there before anybody has consented", async () => {
    await upload(plugin());
    expect(await usage()).toMatchObject({ powers: [], own: [], suggestions: [] });
  });
});

describe("quotas", () => {
  it("are shown by meter and window, with used, limit and level, and what is stored", async () => {
    await install(plugin());
    const { hour, day, month } = QUOTA.meters.requests;
    await setUsed("one", "requests", hour, 5);
    await target.env.DB.prepare(
      "INSERT INTO _host_meters VALUES (?, 'one', 'rowsRead', ?), (?, 'other', 'rowsRead', 7)",
    )
      .bind(hoursAgo(0), QUOTA.meters.rowsRead.hour * 0.8, hoursAgo(0))
      .run();
    await bridge("one", "kv.set", "k", "v");
    const { meters, stored } = (await usage()) as unknown as Record<string, readonly Json[]>;
    expect(meters!.map(({ meter }) => meter)).toEqual(METER_NAMES);
    const windowsOf = (meter: string) => meters!.find((each) => String(each["meter"]) === meter)!["windows"];
    expect(windowsOf("requests")).toMatchObject([
      { window: "hour", used: 0, limit: hour, level: "ok" },
      { window: "day", used: hour, limit: day, level: "ok" },
      { window: "month", used: hour, limit: month, level: "ok" },
    ]);
    expect(windowsOf("rowsRead")).toMatchObject([{ window: "hour", level: "warn" }, { level: "ok" }, { level: "ok" }]);
    expect(stored).toMatchObject([
      { gauge: "rowsStored", used: 1, limit: QUOTA.gauges.rowsStored, level: "ok" },
      { gauge: "bytesStored", used: 4 },
      { gauge: "kvKeys", used: 1 },
    ]);
    await setUsed("one", "requests", day);
    expect(((await usage())["meters"] as unknown as readonly Json[])[2]!["windows"]).toMatchObject([
      { window: "hour", level: "exceeded", renewsAt: expect.stringMatching(/:00:00\.000Z$/) },
      { window: "day", level: "exceeded" },
      { window: "month", level: "ok" },
    ]);
  });
});

describe("suggestions", () => {
  it("are to deny what was not used in thirty days, and to narrow to the hosts that were; both can be followed", async () => {
    await install(plugin());
    await bridge("one", "http.fetch", "https://a.shop.dev/");
    await grantedDaysAgo(29);
    expect(await suggestions()).toEqual([]);
    await grantedDaysAgo(31);
    const made = await suggestions();
    expect(made).toEqual([
      {
        code: "unused",
        capability: "content:write",
        message: "content:write was not used in 30 days: deny it.",
        change: { capability: "content:write", allowed: false },
      },
      {
        code: "narrow",
        capability: "network:request",
        message: "Of its hosts only a.shop.dev was used in 30 days: narrow network:request to it.",
        change: { capability: "network:request", allowed: true, hosts: ["a.shop.dev"] },
      },
    ]);
    for (const suggestion of made) expect((await follow(suggestion)).status).toBe(200);
    await grantedDaysAgo(31);
    // What came with content:write is now a power of its own, and unused.
    expect(await suggestions()).toMatchObject([{ code: "unused", capability: "content:read" }]);
    expect((await bridge("one", "http.fetch", "https://a.shop.dev/")).error).toBeUndefined();
    expect((await bridge("one", "http.fetch", "https://b.shop.dev/")).error).toMatchObject({ code: "DENIED" });
  });

  it("are none for a use within the time, and one again when it is out of it", async () => {
    await install(plugin({ capabilities: ["content:read"], hosts: [] }));
    await grantedDaysAgo(60);
    await bridge("one", "content.list", "posts");
    const use = (days: number) =>
      target.env.DB.prepare("UPDATE _host_usage SET hour = ? WHERE capability = 'content:read'")
        .bind(hoursAgo(days * 24))
        .run();
    const codes = async () => (await suggestions()).map(({ code }) => code);
    await use(29);
    expect(await codes()).toEqual(["narrow"]);
    await use(31);
    expect(await codes()).toEqual(["unused"]);
  });

  it("leave alone what a hook needs, what is paused, denied or has ended, and what invented names hide", async () => {
    await install(plugin({ capabilities: ["content:write"], hosts: [], hooks: { "content:beforeSave": `() => {}` } }));
    await grantedDaysAgo(60);
    expect(await suggestions()).toEqual([]);
    await install(plugin({ version: "1.1.0", capabilities: ["content:read"], hosts: [] }));
    for (const change of [{ paused: true }, { paused: false, allowed: false }]) {
      await must("PUT", "/api/admin/plugins/one/grants", {
        body: { grants: [{ capability: "content:read", ...change }] },
      });
      await grantedDaysAgo(60);
      expect(await suggestions()).toEqual([]);
    }
    await must("PUT", "/api/admin/plugins/one/grants", { body: { grants: [{ capability: "content:read" }] } });
    await grantedDaysAgo(60);
    expect(await suggestions()).toMatchObject([{ code: "unused" }]);
    await bridge("one", "content.list", "posts");
    await target.env.DB.exec(
      "INSERT INTO _host_usage SELECT plugin_id, capability, '…', hour, 1, 0, 0, last_at FROM _host_usage WHERE target = 'posts'",
    );
    expect(await suggestions()).toEqual([]);
  });

  it("are to enforce what was tried out for fourteen days without a report", async () => {
    await install(plugin(), { hosts: ["a.shop.dev"], report: ["network:request"] });
    const ofNetwork = async () =>
      (await suggestions()).filter(({ capability }) => String(capability) === "network:request");
    expect((await bridge("one", "http.fetch", "https://b.shop.dev/")).error).toBeUndefined();
    await grantedDaysAgo(13);
    expect(await ofNetwork()).toEqual([]);
    await grantedDaysAgo(15);
    expect(await ofNetwork()).toEqual([]);
    await target.env.DB.prepare("UPDATE _host_usage SET hour = ?")
      .bind(hoursAgo(15 * 24))
      .run();
    const [suggestion] = await ofNetwork();
    expect(suggestion).toMatchObject({
      code: "enforce",
      message: "In report mode nothing was reported of network:request for 14 days: enforce it.",
    });
    expect((await follow(suggestion!)).status).toBe(200);
    expect(await rows("SELECT mode, allowed FROM _host_grants WHERE capability = 'network:request'")).toEqual([
      { mode: "enforce", allowed: 1 },
    ]);
  });
});
