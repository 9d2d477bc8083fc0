/** Does the switch work while the database does not answer, or KV? It needs a Worker of its own whose database can fail. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN } from "../support/target.ts";
import { call, install, rows, type Json } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;
type Mood = "works" | "fails" | "hangs";

/** The database, as long as it is in the mood. */
function moody<Binding extends object>(binding: Binding, mood: () => Mood): Binding {
  return new Proxy(binding, {
    get(real, name) {
      const member: unknown = Reflect.get(real, name);
      if (typeof member !== "function" || mood() === "works")
        return typeof member === "function" ? member.bind(real) : member;
      const fails = () => Promise.reject(new Error("D1_ERROR: no answer"));
      const answer = () => (mood() === "fails" ? fails() : new Promise(() => {}));
      const statement = { bind: () => statement, first: answer, all: answer, run: answer };
      return name === "prepare" ? () => statement : answer;
    },
  });
}

/** A Worker in an isolate of its own; its clock can be moved. */
function start() {
  const moods: { DB: Mood; CACHE: Mood; skipMs: number } = { DB: "works", CACHE: "works", skipMs: 0 };
  const reads = { kv: 0 };
  const CACHE = moody(env.CACHE, () => moods.CACHE);
  const counted = new Proxy(CACHE, {
    get(kv, name) {
      if (name === "get" || name === "list") reads.kv += 1;
      return Reflect.get(kv, name) as unknown;
    },
  });
  const bindings = { ...env, DB: moody(env.DB, () => moods.DB), CACHE: counted };
  const worker = createWorker<Bindings>(() => ({ log: () => {}, now: () => new Date(Date.now() + moods.skipMs) }));
  async function send(method: string, path: string, body?: unknown, token: string = env.BOOTSTRAP_TOKEN) {
    const context = createExecutionContext();
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }) as Request<unknown, IncomingRequestCfProperties>;
    const response = await worker.fetch!(request, bindings, context);
    await waitOnExecutionContext(context);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return { status: response.status, body: (isJson ? JSON.parse(text) : { text }) as Json };
  }
  const flip = (scope: string, on: boolean) => send("POST", "/api/admin/kill-switch", { scope, on, note: "n" });
  return { moods, reads, send, flip };
}

const hi = sketch("live", { routes: { hi: `() => 1` }, open: ["hi"] });
const route = "/api/plugins/live/hi";

describe("while the database does not answer", () => {
  it.each<[string, Mood]>([
    ["fails", "fails"],
    ["hangs", "hangs"],
  ])(
    "(it %s) the switch raises its flag, in an isolate that has just started too, and says what was not reached",
    async (_, mood) => {
      await install(hi);
      const { moods, send, flip } = start();
      moods.DB = mood;
      expect(await flip("all", true)).toEqual({
        status: 200,
        body: {
          scope: "all",
          on: true,
          reached: { database: false, flag: true },
          effect: expect.stringMatching(/^Off by its flag within about 90 seconds\. The database did not answer/),
        },
      });
      expect(await send("GET", "/api/admin/kill-switch")).toMatchObject({
        status: 200,
        body: {
          items: [{ scope: "all", by: "bootstrap", note: "n", database: null, flag: true }],
          answered: { database: false, flag: true },
        },
      });
      expect(await rows("SELECT * FROM _host_switches")).toEqual([]);
    },
    60_000,
  );

  it.each(["all", "live"])(
    "the flag alone (%s) stops plugins once the database is back, in every isolate, until it is taken back",
    async (scope) => {
      await install(hi);
      const [one, other] = [start(), start()];
      expect((await one.send("GET", route)).status).toBe(200);
      expect((await other.send("GET", route)).status).toBe(200);
      one.moods.DB = "fails";
      await one.flip(scope, true);
      one.moods.DB = "works";
      // The other has asked for flags a moment ago, and asks again when its time has come.
      other.moods.skipMs = 30_001;
      expect((await other.send("GET", route)).status).toBe(404);
      one.moods.skipMs = 30_001;
      expect((await one.send("GET", route)).status).toBe(404);
      expect((await start().send("GET", route)).status).toBe(404);
      expect((await one.flip(scope, false)).body["reached"]).toEqual({ database: true, flag: true });
      expect((await one.send("GET", route)).status).toBe(200);
      expect((await other.send("GET", route)).status).toBe(200);
    },
  );

  it("flags of hosts and powers hold as well, and of two that were raised neither is lost", async () => {
    await install(probe("sends", { capabilities: ["network:request", "content:read"], hosts: ["*.shop.dev"] }));
    const one = start();
    one.moods.DB = "fails";
    await one.flip("host:*.shop.dev", true);
    await one.flip("capability:content:read", true);
    one.moods.DB = "works";
    const ask = async (op: string, ...args: unknown[]) =>
      (await start().send("POST", "/api/plugins/sends/probe", { op, args })).body["data"];
    expect(await ask("http.fetch", "https://a.shop.dev/")).toMatchObject({
      error: { message: expect.stringMatching(/switched off for all plugins \(host:\*\.shop\.dev\)/) },
    });
    expect(await ask("content.list", "posts")).toMatchObject({
      error: { message: expect.stringMatching(/switched off for all plugins \(capability:content:read\)/) },
    });
    expect(await ask("kv.get", "x")).toMatchObject({ value: null });
  });

  it("nothing is given back, since there is nowhere to note it", async () => {
    const { moods, flip } = start();
    await flip("all", true);
    moods.DB = "fails";
    const before = await everything();
    expect(await flip("all", false)).toMatchObject({ status: 503, body: { code: "UNAVAILABLE" } });
    expect(await everything()).toEqual(before);
  });

  it("nothing of a plugin runs", async () => {
    await install(hi);
    const { moods, send } = start();
    expect((await send("GET", route)).status).toBe(200);
    moods.DB = "fails";
    expect((await send("GET", route)).status).toBe(404);
    moods.DB = "works";
    expect((await send("GET", route)).status).toBe(200);
  });

  it("the switch asks who calls all the same", async () => {
    const { moods, send } = start();
    moods.DB = "fails";
    expect((await send("POST", "/api/admin/kill-switch", { scope: "all", on: true }, "x".repeat(40))).status).toBe(401);
    expect((await env.CACHE.list()).keys).toEqual([]);
  });

  it("nothing but the switch passes by the check of an isolate that has just started", async () => {
    const { moods, send } = start();
    moods.DB = "fails";
    for (const path of [
      "/",
      "/api/admin/policy",
      "/api/admin/kill-switch/",
      "/api/admin/kill-switchx",
      "/api/health",
    ]) {
      expect({ path, status: (await send("GET", path)).status }).toEqual({ path, status: 503 });
    }
    const bare = createWorker<Bindings>(() => ({ log: () => {} }));
    const unset = { ...env, BOOTSTRAP_TOKEN: "" } as Bindings;
    const request = new Request(`${ORIGIN}/api/admin/kill-switch`, {
      method: "POST",
      headers: { authorization: "Bearer " },
    }) as Request<unknown, IncomingRequestCfProperties>;
    expect((await bare.fetch!(request, unset, createExecutionContext())).status).toBe(503);
  });
});

describe("while KV does not answer", () => {
  it.each<Mood>(["fails", "hangs"])(
    "(it %s) the switch stands in the database, which says that no flag does",
    async (mood) => {
      await install(hi);
      const { moods, send, flip } = start();
      expect((await send("GET", route)).status).toBe(200);
      moods.CACHE = mood;
      expect((await flip("all", true)).body).toMatchObject({
        reached: { database: true, flag: false },
        effect: expect.stringMatching(/^Off at the next request everywhere\. KV did not answer/),
      });
      expect((await call("GET", route)).status).toBe(404);
      moods.CACHE = "works";
      expect((await send("GET", route)).status).toBe(404);
    },
    60_000,
  );

  it("what was off by its flag stays off, and what was not runs on", async () => {
    await install(hi);
    await install(sketch("other", { routes: { hi: `() => 1` }, open: ["hi"] }));
    const { moods, send, flip } = start();
    moods.DB = "fails";
    await flip("live", true);
    moods.DB = "works";
    expect((await send("GET", route)).status).toBe(404);
    moods.CACHE = "fails";
    moods.skipMs = 600_000;
    expect((await send("GET", route)).status).toBe(404);
    expect((await send("GET", "/api/plugins/other/hi")).status).toBe(200);
  });

  it("but hangs, a visitor waits for it once and not for ever", async () => {
    await install(hi);
    const { moods, reads, send } = start();
    moods.CACHE = "hangs";
    expect((await send("GET", route)).status).toBe(200);
    reads.kv = 0;
    expect((await send("GET", "/")).status).toBe(200);
    expect(reads.kv).toBe(0);
  });

  it("nor the database, the answer is a problem that names the variable", async () => {
    const { moods, flip } = start();
    moods.DB = "fails";
    moods.CACHE = "fails";
    expect(await flip("all", true)).toMatchObject({
      status: 503,
      body: { code: "UNAVAILABLE", detail: expect.stringMatching(/PLUGINS_OFF=1/) },
    });
  });
});

describe("what flags cost", () => {
  it("is one read in thirty seconds, and none for the page views in between", async () => {
    await install(hi);
    const { moods, reads, send } = start();
    await send("GET", "/");
    reads.kv = 0;
    for (let view = 0; view < 5; view++) await send("GET", "/");
    expect(reads.kv).toBe(0);
    moods.skipMs = 29_000;
    await send("GET", "/");
    expect(reads.kv).toBe(0);
    moods.skipMs = 31_000;
    await send("GET", "/");
    await send("GET", "/");
    expect(reads.kv).toBe(1);
  });
});

describe("the list of flags", () => {
  it("is mended at the full hour: a flag put by hand is found, one that was deleted by hand is forgotten", async () => {
    await install(probe("live", { capabilities: ["content:read"] }));
    await env.CACHE.put("kill:capability:content:read", "by hand");
    await env.CACHE.put("killed", `["live","no scope at all"]`);
    const atTheHour = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000);
    const worker = createWorker<Bindings>(() => ({ now: () => atTheHour, log: () => {} }));
    await worker.scheduled!({} as ScheduledController, env, createExecutionContext());
    expect(await env.CACHE.get("killed")).toBe(`["capability:content:read"]`);
    await env.DB.exec("UPDATE _host_state SET generation = generation + 1");
    expect((await bridge("live", "content.list", "posts")).error?.message).toMatch(/switched off for all plugins/);
  });

  it("that is no list lifts nothing an isolate knows of", async () => {
    await install(hi);
    const { moods, send, flip } = start();
    moods.DB = "fails";
    await flip("live", true);
    moods.DB = "works";
    expect((await send("GET", route)).status).toBe(404);
    for (const text of ["", "nonsense", "{}", "null"]) {
      await env.CACHE.put("killed", text);
      moods.skipMs += 31_000;
      expect({ text, status: (await send("GET", route)).status }).toEqual({ text, status: 404 });
    }
    await env.CACHE.put("kill:all", "1");
    expect((await start().send("GET", route)).status).toBe(404);
  });
});
