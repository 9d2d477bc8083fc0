/** What differs on the Free plan? The tables: what a plugin asks for, a page and a save are held to what 10 ms of CPU allow. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUDGET_CEILINGS, BUDGETS, PLANS, REQUEST_BUDGETS } from "../../host/invoke/budgets.ts";
import { createEntryPurse, createLedger } from "../../host/invoke/ledger.ts";
import { meterDatabase } from "../../host/store/d1/metered-database.ts";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN } from "../support/target.ts";
import { createPost, install, rows } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;

async function ask(
  path: string,
  plan: string,
  init: RequestInit = {},
  internet?: (request: Request) => Promise<Response>,
) {
  const worker = createWorker<Bindings>(() => ({ log: () => {}, ...(internet ? { fetch: internet } : {}) }));
  const context = createExecutionContext();
  const request = new Request(`${ORIGIN}${path}`, init) as Request<unknown, IncomingRequestCfProperties>;
  let statements = 0;
  const before = (count: number): void => void (statements += count);
  const DB = meterDatabase(env.DB, { before, count() {} });
  const response = await worker.fetch!(request, { ...env, DB, PLAN: plan } as Bindings, context);
  await waitOnExecutionContext(context);
  return { status: response.status, text: await response.text(), statements };
}
const AS_ADMIN = { headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}` } };

describe("on the Free plan", () => {
  it("ten page hooks that loop stay within a request's fuel, and the page is there", async () => {
    for (let i = 0; i < 10; i++)
      await install(sketch(`burner-${i}`, { hooks: { "page:metadata": `() => { for (;;); }` } }));
    await createPost("Page", { publish: true });
    expect((await ask("/posts/page", "free")).status).toBe(200);
    const [{ fuel, count }] = (await rows<{ fuel: number; count: number }>(
      "SELECT sum(fuel) AS fuel, count(*) AS count FROM _host_invocations WHERE kind = 'page'",
    )) as [{ fuel: number; count: number }];
    expect(count).toBe(10);
    expect(fuel).toBeLessThanOrEqual(REQUEST_BUDGETS.free.page.fuel);
  });

  it("a route gets no more than the plan has, whatever its manifest asks for", async () => {
    await install(
      sketch("greedy", {
        routes: {
          loop: `() => { for (;;); }`,
          small: `async (_, ctx) => { await ctx.kv.set("a", 1); return ctx.kv.get("a"); }`,
        },
        manifest: { bulkhead: { budgets: { route: { fuel: 1_000_000_000 } } } },
      }),
    );
    expect((await ask("/api/plugins/greedy/small", "free", AS_ADMIN)).text).toBe('{"success":true,"data":1}');
    expect((await ask("/api/plugins/greedy/loop", "free", AS_ADMIN)).status).toBe(503);
    const [used] = await rows<{ fuel: number }>("SELECT fuel FROM _host_invocations WHERE name = 'route:loop'");
    expect(used!.fuel).toBeLessThanOrEqual(BUDGET_CEILINGS.free.route.fuel);
    expect(used!.fuel).toBeGreaterThan(BUDGET_CEILINGS.free.route.fuel * 0.9);
  });

  it("what its calls lead to is counted: no request needs more statements than the plan has, and its record is written", async () => {
    const tries = (work: string) => `async (_, ctx) => {
      const ends = [];
      for (let i = 0; i < 8; i += 1) ends.push(await (${work})(i).then(() => "ok", (error) => error.code));
      return ends;
    }`;
    await install({
      ...sketch("busy", {
        capabilities: ["content:write"],
        routes: {
          creates: tries(`(i) => ctx.content.create("posts", { title: "Post " + i }, { idempotencyKey: "k" + i })`),
          selects: tries(`(i) => ctx.db.batch([1, 2, 3].map((n) => ctx.db.prepare("SELECT " + n + " AS c" + i + n)))`),
          counts: `async (_, ctx) => { for (let i = 0; i < 25; i += 1) await ctx.kv.get("a"); return "all"; }`,
        },
      }),
      files: { "migrations/0001_items.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY);" },
    });
    for (const route of ["creates", "selects"]) {
      const { text, statements } = await ask(`/api/plugins/busy/${route}`, "free", AS_ADMIN);
      const ends = (JSON.parse(text) as { data: string[] }).data;
      expect(new Set(ends), route).toEqual(new Set(["ok", "BUDGET_EXCEEDED"]));
      expect(statements, route).toBeLessThanOrEqual(50);
      expect(await rows("SELECT status FROM _host_invocations WHERE name = ?", `route:${route}`)).toEqual([
        { status: "ok" },
      ]);
    }
    expect((await ask("/api/plugins/busy/counts", "free", AS_ADMIN)).text).toContain("all");
  });

  it("each hop of a redirect is a request, and no plugin sends more than all may", async () => {
    await install(
      sketch("follower", {
        capabilities: ["network:request"],
        hosts: ["a.shop.dev"],
        routes: {
          follow: `async (_, ctx) => {
            const ends = [];
            for (let i = 0; i < 8; i += 1)
              ends.push(await ctx.http.fetch("https://a.shop.dev/4").then((answer) => answer.status, (error) => error.code));
            return ends;
          }`,
        },
      }),
    );
    let sent = 0;
    const answer = (request: Request): Response => {
      sent += 1;
      const left = Number(new URL(request.url).pathname.slice(1));
      return left > 0
        ? new Response(null, { status: 302, headers: { location: `/${left - 1}` } })
        : new Response("end");
    };
    const { text } = await ask("/api/plugins/follower/follow", "free", AS_ADMIN, async (request) => answer(request));
    expect(JSON.parse(text)).toEqual({
      success: true,
      data: [200, 200, 200, 200, 200, 200, "BUDGET_EXCEEDED", "BUDGET_EXCEEDED"],
    });
    expect(sent).toBe(REQUEST_BUDGETS.free.route.requests);
  });

  it("that is neither is said at once, with what to write instead", async () => {
    const { status, text } = await ask("/", "Enterprise");
    expect(status).toBe(503);
    expect(text).toContain('The variable PLAN is "Enterprise". Set it to free or paid');
    expect((await ask("/", "")).status).toBe(200);
  });
});

describe("calls to the host", () => {
  it("are four at once, and the rest wait their turn", async () => {
    await install(
      sketch("eager", {
        capabilities: ["network:request"],
        hosts: ["api.example.com"],
        routes: {
          all: `async (_, ctx) => (await Promise.all(Array.from({ length: 9 }, (_, i) => ctx.http.fetch("https://api.example.com/" + i)))).length`,
        },
      }),
    );
    let [underWay, most] = [0, 0];
    const worker = createWorker<Bindings>(() => ({
      log: () => {},
      async fetch() {
        most = Math.max(most, (underWay += 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay -= 1;
        return new Response("ok");
      },
    }));
    const context = createExecutionContext();
    const request = new Request(`${ORIGIN}/api/plugins/eager/all`, AS_ADMIN) as Request<
      unknown,
      IncomingRequestCfProperties
    >;
    const response = await worker.fetch!(request, env, context);
    await waitOnExecutionContext(context);
    expect([await response.json(), most]).toEqual([{ success: true, data: 9 }, 4]);
  });
});

describe("the tables", () => {
  it.each(PLANS)("of the %s plan fit into each other: defaults, ceilings, requests", (plan) => {
    for (const kind of Object.keys(BUDGETS[plan]) as (keyof typeof BUDGETS.paid)[]) {
      for (const key of ["fuel", "wallMs", "hostCalls", "requests"] as const) {
        const row = [BUDGETS, BUDGET_CEILINGS, REQUEST_BUDGETS].map((table) => table[plan][kind][key]);
        expect({ kind, key, row }).toEqual({ kind, key, row: row.toSorted((a, b) => a - b) });
      }
      for (const key of ["bytesIn", "bytesOut"] as const)
        expect(BUDGETS[plan][kind][key]).toBeLessThanOrEqual(REQUEST_BUDGETS[plan][kind][key]);
      // The engine counts in an i32.
      expect(REQUEST_BUDGETS[plan][kind].fuel).toBeLessThan(2 ** 31);
    }
  });
});

describe("a ledger", () => {
  const USAGE = { peakBytes: 0, hostCalls: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 };
  const all = REQUEST_BUDGETS.paid.page;

  it("gives up to its last unit and millisecond, and nothing after", () => {
    let time = 0;
    const ledger = createLedger("paid", () => time);
    ledger.open("page");
    const first = ledger.draw({ fuel: all.fuel - 1, wallMs: 1_000 });
    if (!first.ok) throw new Error();
    expect(ledger.draw({ fuel: 10, wallMs: 1 })).toMatchObject({ ok: true, draw: { fuel: 1 } });
    expect(ledger.draw({ fuel: 10, wallMs: 1 })).toEqual({ ok: false, reason: "fuel" });
    first.draw.settle(1);
    time = all.wallMs - 1;
    expect(ledger.draw({ fuel: 10, wallMs: 1_000 })).toMatchObject({ ok: true, draw: { fuel: 10, wallMs: 1 } });
    time = all.wallMs;
    expect(ledger.draw({ fuel: 10, wallMs: 1_000 })).toEqual({ ok: false, reason: "wall" });
  });

  it("gives bytes each way up to the last, and those that were not used to the next", () => {
    const ledger = createLedger("paid", () => 0);
    ledger.open("page");
    const first = ledger.drawBytes({ bytesIn: all.bytesIn - 5, bytesOut: 10 });
    expect(first).toMatchObject({ bytesIn: all.bytesIn - 5, bytesOut: 10 });
    expect(ledger.drawBytes({ bytesIn: 6, bytesOut: 6 })).toMatchObject({ bytesIn: 5, bytesOut: 6 });
    expect(ledger.drawBytes({ bytesIn: 1, bytesOut: 0 })).toMatchObject({ bytesIn: 0 });
    first.settle({ bytesIn: all.bytesIn - 7, bytesOut: 10 });
    expect(ledger.drawBytes({ bytesIn: 9, bytesOut: all.bytesOut })).toMatchObject({
      bytesIn: 2,
      bytesOut: all.bytesOut - 16,
    });
  });

  it("counts calls of a kind up to the last", () => {
    const ledger = createLedger("paid", () => 0);
    ledger.open("page");
    for (let i = 0; i < all.requests; i++) expect(ledger.count("request")).toBe(true);
    expect(ledger.count("request")).toBe(false);
    for (let i = 0; i < all.hostCalls; i++) expect(ledger.count("data")).toBe(true);
    expect(ledger.count("data")).toBe(false);
    expect(ledger.count("compute")).toBe(true);
  });

  it("is drawn on once for an entry and what it leads to, during it and after it", () => {
    const ledger = createLedger("paid", () => 0);
    ledger.open("page");
    const drawn = ledger.draw({ fuel: 1_000, wallMs: 1_000 });
    if (!drawn.ok) throw new Error();
    const purse = createEntryPurse(drawn.draw, ledger, () => 0);
    let left = 900;
    purse.meter({ fuelLeft: () => left, charge: (fuel) => (left = Math.max(0, left - fuel)) });
    const nested = purse.draw({ fuel: 600, wallMs: 10 });
    const second = purse.draw({ fuel: 600, wallMs: 10 });
    expect(second).toMatchObject({ ok: true, draw: { fuel: 300 } });
    expect(purse.draw({ fuel: 1, wallMs: 10 })).toEqual({ ok: false, reason: "fuel" });
    if (!nested.ok || !second.ok) throw new Error();
    nested.draw.settle(500);
    second.draw.settle(0);
    expect(left).toBe(400);
    purse.end({ ...USAGE, fuel: 600 });
    drawn.draw.settle(600);
    const late = purse.draw({ fuel: 1_000, wallMs: 10 });
    expect(late).toMatchObject({ ok: true, draw: { fuel: 400 } });
    if (!late.ok) throw new Error();
    late.draw.settle(400);
    expect(purse.draw({ fuel: 1, wallMs: 10 })).toEqual({ ok: false, reason: "fuel" });
    expect(ledger.draw({ fuel: all.fuel, wallMs: 10 })).toMatchObject({ ok: true, draw: { fuel: all.fuel - 1_000 } });
  });
});
