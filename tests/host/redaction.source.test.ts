/** What is shown while nobody knows which secrets to leave out? Nothing of what the plugin said. It needs a database that fails. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createWorker } from "../../host/worker.ts";
import { eventually, install, ORIGIN, rows } from "./client.ts";
import { sketch } from "./plugins.ts";
import { SECRETS } from "../support/target.ts";

beforeEach(() => target.reset());

/** The database, except that no statement on secrets can be made. */
const db = new Proxy(env.DB, {
  get(real, name) {
    if (name !== "prepare") return (real[name as keyof D1Database] as () => unknown).bind(real);
    return (sql: string) => {
      if (sql.includes("_host_secrets")) throw new Error("D1_ERROR: no answer");
      return real.prepare(sql);
    };
  },
});

describe("a plugin with secrets, while the database does not answer", () => {
  it("says nothing that people read, and one without secrets goes on", async () => {
    const says = { routes: { says: `(_, ctx) => { ctx.log.info("aloud"); throw new Error("aloud"); }` } };
    await install(
      sketch("keeper", {
        ...says,
        manifest: { admin: { settingsSchema: { key: { type: "secret", label: "Key" } } } },
      }),
    );
    await install(sketch("open", says));
    const worker = createWorker<Cloudflare.Env>(() => ({ db, log: () => {} }));
    const messages = [];
    for (const id of ["keeper", "open"]) {
      const context = createExecutionContext();
      const request = new Request(`${ORIGIN}/api/plugins/${id}/says`, {
        method: "POST",
        headers: { authorization: `Bearer ${SECRETS.BOOTSTRAP_TOKEN}` },
      });
      const response = await worker.fetch!(request as never, env, context);
      await waitOnExecutionContext(context);
      messages.push(((await response.json()) as { error: { message: string } }).error.message);
    }
    expect(messages).toEqual(["[redacted]: [redacted]", "aloud"]);
    await eventually(async () =>
      expect(await rows("SELECT plugin_id, message FROM _host_logs ORDER BY plugin_id")).toEqual([
        { plugin_id: "keeper", message: "[redacted]" },
        { plugin_id: "open", message: "aloud" },
      ]),
    );
  });
});
