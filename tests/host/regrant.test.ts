/** How do powers of a live plugin change without a new version? At its next call, never beyond what it asked for, on record. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { audit, call, createPost, install, must } from "./client.ts";
import { bridge, probe } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const live = () =>
  install(
    probe("live", {
      capabilities: ["content:write", "network:request"],
      hosts: ["*.shop.dev"],
      hooks: { "content:beforeSave": `({ content }) => ({ ...content, excerpt: "by live" })` },
    }),
  );
const change = (...grants: readonly object[]) =>
  call("PUT", "/api/admin/plugins/live/grants", { body: { grants, note: "why" } });
const fetchFrom = (host: string) => bridge("live", "http.fetch", `https://${host}/`);

describe("a grant", () => {
  it("that is denied ends at the next call and the next hook, and given back works again", async () => {
    await live();
    expect((await createPost("One")).body["data"]).toMatchObject({ excerpt: "by live" });
    expect((await change({ capability: "content:write", allowed: false })).status).toBe(200);
    expect((await bridge("live", "content.create", "posts", { title: "No" })).error?.message).toBe(
      "Missing capability: content:write. The administrator did not grant it.",
    );
    // It may still read, so it watches; what it answers no longer counts.
    expect((await createPost("Two")).body["data"]).toMatchObject({ excerpt: null });
    expect(await bridge("live", "content.list", "posts")).toMatchObject({ value: { items: { length: 2 } } });
    expect((await change({ capability: "content:write" })).status).toBe(200);
    expect((await createPost("Three")).body["data"]).toMatchObject({ excerpt: "by live" });
    const { acts, ok } = await audit();
    expect({ ok, acts: acts.slice(-2) }).toEqual({ ok: true, acts: ["plugin.grants", "plugin.grants"] });
  });

  it("to hosts may be narrowed, and widened again up to the manifest", async () => {
    await live();
    target.internet(() => new Response("ok"));
    expect((await change({ capability: "network:request", hosts: ["a.shop.dev"] })).status).toBe(200);
    expect(await fetchFrom("a.shop.dev")).toMatchObject({ value: { status: 200 } });
    expect((await fetchFrom("b.shop.dev")).error?.message).toMatch(
      /^Host not allowed: b\.shop\.dev\. Granted: a\.shop\.dev/,
    );
    expect((await change({ capability: "network:request", hosts: ["*.shop.dev"] })).status).toBe(200);
    expect(await fetchFrom("b.shop.dev")).toMatchObject({ value: { status: 200 } });
    expect((await change({ capability: "network:request", hosts: [] })).status).toBe(200);
    expect((await fetchFrom("a.shop.dev")).error?.message).toMatch(/Granted: none/);
  });

  it.each([
    ["a host it did not ask for", { capability: "network:request", hosts: ["evil.dev"] }],
    ["every host", { capability: "network:request", hosts: ["*"] }],
    ["a power it did not ask for", { capability: "users:read" }],
    ["a power that does not exist", { capability: "__proto__" }],
    ["hosts of a power without any", { capability: "content:read", hosts: ["a.shop.dev"] }],
  ])("to %s is refused, with everything else in the same change", async (_, grant) => {
    await live();
    const before = await everything();
    const { status, body } = await change({ capability: "content:write", allowed: false }, grant);
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "GRANTS_INVALID" });
    expect(await everything()).toEqual(before);
    const { items } = await must<{ items: readonly { capability: string; allowed: boolean }[] }>(
      "GET",
      "/api/admin/plugins/live/grants",
    );
    expect(items.map(({ capability, allowed }) => [capability, allowed])).toEqual([
      ["content:read", true],
      ["content:write", true],
      ["network:request", true],
    ]);
  });
});

describe("a plugin that takes hosts from a setting", () => {
  const taking = () =>
    probe("taking", {
      capabilities: ["network:request"],
      hosts: ["api.shop.dev"],
      manifest: {
        admin: { settingsSchema: { base: { type: "url", label: "Base" } } },
        bulkhead: { network: { hostsFromSettings: ["base"] } },
      },
    });

  it("reaches a further host only once a person granted it by name; the setting alone opens nothing", async () => {
    await install(taking());
    target.internet(() => new Response("ok"));
    await target.env.CACHE.put("settings:taking:base", "https://llm.else.dev/v1");
    const ask = () => bridge("taking", "http.fetch", "https://llm.else.dev/v1");
    expect((await ask()).error?.message).toMatch(/^Host not allowed: llm\.else\.dev/);
    const grant = (host: string) =>
      call("PUT", "/api/admin/plugins/taking/grants", {
        body: { grants: [{ capability: "network:request", hosts: ["api.shop.dev", host] }] },
      });
    for (const host of [
      "*.else.dev",
      "*.dev",
      "*",
      "127.0.0.1",
      "localhost",
      "llm.else.dev/v1",
      "a@llm.else.dev",
      "https://llm.else.dev",
      "llm.else.dev:0",
      "",
    ]) {
      expect({ host, status: (await grant(host)).status }).toEqual({ host, status: 422 });
    }
    expect((await grant("LLM.else.dev.")).status).toBe(200);
    expect(await ask()).toMatchObject({ value: { status: 200 } });
    expect((await bridge("taking", "http.fetch", "https://other.else.dev/")).error?.message).toMatch(
      /^Host not allowed/,
    );
    // Another port and plain http are others to grant.
    for (const [host, url] of [
      ["llm.else.dev:8443", "https://llm.else.dev:8443/v1"],
      ["http://llm.else.dev", "http://llm.else.dev/v1"],
    ] as const) {
      expect((await bridge("taking", "http.fetch", url)).value).toBeUndefined();
      expect((await grant(host)).status).toBe(200);
      expect(await bridge("taking", "http.fetch", url)).toMatchObject({ value: { status: 200 } });
      expect((await ask()).value).toBeUndefined();
    }
  });
});
