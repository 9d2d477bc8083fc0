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
  return {
    async read() {
      const context = createExecutionContext();
      const request = new Request(`${ORIGIN}/api/plugins/keeper/probe`, {
        method: "POST",
        headers: { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ op: "kv.get", args: ["settings:key"] }),
      });
      const response = await worker.fetch!(request as never, env, context);
      await waitOnExecutionContext(context);
      return ((await response.json()) as { data: unknown }).data;
    },
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
});
