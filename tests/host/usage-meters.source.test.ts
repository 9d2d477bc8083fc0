/** Is what is used counted, once, in one write a request? It takes the counting database, the book and the clock apart. */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { PLANS } from "../../host/invoke/budgets.ts";
import { createOffer } from "../../host/offer.ts";
import { addAmounts } from "../../host/store/d1/meters.ts";
import { needsOf } from "../../host/usage/call-needs.ts";
import { checkQuota, describeExceeded, WARN_SHARE } from "../../host/usage/check-quota.ts";
import { FAILED_ROWS_READ, meterDatabase } from "../../host/store/d1/metered-database.ts";
import { GAUGE_NAMES, METER_NAMES, type Amount } from "../../host/usage/meters.ts";
import { createQuotaWatch } from "../../host/usage/quota-watch.ts";
import { QUOTAS } from "../../host/usage/quotas.ts";
import { firstHourOf, renewalOf, secondsToNextHour, sumWindows, toHour, WINDOWS } from "../../host/usage/windows.ts";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN } from "../support/target.ts";
import { createPost, install, rows } from "./client.ts";
import { sketch } from "./plugins.ts";
import { hoursAgo } from "./used-before.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;

/** The database, with a note of every batch: its statements, and whether they wrote. */
function noting(db: D1Database) {
  const batches: { readonly size: number; readonly writes: boolean }[] = [];
  const written: string[] = [];
  const noted = {
    prepare(sql: string) {
      if (/^\s*(INSERT|UPDATE|DELETE|REPLACE)/i.test(sql)) written.push(sql);
      return db.prepare(sql);
    },
    async batch<Row>(statements: D1PreparedStatement[]) {
      const results = await db.batch<Row>(statements);
      batches.push({ size: statements.length, writes: results.some(({ meta }) => meta.rows_written > 0) });
      return results;
    },
  } as D1Database;
  return { noted, batches, written };
}

describe("a page view", () => {
  it("with three plugins that call kv writes one batch, and nothing besides", async () => {
    for (const id of ["a", "b", "c"]) {
      const view = `async (_, ctx) => ({ kind: "meta", name: "${id}", content: String(await ctx.kv.get("views")) })`;
      await install(sketch(`reader-${id}`, { hooks: { "page:metadata": view } }));
    }
    await createPost("Page", { publish: true });
    const { noted, batches, written } = noting(env.DB);
    const worker = createWorker<Bindings>(() => ({ log: () => {} }));
    const view = async (): Promise<string> => {
      const context = createExecutionContext();
      const request = new Request(`${ORIGIN}/posts/page`) as Request<unknown, IncomingRequestCfProperties>;
      const response = await worker.fetch!(request, bindings, context);
      await waitOnExecutionContext(context);
      return response.text();
    };
    const bindings = { ...env, DB: noted } as Bindings;
    await view();
    [batches.length, written.length] = [0, 0];
    const page = await view();
    for (const id of ["a", "b", "c"]) expect(page).toContain(`name="${id}" content="null"`);
    const writing = batches.filter((batch) => batch.writes);
    expect(writing).toHaveLength(1);
    expect(written).toHaveLength(writing[0]!.size);
    const used = await rows(
      "SELECT plugin_id, meter FROM _host_meters WHERE plugin_id LIKE 'reader-%' AND meter = 'fuel'",
    );
    expect(used.length).toBeGreaterThanOrEqual(3);
  });
});

describe("a counting database", () => {
  const counted = { read: 0, written: 0 };
  let statements = 0;
  const db = meterDatabase(env.DB, {
    before(count) {
      statements += count;
    },
    count({ read, written }) {
      counted.read += read;
      counted.written += written;
    },
  });
  const put = (id: string) =>
    "INSERT INTO _plugin_storage (plugin_id, collection, id, data) VALUES ('p', 'c', '" + id + "', '{}')";
  const LIST = "SELECT id, data FROM _plugin_storage WHERE plugin_id = ?";
  beforeEach(async () => {
    await env.DB.batch(["1", "2", "3"].map((id) => env.DB.prepare(put(id))));
    counted.read = counted.written = 0;
  });

  it.each<[string, (on: D1Database) => Promise<unknown>, { reads?: true; writes?: true }]>([
    ["all", async (on) => (await on.prepare(LIST).bind("p").all()).results, { reads: true }],
    ["first", (on) => on.prepare(LIST).bind("p").first(), { reads: true }],
    ["first of nothing", (on) => on.prepare(LIST).bind("q").first(), {}],
    ["first of a column", (on) => on.prepare(LIST).bind("p").first("data"), { reads: true }],
    ["run", async (on) => (await on.prepare(put("4")).run()).success, { writes: true }],
    ["exec", async (on) => (await on.exec(`${put("5")}\n${put("6")}`)).count, { writes: true }],
    [
      "batch",
      async (on) => (await on.batch([on.prepare(put("7")), on.prepare(LIST).bind("p")])).map(({ results }) => results),
      { reads: true, writes: true },
    ],
    [
      "batch with a statement of another",
      async (on) => (await on.batch([env.DB.prepare(put("7")), on.prepare(LIST).bind("p")])).length,
      { reads: true, writes: true },
    ],
    ["raw", (on) => on.prepare(LIST).bind("p").raw(), { reads: true }],
    ["raw with names", (on) => on.prepare(LIST).bind("q").raw({ columnNames: true }), { reads: true }],
    ["a session", async (on) => on.withSession().prepare(LIST).bind("p").first("id"), { reads: true }],
  ])("answers %s as D1 does, and counts its rows", async (_, run, { reads, writes }) => {
    const answer = await run(db);
    expect({ reads: counted.read > 0, writes: counted.written > 0 }).toMatchObject({
      ...(reads ? { reads } : {}),
      writes: writes ?? false,
    });
    await target.reset();
    await env.DB.batch(["1", "2", "3"].map((id) => env.DB.prepare(put(id))));
    expect(answer).toEqual(await run(env.DB));
  });

  it("tells of statements before they run, each of a batch, and runs none where it must not", async () => {
    statements = 0;
    await db.batch([db.prepare(LIST).bind("p"), env.DB.prepare(put("7"))]);
    await db.prepare(LIST).bind("p").first();
    await db.prepare(LIST).bind("p").raw();
    await db.exec(`${put("8")}\n${put("9")}`);
    expect(statements).toBe(6);
    const shut = meterDatabase(env.DB, {
      before() {
        throw new Error("no more");
      },
      count() {},
    });
    await expect(shut.prepare(put("10")).run()).rejects.toThrow("no more");
    await expect(shut.batch([shut.prepare(put("10"))])).rejects.toThrow("no more");
    expect(await rows("SELECT count(*) AS n FROM _plugin_storage WHERE id = '10'")).toEqual([{ n: 0 }]);
  });

  it("counts exactly what D1 says of it", async () => {
    const { meta } = await env.DB.prepare(LIST).bind("p").all();
    await db.prepare(LIST).bind("p").first();
    expect(counted).toEqual({ read: meta.rows_read, written: 0 });
    const { meta: wrote } = await db.prepare(put("8")).run();
    expect(counted.written).toBe(wrote.rows_written);
  });

  it("counts a statement that fails for a thousand rows, and passes the failure on", async () => {
    await expect(db.prepare(put("1")).run()).rejects.toThrow(/UNIQUE/);
    expect(counted).toEqual({ read: FAILED_ROWS_READ, written: 0 });
    await expect(db.batch([db.prepare(put("9")), db.prepare(put("1"))])).rejects.toThrow(/UNIQUE/);
    expect(counted).toEqual({ read: 2 * FAILED_ROWS_READ, written: 0 });
  });

  it("refuses a column that is not there", async () => {
    await expect(db.prepare(LIST).bind("p").first("nope")).rejects.toThrow(/no column "nope"/);
  });
});

describe("what an isolate knows", () => {
  const use = (amount: number): Amount => ({ plugin: "p", meter: "requests", amount });
  const { hour: LIMIT } = QUOTAS.paid.meters.requests;
  // In the middle of an hour, so that minutes may pass.
  const start = new Date(`${hoursAgo(0)}:30:00Z`).getTime();

  function isolate() {
    let [time, generation] = [start, 1];
    const { noted, batches } = noting(env.DB);
    const services = { db: noted, sql: noted, now: () => new Date(time), log: () => {}, offer: createOffer({}) };
    const watch = createQuotaWatch(services, { quotaOf: () => QUOTAS.paid, generation: async () => generation });
    const isRefused = async () => !(await watch.admitCall("p", { wanted: { requests: 1 }, count() {} })).ok;
    return {
      watch,
      isRefused,
      batches,
      async spend(amount: number) {
        watch.count(use(amount));
        await env.DB.batch([...addAmounts(env.DB, [use(amount)], services.now())]);
        watch.settle([use(amount)]);
      },
      minutesLater: (minutes: number) => (time += minutes * 60_000),
      changed: () => (generation += 1),
    };
  }

  it("is its own use at once, written or not, and counts once when it has been read back", async () => {
    const { watch, spend, isRefused, minutesLater } = isolate();
    await isRefused();
    watch.count(use(LIMIT - 1));
    expect(await isRefused()).toBe(false);
    watch.settle([use(LIMIT - 1)]);
    // It was lost, not written: a minute later it is forgotten.
    minutesLater(1);
    await spend(LIMIT - 1);
    expect(await isRefused()).toBe(false);
    minutesLater(1);
    expect(await isRefused()).toBe(false);
    await spend(1);
    expect(await isRefused()).toBe(true);
    minutesLater(1);
    expect(await isRefused()).toBe(true);
  });

  it("is what others used a minute ago, or at the last change to plugins; read once for all plugins", async () => {
    const [one, other] = [isolate(), isolate()];
    expect(await one.isRefused()).toBe(false);
    await other.spend(LIMIT);
    for (let i = 0; i < 3; i++) expect(await one.isRefused()).toBe(false);
    expect(one.batches).toHaveLength(1);
    one.minutesLater(1);
    for (let i = 0; i < 3; i++) expect(await one.isRefused()).toBe(true);
    // Up to the last hour it was read before.
    expect(one.batches.map(({ size }) => size)).toEqual([2, 1]);
    await env.DB.exec("DELETE FROM _host_meters");
    expect(await one.isRefused()).toBe(true);
    one.changed();
    expect(await one.isRefused()).toBe(false);
  });

  it("is kept where the database does not answer, and nobody is refused for that", async () => {
    const broken = { batch: () => Promise.reject(new Error("no answer")) } as unknown as D1Database;
    let time = start;
    const services = { db: broken, sql: broken, now: () => new Date(time), log: () => {}, offer: createOffer({}) };
    const watch = createQuotaWatch(services, { quotaOf: () => QUOTAS.paid, generation: async () => 1 });
    watch.count(use(LIMIT - 1));
    expect(await watch.admitCall("p", { wanted: { requests: 1 }, count() {} })).toMatchObject({ ok: true });
    watch.count(use(1));
    watch.settle([use(LIMIT)]);
    time += 60_000;
    expect(await watch.admitCall("p", { wanted: { requests: 1 }, count() {} })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/quota requests per hour/),
    });
  });
});

describe("measuring what is stored", () => {
  const LIMIT = QUOTAS.free.gauges.rowsStored;
  const fill = (count: number) =>
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO _plugin_storage (plugin_id, collection, id, data) SELECT 'p', 'c', 'k' || i, '1' FROM n`,
    )
      .bind(count)
      .run();

  function isolate() {
    let time = new Date(`${hoursAgo(0)}:00:00Z`).getTime();
    const read = { byHost: 0, byPlugin: 0 };
    const DB = meterDatabase(env.DB, { before() {}, count: ({ read: rows }) => void (read.byHost += rows) });
    const services = { db: DB, sql: DB, now: () => new Date(time), log: () => {}, offer: createOffer({}) };
    const watch = createQuotaWatch(services, { quotaOf: () => QUOTAS.free, generation: async () => 1 });
    return {
      read,
      watch,
      minutesLater: (minutes: number) => (time += minutes * 60_000),
      async put(id: string) {
        const change = { collection: "c", puts: [{ id, bytes: 2 }] };
        const count = (_: string, rows: number): void => void (read.byPlugin += rows);
        const admitted = await watch.admitCall("p", { wanted: {}, change, count });
        if (admitted.ok) admitted.value.end("done");
        return admitted.ok;
      },
    };
  }

  it("is done the more rarely the more there is: a plugin that writes each minute does not use up the plan", async () => {
    await fill(6_000);
    const { put, read, minutesLater } = isolate();
    for (let minute = 0; minute < 180; minute += 1) {
      expect(await put("k1")).toBe(true);
      minutesLater(1);
    }
    expect(read.byHost).toBeLessThan(4 * 6_000);
    expect(read.byPlugin).toBe(0);
  });

  it("sees within a minute what others stored where there is little, and within an hour in any case", async () => {
    const { put, minutesLater } = isolate();
    expect(await put("a")).toBe(true);
    await fill(LIMIT);
    expect(await put("b")).toBe(true);
    minutesLater(1);
    expect(await put("c")).toBe(false);
    const other = isolate();
    await env.DB.prepare("DELETE FROM _plugin_storage WHERE id LIKE 'k%1'").run();
    expect(await other.put("d")).toBe(true);
    await fill(0);
    await env.DB.prepare(
      "INSERT INTO _plugin_storage (plugin_id, collection, id, data) SELECT 'p', 'c', 'x' || id, data FROM _plugin_storage LIMIT 2000",
    ).run();
    other.minutesLater(60);
    expect(await other.put("e")).toBe(false);
  });

  it("counts for the plugin what a plugin makes it read beyond that", async () => {
    await fill(LIMIT - 10);
    const { put, read, watch, minutesLater } = isolate();
    expect(await put("a")).toBe(true);
    expect(await put("b")).toBe(true);
    expect(read.byPlugin).toBe(0);
    for (let time = 1; time <= 3; time += 1) {
      watch.storageOf("p").grew(1);
      expect(await put("c")).toBe(true);
      expect(read.byPlugin).toBeGreaterThanOrEqual(time * (LIMIT - 10));
    }
    minutesLater(60);
    const before = read.byPlugin;
    expect(await put("d")).toBe(true);
    expect(read.byPlugin).toBe(before);
  });
});

describe("the hourly minute", () => {
  it("adds up the hours of old days, keeps the last two by hour, and forgets what is out of every window", async () => {
    const at = new Date(`${hoursAgo(0)}:00:00Z`);
    const hour = (hours: number) => toHour(new Date(at.getTime() - hours * 3_600_000));
    for (const [i, hours] of [0, 47, 100, 101, 102, 721].entries()) {
      await env.DB.prepare("INSERT INTO _host_meters VALUES (?, 'p', 'fuel', ?)")
        .bind(hour(hours), 10 ** i)
        .run();
    }
    const worker = createWorker<Bindings>(() => ({ now: () => at, log: () => {} }));
    for (let i = 0; i < 2; i++) await worker.scheduled!(createScheduledController(), env, createExecutionContext());
    const kept = await rows<{ hour: string; amount: number }>(
      "SELECT hour, amount FROM _host_meters ORDER BY hour DESC",
    );
    expect(kept.slice(0, 2)).toEqual([
      { hour: hour(0), amount: 1 },
      { hour: hour(47), amount: 10 },
    ]);
    const old = kept.slice(2);
    expect(old.every((row) => row.hour.endsWith("T00"))).toBe(true);
    expect(old.length).toBeLessThanOrEqual(2);
    expect(old.reduce((sum, { amount }) => sum + amount, 0)).toBe(11_100);
  });
});

describe("windows", () => {
  const now = new Date("2026-03-01T04:59:59.999Z");
  it("are clock hours back, this one included", () => {
    expect(WINDOWS.map((window) => firstHourOf(window, now))).toEqual([
      "2026-03-01T04",
      "2026-02-28T05",
      "2026-01-30T05",
    ]);
    const used = ["2026-03-01T04", "2026-03-01T03", "2026-02-28T05", "2026-02-28T04", "2026-01-30T05", "2026-01-30T04"];
    const amounts = used.map((hour, i) => ({ hour, amount: 10 ** i }));
    expect(sumWindows(amounts, now)).toEqual({ hour: 1, day: 111, month: 11_111 });
  });
  it("renew when the last of it is out of them", () => {
    expect(WINDOWS.map((window) => renewalOf(window, now).toISOString())).toEqual([
      "2026-03-01T05:00:00.000Z",
      "2026-03-02T04:00:00.000Z",
      "2026-03-31T04:00:00.000Z",
    ]);
    expect(secondsToNextHour(now)).toBe(1);
    expect(secondsToNextHour(new Date("2026-03-01T04:00:00Z"))).toBe(3_600);
  });
});

describe("a quota", () => {
  const now = new Date("2026-03-01T04:30:00Z");
  const quota = QUOTAS.free;
  const used = (amount: number) => ({ hour: amount, day: amount, month: amount });

  it.each(METER_NAMES)(
    "of %s is checked up to the limit and one over it, and warned of from four fifths on",
    (meter) => {
      const limit = quota.meters[meter].hour;
      const check = (amount: number) => checkQuota({ [meter]: used(amount) }, quota, { [meter]: 1 }, now);
      expect(check(limit * WARN_SHARE - 2)).toEqual({ level: "ok" });
      expect(check(limit * WARN_SHARE - 1)).toMatchObject({ level: "warn", share: { of: meter, window: "hour" } });
      expect(check(limit - 1)).toMatchObject({ level: "warn" });
      const exceeded = check(limit);
      expect(exceeded).toMatchObject({ level: "exceeded", share: { of: meter, window: "hour", used: limit, limit } });
      if (exceeded.level === "exceeded")
        expect(describeExceeded(exceeded.share)).toContain("It renews at 2026-03-01T05:00:00Z.");
      expect(checkQuota({ [meter]: used(limit) }, quota, {}, now)).toEqual({ level: "ok" });
    },
  );

  it("is larger for longer windows and on the larger plan", () => {
    for (const plan of PLANS) {
      for (const meter of METER_NAMES) {
        const { hour, day, month } = QUOTAS[plan].meters[meter];
        expect({ meter, windows: [hour, day, month] }).toEqual({
          meter,
          windows: [hour, day, month].toSorted((a, b) => a - b),
        });
        expect(QUOTAS.free.meters[meter].hour).toBeLessThanOrEqual(QUOTAS.paid.meters[meter].hour);
      }
      for (const gauge of GAUGE_NAMES) expect(QUOTAS.free.gauges[gauge]).toBeLessThan(QUOTAS.paid.gauges[gauge]);
    }
  });

  it("is drawn on by what a method's row says besides its kind", () => {
    expect(needsOf({ kind: "request", draws: ["aiTokens"] }, [])).toEqual({ requests: 1, bytesOut: 1, aiTokens: 1 });
    expect(needsOf({ kind: "data", writes: true, draws: ["rowsRead"] }, [])).toEqual({ rowsWritten: 1, rowsRead: 1 });
    const writes = (text: unknown) => text === "write";
    expect(needsOf({ kind: "data", writes }, ["write"])).toEqual({ rowsWritten: 1 });
    expect(needsOf({ kind: "data", writes }, ["read"])).toEqual({ rowsRead: 1 });
    expect(needsOf({ kind: "compute" }, [])).toEqual({});
  });
});
