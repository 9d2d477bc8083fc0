/** What may an application declare, and what does a host offer of it? */
import { CAPABILITIES, declareCapability, declareHook, describeCapability, withImplied } from "@bulkhead/sdk";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineMethod } from "../../host/bridges/define-bridge.ts";
import { CMS } from "../../host/cms.ts";
import { createOffer, findNotOffered } from "../../host/offer.ts";
import type { HostEnv, Identity } from "../../host/api/context.ts";
import { createRoutes, identifyCaller } from "../../host/api/routes.ts";
import { toProblemResponse } from "../../host/errors.ts";
import { hostApi } from "../../host/api/host-api.ts";
import { assertTablePrefix } from "../../host/store/d1/prefixed-database.ts";

const power = (label: string, implies: readonly `${string}:${string}`[] = []) =>
  ({ label, group: "reads", risk: "low", implies }) as const;
const method = (name: string, capability: `${string}:${string}` | null) =>
  defineMethod({ name, capability, summary: "Test.", args: z.tuple([]), kind: "data", handler: async () => 1 });

describe("a power", () => {
  it("is declared once: the same words again are fine, others are refused", () => {
    declareCapability("orders:read", power("Read your orders"));
    expect(() => declareCapability("orders:read", power("Read your orders"))).not.toThrow();
    expect(() => declareCapability("orders:read", power("Read your bank account"))).toThrow(/another meaning/);
    expect(describeCapability("orders:read").label).toBe("Read your orders");
  });

  it("of the host keeps its meaning", () => {
    expect(() => declareCapability("content:read", power("Harmless"))).toThrow(/another meaning/);
    expect(describeCapability("content:read").label).toBe(CAPABILITIES["content:read"].label);
  });

  it.each(["orders", "Orders:read", "orders:", ":read", "orders read:x", "orders:*", "*:read", `o:${"x".repeat(63)}`])(
    "cannot be called %s",
    (name) => {
      expect(() => declareCapability(name as "a:b", power("Test"))).toThrow(/expected lower-case words/);
    },
  );

  it("at the longest name there is works, and brings along what is declared alone", () => {
    declareCapability(`o:${"x".repeat(62)}`, power("Test"));
    declareCapability("orders:write", power("Change your orders", ["orders:read"]));
    expect(withImplied(["orders:write"])).toEqual(["orders:read", "orders:write"]);
    expect(() => declareCapability("orders:all", power("All", ["orders:none"]))).toThrow(/"orders:none"/);
  });

  it("changed by whoever declared it stays what it was", () => {
    const implies: `${string}:${string}`[] = [];
    const given = { ...power("Test"), implies };
    declareCapability("orders:kept", given);
    implies.push("content:write");
    expect(withImplied(["orders:kept"])).toEqual(["orders:kept"]);
  });
});

describe("an event", () => {
  it("is declared once, needs a declared power, and is two words", () => {
    const event = { kind: "action", capability: "orders:read", when: "after an order" } as const;
    declareHook("orders:made", event);
    expect(() => declareHook("orders:made", event)).not.toThrow();
    expect(() => declareHook("orders:made", { ...event, capability: null })).toThrow(/another meaning/);
    expect(() => declareHook("cron", event)).toThrow(/another meaning/);
    expect(() => declareHook("content:afterSave", event)).toThrow(/another meaning/);
    expect(() => declareHook("orders:lost", { ...event, capability: "orders:nobody" })).toThrow(/"orders:nobody"/);
    expect(() => declareHook("orders" as "a:b", event)).toThrow(/two words/);
  });
});

describe("an offer", () => {
  const extension = { capabilities: { "orders:read": power("Read your orders") } } as const;
  const manifestOf = (...capabilities: `${string}:${string}`[]) =>
    ({ capabilities }) as unknown as Parameters<typeof findNotOffered>[1];

  it("without the CMS has none of its powers, events and methods; with it, all", () => {
    const bare = createOffer(extension);
    expect(bare.methods.filter((name) => /^(content|media|users|taxonomies)\./.test(name))).toEqual([]);
    expect(bare.methods).toContain("kv.get");
    expect(bare.events.has("content:afterSave")).toBe(false);
    expect(bare.events.has("cron")).toBe(true);
    expect(findNotOffered(bare, manifestOf("content:read", "orders:read", "network:request"))).toMatchObject([
      { code: "unknown-capability", message: expect.stringContaining('"content:read"') as string },
    ]);
    const whole = createOffer(CMS);
    expect(findNotOffered(whole, manifestOf("content:read", "network:request"))).toEqual([]);
    // Declared by another host of this Worker, and not this one's to give.
    expect(findNotOffered(whole, manifestOf("orders:read"))).toHaveLength(1);
  });

  it("refuses a method behind a power that is not offered, one that is taken, and one that is none", () => {
    expect(() => createOffer({ ...extension, bridges: [method("orders.get", "content:read")] })).toThrow(/not offer/);
    expect(() => createOffer({ ...extension, bridges: [method("kv.get", "orders:read")] })).toThrow(/of that name/);
    expect(() => createOffer({ ...extension, bridges: [method("kv.list", null)] })).toThrow(/of that name/);
    expect(() => createOffer({ ...extension, bridges: [method("orders", null)] })).toThrow(/two words/);
    for (const name of ["log.more", "site.orders", "url.of", "plugin.x", "http.post", "storage.list", "db.run"])
      expect(() => createOffer({ ...extension, bridges: [method(name, "orders:read")] })).toThrow(/host's own/);
    expect(createOffer({ ...extension, bridges: [method("orders.get", "orders:read")] }).methods).toContain(
      "orders.get",
    );
  });
});

describe("a caller", () => {
  const statusOf = async (by: unknown, headers: Record<string, string>): Promise<number> => {
    const app = new Hono<HostEnv>();
    app.onError(toProblemResponse);
    const actor = { kind: "user", id: "ada", name: "Ada", role: "admin" };
    app.use(identifyCaller(async () => ({ actor, by, expiresAt: null }) as Identity, "api"));
    app.post("/", (c) => c.text("done"));
    return (await app.request("https://shop.dev/", { method: "POST", headers })).status;
  };
  const foreign = { origin: "https://evil.dev", "sec-fetch-site": "cross-site" };

  it.each(["cookie", "session", undefined])(
    "that does not say how, or says %j, changes things from own pages alone",
    async (by) => {
      expect(await statusOf(by, foreign)).toBe(403);
      expect(await statusOf(by, {})).toBe(403);
      expect(await statusOf(by, { origin: "https://shop.dev", "sec-fetch-site": "same-origin" })).toBe(200);
    },
  );

  it("with a token changes things from anywhere", async () => {
    expect(await statusOf("bearer", foreign)).toBe(200);
  });
});

describe("where a host stands", () => {
  it.each(["", "/", "api", "/api/", "//api", "/a b", "/api/*", "/:id"])("cannot be %j", (basePath) => {
    expect(() => createRoutes({} as never, { basePath, api: hostApi })).toThrow(/expected a path/);
  });

  it.each([
    "",
    "plugins",
    "Plugins_",
    "_cf_",
    "sqlite_",
    "sqlite_x_",
    "d1_",
    "ec_",
    "p_",
    "a b_",
    "a'_",
    `${"x".repeat(32)}_`,
  ])("its tables cannot begin with %j", (prefix) => {
    expect(() => assertTablePrefix(prefix)).toThrow(/expected lower-case letters/);
  });

  it.each(["_host_", "plugins_", "a_", `${"x".repeat(31)}_`])("its tables may begin with %j", (prefix) => {
    expect(() => assertTablePrefix(prefix)).not.toThrow();
  });
});
