/** What if the row of a start cannot be written, or is written late? It needs a database that fails or lags. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { target } from "#target";
import { defineMethod, type BridgeCall } from "../../host/bridges/define-bridge.ts";
import { createDispatcher } from "../../host/bridges/dispatch.ts";
import { BUDGET_CEILINGS, PLANS, REQUEST_BUDGETS } from "../../host/invoke/budgets.ts";
import { UNFINISHED_AFTER_MS } from "../../host/invoke/unfinished.ts";
import { ok } from "../../host/result.ts";
import { putRecords, putStarted, type InvocationRow } from "../../host/store/d1/invocations.ts";
import { createWorker } from "../../host/worker.ts";
import { install, ORIGIN, rows } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const START = /INSERT OR IGNORE INTO _host_invocations/;

/** The database; a statement that writes the row of a start goes through `onStart`. */
function watched(onStart: () => void): D1Database {
  return new Proxy(env.DB, {
    get(real, name) {
      if (name !== "prepare") return (real[name as keyof D1Database] as () => unknown).bind(real);
      return (sql: string) => {
        if (START.test(sql)) onStart();
        return real.prepare(sql);
      };
    },
  });
}

const poster = sketch("poster", {
  capabilities: ["network:request"],
  hosts: ["a.shop.dev"],
  routes: {
    go: `async (_, ctx) => {
      const ends = [];
      for (const method of ["POST", "POST", "GET"])
        ends.push(await ctx.http.fetch("https://a.shop.dev/", { method }).then(() => "sent", (error) => error.code));
      return ends;
    }`,
  },
});

async function go(onStart: () => void) {
  const sent: string[] = [];
  const worker = createWorker<Cloudflare.Env>(() => ({
    db: watched(onStart),
    log: () => {},
    fetch: async ({ method }) => {
      sent.push(method);
      return new Response("ok");
    },
  }));
  const context = createExecutionContext();
  const request = new Request(`${ORIGIN}/api/plugins/poster/go`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}` },
  });
  const response = await worker.fetch!(request as never, env, context);
  await waitOnExecutionContext(context);
  return { ends: ((await response.json()) as { data: unknown }).data, sent };
}

describe("where the row of a start", () => {
  it("cannot be written, nothing is sent, and the next call tries again", async () => {
    await install(poster);
    let tries = 0;
    const once = () => {
      tries += 1;
      if (tries === 1) throw new Error("D1_ERROR: no answer");
    };
    expect(await go(once)).toEqual({ ends: ["INTERNAL", "sent", "sent"], sent: ["POST", "GET"] });
    expect(await rows("SELECT status, outside FROM _host_invocations")).toEqual([
      { status: "ok", outside: "http.fetch POST a.shop.dev" },
    ]);
  });

  it("is written, it is written once", async () => {
    await install(poster);
    let writes = 0;
    expect((await go(() => (writes += 1))).sent).toEqual(["POST", "POST", "GET"]);
    expect(writes).toBe(1);
  });

  it("comes after the row of the end, the end stays", async () => {
    const row: InvocationRow = {
      id: "01A",
      plugin_id: "poster",
      version: "1.0.0",
      at: "2026-11-28T00:00:00.000Z",
      kind: "route",
      name: "route:go",
      status: "started",
      duration_ms: 0,
      fuel: 0,
      peak_bytes: 0,
      host_calls: 0,
      requests: 0,
      bytes_in: 0,
      bytes_out: 0,
      error: null,
      trace: null,
      outside: "email.send to one recipient",
    };
    const status = async () => (await rows<{ status: string }>("SELECT status FROM _host_invocations"))[0]?.status;
    await putStarted(env.DB, row).run();
    expect(await status()).toBe("started");
    await env.DB.batch([...putRecords(env.DB, [{ ...row, status: "stopped" }], [])]);
    expect(await status()).toBe("stopped");
    await putStarted(env.DB, row).run();
    expect(await status()).toBe("stopped");
  });
});

describe("a call that is on its way when its entry ends", () => {
  it.each([
    ["before its row is written", "before", { rows: 0, sent: 0 }],
    ["while its row is written", "meanwhile", { rows: 1, sent: 0 }],
    ["when all is done", "after", { rows: 1, sent: 1 }],
  ] as const)("%s: nothing is sent for an entry that is over, and no row is left behind", async (_, when, expected) => {
    const done = { rows: 0, sent: 0 };
    const ended = new AbortController();
    const method = defineMethod({
      name: "test.send",
      capability: null,
      summary: "Sends.",
      args: z.tuple([]),
      kind: "request",
      outside: () => "something",
      handler: async () => void (done.sent += 1),
    });
    const call = {
      plugin: { id: "actor" },
      gate: { assertOwn: async () => {} },
      services: { log: () => {} },
      signal: ended.signal,
    } as unknown as BridgeCall;
    const dispatcher = createDispatcher({
      table: new Map([[method.name, method]]),
      openCall: () => ({ call, end: () => {} }),
      budget: { data: 1, request: 1, compute: 1 },
      count: () => true,
      async admit() {
        if (when === "before") ended.abort();
        return ok({ end() {} });
      },
      async writeAhead() {
        done.rows += 1;
        if (when === "meanwhile") ended.abort();
      },
    });
    await dispatcher.call(method.name, "[]", { fuelLeft: () => 2 ** 40, charge: () => {} });
    expect(done).toEqual(expected);
  });
});

it("no invocation may last as long as one is taken to be running", () => {
  for (const plan of PLANS)
    for (const table of [REQUEST_BUDGETS[plan], BUDGET_CEILINGS[plan]])
      for (const { wallMs } of Object.values(table)) expect(wallMs).toBeLessThan(UNFINISHED_AFTER_MS);
});
