/** How is SECRETS_KEY replaced without anybody setting a secret again? It needs Workers with keys of their own. */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createWorker } from "../../host/worker.ts";
import { install, must, ORIGIN, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";
import { SECRETS } from "../support/target.ts";

beforeEach(() => target.reset());

const NEXT = "another-key-of-thirty-two-characters-or-more";

/** A Worker with these keys, the newest first. */
function workerWith(...keys: readonly string[]) {
  const worker = createWorker<Cloudflare.Env>(() => ({
    secretsKey: keys[0]!,
    secretsKeys: keys,
    log: () => {},
  }));
  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const context = createExecutionContext();
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await worker.fetch!(request as never, env, context);
    await waitOnExecutionContext(context);
    return response.json();
  }
  return {
    ask,
    read: async () =>
      ((await ask("POST", "/api/plugins/keeper/probe", { op: "kv.get", args: ["settings:key"] })) as { data: unknown })
        .data,
    tick: () => worker.scheduled!(createScheduledController(), env, createExecutionContext()),
  };
}
const envelopes = () => rows<{ envelope: string }>("SELECT envelope FROM _host_secrets");

describe("a new SECRETS_KEY", () => {
  it("opens what the previous one sealed, seals it anew at the next minute, and then needs the previous no more", async () => {
    await install(
      probe("keeper", { manifest: { admin: { settingsSchema: { key: { type: "secret", label: "Key" } } } } }),
    );
    await must("PUT", "/api/admin/plugins/keeper/settings", { body: { values: { key: "kept-secret" } } });
    const [before] = await envelopes();
    const both = workerWith(NEXT, SECRETS.SECRETS_KEY);
    expect(await both.read()).toEqual({ value: "kept-secret" });
    expect(await workerWith(NEXT).read()).toMatchObject({ error: { code: "SETTINGS_INVALID" } });
    expect(await envelopes()).toEqual([before]);
    await both.tick();
    const [after] = await envelopes();
    expect(after!.envelope.split(".")[1]).not.toBe(before!.envelope.split(".")[1]);
    expect(await workerWith(NEXT).read()).toEqual({ value: "kept-secret" });
    expect((await bridge("keeper", "kv.get", "settings:key")).error).toMatchObject({
      message: expect.stringContaining("Set it again"),
    });
    await both.tick();
    expect(await envelopes()).toEqual([after]);
  });

  it("goes on with the audit's chain; a row under a key that was replaced, after one under the next, is found", async () => {
    await install(probe("keeper"));
    const both = workerWith(NEXT, SECRETS.SECRETS_KEY);
    const verify = (worker: typeof both) => worker.ask("GET", "/api/admin/audit/verify");
    await both.ask("POST", "/api/admin/plugins/keeper/disable");
    expect(await verify(both)).toMatchObject({ ok: true });
    const { length } = (await verify(both)) as { length: number };
    expect(await verify(workerWith(NEXT))).toMatchObject({ ok: false, brokenAt: 1 });
    // As somebody with the old key would: a Worker that still runs under it.
    await must("POST", "/api/admin/plugins/keeper/enable");
    expect(await verify(both)).toMatchObject({ ok: false, brokenAt: length + 1 });
  });
});
