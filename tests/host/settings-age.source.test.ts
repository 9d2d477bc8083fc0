/** How old may a setting be that a plugin reads? Kept for a while by a route; read anew by a schedule's run. It needs a clock. */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { SETTINGS_MAX_AGE_S } from "../../host/settings/kept.ts";
import { createWorker } from "../../host/worker.ts";
import { install, ORIGIN } from "./client.ts";
import { probe } from "./plugins.ts";
import { SECRETS } from "../support/target.ts";

beforeEach(() => target.reset());

/** A Worker with the age it has in production, and a clock. */
function createAged() {
  let now = Date.now();
  const { SETTINGS_MAX_AGE: _, ...bindings } = env as Cloudflare.Env & { readonly SETTINGS_MAX_AGE: string };
  const worker = createWorker<Cloudflare.Env>(() => ({ now: () => new Date(now), log: () => {} }));
  async function ask(method: string, path: string, body: unknown): Promise<{ data: unknown }> {
    const context = createExecutionContext();
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const response = await worker.fetch!(request as never, bindings as Cloudflare.Env, context);
    await waitOnExecutionContext(context);
    return response.json();
  }
  return {
    ask,
    read: async () => (await ask("POST", "/api/plugins/aged/probe", { op: "settings.get", args: ["tone"] })).data,
    async tick() {
      const context = createExecutionContext();
      await worker.scheduled!(createScheduledController(), bindings as Cloudflare.Env, context);
      await waitOnExecutionContext(context);
    },
    pass(seconds: number) {
      now += seconds * 1_000;
    },
  };
}

const put = (text: string) => env.CACHE.put("settings:aged:tone", text);
const aged = probe("aged", {
  hooks: { cron: `async (_, ctx) => { await ctx.kv.set("seen", await ctx.settings.get("tone")); }` },
  manifest: {
    admin: { settingsSchema: { tone: { type: "string", label: "Tone" } } },
    bulkhead: { schedules: [{ name: "often", cron: "* * * * *" }] },
  },
});

describe("a setting that was put into KV", () => {
  it("is read by a route once what the isolate keeps is thirty seconds old, and not before", async () => {
    await install(aged);
    await put("one");
    const worker = createAged();
    expect(await worker.read()).toEqual({ value: "one" });
    await put("two");
    worker.pass(SETTINGS_MAX_AGE_S - 1);
    expect(await worker.read()).toEqual({ value: "one" });
    worker.pass(1);
    expect(await worker.read()).toEqual({ value: "two" });
  });

  it("is read by the next run of a schedule, and from then on by everybody in that isolate", async () => {
    await install(aged);
    await put("one");
    const worker = createAged();
    await worker.read();
    await put("two");
    worker.pass(61);
    await put("three");
    expect(await worker.read()).toEqual({ value: "three" });
    await put("four");
    await env.DB.prepare("UPDATE _host_schedules SET next_run_at = '2020-01-01T00:00:00.000Z'").run();
    await worker.tick();
    expect((await worker.ask("POST", "/api/plugins/aged/probe", { op: "kv.get", args: ["seen"] })).data).toEqual({
      value: "four",
    });
    expect(await worker.read()).toEqual({ value: "four" });
  });

  it("is read at once where it was set through this host", async () => {
    await install(aged);
    await put("one");
    const worker = createAged();
    await worker.read();
    await worker.ask("PUT", "/api/admin/plugins/aged/settings", { values: { tone: "set" } });
    expect(await worker.read()).toEqual({ value: "set" });
  });
});
