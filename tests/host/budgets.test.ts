/** What may plugins use together, and who pays? One request has one ledger; what a plugin sets off in others is its own expense. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUDGETS, REQUEST_BUDGETS } from "../../host/invoke/budgets.ts";
import { call, callRoute, createPost, eventually, install, must, rows } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

interface Used {
  readonly plugin: string;
  readonly kind: string;
  readonly status: string;
  readonly fuel: number;
  readonly ms: number;
  readonly error: string | null;
}
const used = (where = "1") =>
  rows<Used>(
    `SELECT plugin_id AS plugin, kind, status, fuel, duration_ms AS ms, error FROM _host_invocations WHERE ${where} ORDER BY id`,
  );
const sum = (all: readonly Used[]) => all.reduce((fuel, each) => fuel + each.fuel, 0);
const NOT_RUN = /was not run: the plugins before it used up/;

describe("a request's ledger", () => {
  it("holds for all its page hooks together: ten that burn what they can do not add up", async () => {
    const ids = Array.from({ length: 10 }, (_, i) => `burner-${i}`);
    for (const id of ids) await install(sketch(id, { hooks: { "page:metadata": `() => { for (;;); }` } }));
    await install(
      sketch("a-first", { hooks: { "page:metadata": `() => ({ kind: "meta", name: "first", content: "yes" })` } }),
    );
    await createPost("Page", { publish: true });
    const { status, body } = await call<string>("GET", "/posts/page", { as: "visitor" });
    expect(status).toBe(200);
    expect(body).toContain('name="first"');
    await eventually(async () => expect(await used("plugin_id LIKE 'burner-%'")).toHaveLength(10));
    const all = await used("plugin_id LIKE 'burner-%'");
    expect(all.every((each) => each.status === "stopped")).toBe(true);
    const { fuel } = REQUEST_BUDGETS.paid.page;
    const ran = all.filter((each) => each.fuel > 0);
    expect(sum(all)).toBeLessThanOrEqual(fuel);
    expect(sum(all)).toBeGreaterThan(fuel * 0.95);
    expect(ran.length).toBeLessThanOrEqual(Math.ceil(fuel / BUDGETS.paid.page.fuel));
    for (const each of all.filter((one) => one.fuel === 0)) expect(each.error).toMatch(NOT_RUN);
    // The next request has its own.
    expect((await call<string>("GET", "/posts/page", { as: "visitor" })).body).toContain('name="first"');
  });

  it("counts their calls: as many as it has are made, the next is refused with a word", async () => {
    const { hostCalls } = REQUEST_BUDGETS.paid.page;
    const each = BUDGETS.paid.page.hostCalls;
    for (let i = 0; i < Math.floor(hostCalls / each) + 1; i++) {
      await install(
        sketch(`caller-${i}`, {
          hooks: {
            "page:metadata": `async (_, ctx) => {
              let made = 0;
              let why = "";
              for (let i = 0; i < ${each}; i++) await ctx.kv.get("n").then(() => made++, (error) => (why = error.message));
              return { kind: "meta", name: "made-${i}", content: made + " " + why };
            }`,
          },
        }),
      );
    }
    await createPost("Page", { publish: true });
    const { body } = await call<string>("GET", "/posts/page", { as: "visitor" });
    const made = [...body.matchAll(/name="made-\d+" content="(\d+) ([^"]*)"/g)];
    expect(made.reduce((calls, [, number]) => calls + Number(number), 0)).toBe(hostCalls);
    expect(made.at(-1)?.[2]).toMatch(/all plugins of this request together .* data calls/);
  });
});

describe("a plugin that makes others work", () => {
  const burn = (units: number) => `for (let i = 0; i < ${units}; i++);`;
  const writer = (fuel: number, route: string, more: Record<string, number> = {}) =>
    probe("writer", {
      capabilities: ["content:write"],
      routes: { go: route },
      manifest: { bulkhead: { budgets: { route: { fuel, ...more } } } },
    });

  it("pays for it: a hundred saves that each enter another plugin stay within its budget", async () => {
    const FUEL = 20_000_000;
    await install(
      writer(
        FUEL,
        `async (_, ctx) => { for (let i = 0; i < 100; i++) await ctx.content.create("posts", { title: "P" + i }); return "all"; }`,
      ),
    );
    const listen = (id: string) =>
      sketch(id, {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `() => { ${burn(100_000)} }`,
          "content:afterSave": `() => { ${burn(100_000)} }`,
        },
      });
    await install(listen("ear-one"));
    await install(listen("ear-two"));
    const { status, body } = await callRoute("writer", "go");
    expect({ status, code: body["error"]?.["code"] }).toEqual({ status: 503, code: "PLUGIN_STOPPED" });
    expect(String(body["error"]!["message"])).toMatch(/fuel/);
    await eventually(async () => expect(await used("plugin_id = 'writer'")).toHaveLength(1));
    const [own] = await used("plugin_id = 'writer'");
    expect(own!.fuel).toBeLessThanOrEqual(FUEL);
    const others = await used("plugin_id LIKE 'ear-%'");
    expect(sum(others)).toBeGreaterThan(FUEL / 2);
    expect(sum(others)).toBeLessThanOrEqual(FUEL);
    const posts = (await rows("SELECT id FROM ec_posts")).length;
    expect(posts).toBeGreaterThan(1);
    expect(posts).toBeLessThan(100);
    // A person's save has a ledger of its own.
    expect((await createPost("By hand")).status).toBe(201);
  });

  it("at once pays for all of it too: four saves under way do not each have what it has left", async () => {
    const FUEL = 10_000_000;
    await install(
      writer(
        FUEL,
        `async (_, ctx) => (await Promise.allSettled([1, 2, 3, 4].map((i) => ctx.content.create("posts", { title: "P" + i })))).length`,
      ),
    );
    await install(
      sketch("endless", { capabilities: ["content:write"], hooks: { "content:beforeSave": `() => { for (;;); }` } }),
    );
    await callRoute("writer", "go");
    await eventually(async () => expect((await used("plugin_id = 'endless'")).length).toBeGreaterThan(0));
    expect(sum(await used("plugin_id = 'endless'"))).toBeLessThanOrEqual(FUEL);
  });

  it("cannot slip past a check by leaving too little for it: the save is refused, whatever is left", async () => {
    await install(
      sketch("police", {
        capabilities: ["content:write"],
        hooks: { "content:beforeSave": `() => { ${burn(200_000)} throw new Error("never"); }` },
      }),
    );
    const FUEL = 2_000_000;
    await install(
      writer(
        FUEL,
        `async ({ input: { units } }, ctx) => {
          for (let i = 0; i < units; i++);
          return ctx.content.create("posts", { title: "Slipped" }).then(() => "saved", (error) => error.code);
        }`,
      ),
    );
    const seen = new Set<string>();
    for (let units = 0; units <= FUEL / 4; units += 50_000) {
      const { status, body } = await callRoute("writer", "go", { units });
      seen.add(status === 200 ? String(body["data"]) : String(body["error"]!["code"]));
    }
    expect(await rows("SELECT id FROM ec_posts")).toEqual([]);
    expect(seen).not.toContain("saved");
    // With enough it is judged, with too little it ends.
    expect(seen).toContain("REFUSED_BY_PLUGIN");
    expect(seen).toContain("PLUGIN_STOPPED");
  });

  it("gives them no more time than it has itself: one that watches is dropped, one that judges refuses the save", async () => {
    const sleepy = (id: string, capability: string) =>
      sketch(id, {
        capabilities: [capability],
        hooks: { "content:beforeSave": `() => new Promise((resolve) => setTimeout(resolve, 3_000))` },
      });
    const route = `(_, ctx) => ctx.content.create("posts", { title: "Late" }).then(() => "saved", (error) => error.code)`;
    await install(writer(50_000_000, route, { wallMs: 500 }));
    await install(sleepy("watcher", "content:read"));
    expect((await callRoute("writer", "go")).body["data"]).toBe("saved");
    await install(sleepy("judge", "content:write"));
    expect((await callRoute("writer", "go")).body["data"]).toBe("BUDGET_EXCEEDED");
    await eventually(async () => expect(await used("plugin_id IN ('watcher', 'judge')")).toHaveLength(2));
    for (const each of await used("plugin_id IN ('watcher', 'judge')")) {
      expect(each.status).toBe("stopped");
      expect(each.ms).toBeLessThan(2_000);
    }
    // With time of its own it is heard out: a person's save waits for it.
    expect((await createPost("By hand")).status).toBe(201);
    await eventually(async () => expect(await used("plugin_id = 'judge' AND status = 'ok'")).toHaveLength(1));
  });
});

describe("a bridge call", () => {
  it("costs fuel by its size, before anything is done", async () => {
    await install(
      probe("writer", {
        routes: {
          set: `async ({ input: { chars } }, ctx) => { await ctx.kv.set("k", "x".repeat(chars)); return "set"; }`,
        },
        manifest: { bulkhead: { budgets: { route: { fuel: 2_000_000 } } } },
      }),
    );
    expect((await callRoute("writer", "set", { chars: 1_000 })).body["data"]).toBe("set");
    expect((await callRoute("writer", "set", { chars: 100_000 })).body["data"]).toBe("set");
    await eventually(async () => expect(await used()).toHaveLength(2));
    const [small, large] = await used();
    expect(small!.fuel).toBeGreaterThan(20_000);
    expect(large!.fuel - small!.fuel).toBeGreaterThan(10 * 99_000);
    const { status, body } = await callRoute("writer", "set", { chars: 200_000 });
    expect({ status, code: body["error"]?.["code"] }).toEqual({ status: 503, code: "PLUGIN_STOPPED" });
    expect(await bridge("writer", "kv.get", "k")).toEqual({ value: "x".repeat(100_000) });
  });

  it("on names that reach for prototypes costs more, and is answered all the same", async () => {
    await install(probe("writer"));
    const plain = { a: "x".repeat(50_000), b: 1 };
    const reaching = { a: "__proto__ ".repeat(5_000), b: 1 };
    for (const value of [plain, reaching]) await bridge("writer", "kv.set", "k", value);
    await eventually(async () => expect(await used()).toHaveLength(2));
    const [cheap, dear] = await used();
    expect(dear!.fuel).toBeGreaterThan(cheap!.fuel * 2);
    expect(await bridge("writer", "kv.get", "k")).toEqual({ value: reaching });
  });
});

describe("usage", () => {
  it("of an invocation is told whole: fuel, memory, calls, requests, bytes and time", async () => {
    target.internet(() => new Response("x".repeat(10_000)));
    await install(
      probe("user", {
        capabilities: ["network:request"],
        hosts: ["a.shop.dev"],
        routes: {
          go: `async (_, ctx) => { await ctx.kv.set("k", 1); return (await (await ctx.http.fetch("https://a.shop.dev/")).text()).length; }`,
        },
      }),
    );
    expect((await callRoute("user", "go")).body["data"]).toBe(10_000);
    await eventually(async () => expect(await used()).toHaveLength(1));
    const { items } = await must<{ items: readonly Record<string, number>[] }>(
      "GET",
      "/api/admin/plugins/user/invocations",
    );
    const [item] = items;
    expect(item).toMatchObject({ status: "ok", hostCalls: 2, requests: 1, error: null });
    expect(item!["fuel"]).toBeGreaterThan(60_000);
    expect(item!["peakBytes"]).toBeGreaterThan(1_000_000);
    expect(item!["bytesIn"]).toBeGreaterThan(10_000);
    expect(item!["bytesOut"]).toBeGreaterThan(20);
    expect(item!["durationMs"]).toBeGreaterThanOrEqual(0);
  });
});
