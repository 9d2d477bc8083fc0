/**
 * Whatever fails at whichever moment of an act: is the plugin then in its old state or its new one, does the site serve,
 * and does the same call succeed once all works again? The points are found by running the act once and counting.
 */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createWorker } from "../../host/worker.ts";
import { packPlugin } from "../support/bundle.ts";
import { consent, install, ORIGIN, rows, upload, type Json } from "./client.ts";
import { failOnce, type Fault, type FaultyBindings, type Point } from "./faulty-bindings.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

/** Longer than an activation may be under way. */
const LATER_MS = 3_600_000;

const plugin = (number: string) => ({
  ...sketch("shaky", {
    version: number,
    capabilities: number === "1.0.0" ? ["content:read"] : ["content:read", "users:read"],
    hooks: {
      "plugin:install": `async (event, ctx) => ctx.kv.set("installed", true)`,
      "plugin:activate": `async (event, ctx) => ctx.kv.set("activated", true)`,
      cron: "() => {}",
    },
    routes: { which: `async (event, ctx) => "${number} " + (await ctx.kv.get("installed"))` },
    open: ["which"],
    manifest: { bulkhead: { schedules: [{ name: `at-${number[0]!}`, cron: "0 6 * * *" }] } },
  }),
  files: {
    "migrations/0001_items.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY);",
    ...(number === "1.0.0" ? {} : { "migrations/0002_names.sql": "ALTER TABLE items ADD COLUMN name TEXT;" }),
  },
});

/** One worker: an isolate with nothing in it yet. */
function start(bindings: typeof env, aheadMs = 0) {
  const worker = createWorker<Cloudflare.Env>(() => ({
    log: () => {},
    now: () => new Date(Date.now() + aheadMs),
    fetch: () => Promise.reject(new TypeError("no network")),
  }));
  return {
    /** The answer, after everything that outlives it; with `stopped` only until then. */
    async ask(request: Act["request"], stopped?: Promise<"stopped">): Promise<Response | "stopped"> {
      const context = createExecutionContext();
      const { method, path, body, type = "application/json" } = request;
      const init = { method, headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": type }, body };
      const answering = (async () => {
        const response = await worker.fetch!(
          new Request(`${ORIGIN}${path}`, init as RequestInit) as never,
          bindings,
          context,
        );
        const text = await response.text();
        await waitOnExecutionContext(context);
        return new Response(text, response);
      })();
      return stopped === undefined ? answering : Promise.race([answering, stopped]);
    },
  };
}

/** An act of an administrator, and what it is done to. */
interface Act {
  readonly verb: string;
  /** A state between the old and the new one in which it may rest: consented to, and not yet enabled. */
  readonly between?: () => Promise<unknown>;
  /** Makes the state before; answers the call. */
  readonly before: () => Promise<Act["request"]>;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body?: BodyInit;
    readonly type?: string;
  };
}

const ADMIN = "/api/admin/plugins/shaky";
const toConsent = (plan: Json) => ({
  method: "POST",
  path: `${ADMIN}/consent`,
  body: JSON.stringify({ version: plan["plugin"]!["version"], planHash: plan["hash"] }),
});

const ACTS: readonly Omit<Act, "request">[] = [
  {
    verb: "upload",
    before: async () => ({
      method: "POST",
      path: "/api/admin/plugins",
      body: (await packPlugin(plugin("1.0.0"))) as BodyInit,
      type: "application/gzip",
    }),
  },
  {
    verb: "install",
    before: async () => toConsent(await upload(plugin("1.0.0"))),
    between: async () => consent(await upload(plugin("1.0.0")), { enable: false }),
  },
  {
    verb: "update",
    before: async () => {
      await install(plugin("1.0.0"));
      return toConsent(await upload(plugin("2.0.0")));
    },
  },
  {
    verb: "enable",
    before: async () => {
      await consent(await upload(plugin("1.0.0")), { enable: false });
      return { method: "POST", path: `${ADMIN}/enable` };
    },
  },
  {
    verb: "disable",
    before: async () => {
      await install(plugin("1.0.0"));
      return { method: "POST", path: `${ADMIN}/disable` };
    },
  },
  {
    verb: "rollback",
    before: async () => {
      await install(plugin("1.0.0"));
      await install(plugin("2.0.0"));
      return { method: "POST", path: `${ADMIN}/rollback`, body: JSON.stringify({ version: "1.0.0" }) };
    },
  },
];

/**
 * What a visitor sees of the plugin, and what stands in the rows that decide it. What its own hooks wrote is its own affair:
 * an install hook that was interrupted runs again.
 */
async function look(worker: ReturnType<typeof start>): Promise<Json> {
  const home = (await worker.ask({ method: "GET", path: "/" })) as Response;
  const answer = (await worker.ask({ method: "GET", path: "/api/plugins/shaky/which" })) as Response;
  const { status } = (await worker.ask({ method: "GET", path: ADMIN })) as Response;
  const grants = await rows("SELECT version, capability FROM _host_grants ORDER BY 1, 2");
  const schedules = await rows("SELECT name FROM _host_schedules");
  const [live] = await rows("SELECT live_version, staged_version FROM _host_plugins WHERE state <> 'uninstalled'");
  return {
    home: home.status,
    which: answer.status === 200 ? await answer.json() : answer.status,
    page: status,
    live: live ?? null,
    grants,
    schedules,
  } as unknown as Json;
}

/** The act with a fault at one point: what was seen before and after, and once it was asked again. */
async function run(act: Omit<Act, "request">, fault?: { readonly at: number; readonly how: Fault }) {
  await target.reset();
  const request = await act.before();
  const old = await look(start(env));
  const faulty: FaultyBindings<typeof env> = failOnce(env, fault);
  // The questions an isolate asks once, when it starts, are no part of the act.
  const warm = start(faulty.env);
  const first = await warm.ask(request, faulty.stopped);
  const status = first === "stopped" ? first : first.status;
  const aheadMs = status === "stopped" ? LATER_MS : 0;
  const between = await look(start(env, aheadMs));
  return { request, old, status, between, points: faulty.points, aheadMs };
}

async function repeat(request: Act["request"], aheadMs: number) {
  const again = start(env, aheadMs);
  const answer = (await again.ask(request)) as Response;
  return { status: answer.status, text: await answer.text(), after: await look(start(env, aheadMs)) };
}

/** A process that stops after a question that changed nothing is as one that stopped after the last change. */
const faultsAt = ({ writes }: Point): readonly Fault[] =>
  writes ? ["refused", "answer lost", "stopped"] : ["refused"];

describe.each(ACTS)("a fault in $verb", (act) => {
  it(
    "leaves the old state or the new one, the site serving, and the same call succeeds",
    { timeout: 600_000 },
    async () => {
      const { points, status, between: fresh, old } = await run(act);
      expect(status).toBeLessThan(300);
      expect(fresh).not.toEqual(old);
      await target.reset();
      await act.between?.();
      const allowed = [old, fresh, ...(act.between ? [await look(start(env))] : [])];
      const wrong: unknown[] = [];
      let count = 0;
      for (const [at, point] of points.entries()) {
        for (const how of faultsAt(point)) {
          count += 1;
          const { request, status: seen, between, aheadMs } = await run(act, { at, how });
          const { status: then, text, after } = await repeat(request, aheadMs);
          if (allowed.some((each) => equals(between, each)) && then < 300 && equals(after, fresh)) continue;
          wrong.push({ at, point: point.name, how, seen, between, again: then, text: text.slice(0, 300), after });
        }
      }
      console.info(`${act.verb}: ${points.length} points, ${count} faults`);
      for (const each of wrong) console.info(JSON.stringify(each));
      expect(wrong).toEqual([]);
    },
  );
});

function equals(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
