/** What does a Worker say that is not set up? To everybody, on every path, what is missing and the command that mends it. */
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { createR2Bundles } from "../../host/store/r2/bundles.ts";
import { createWorker } from "../../host/worker.ts";
import { packPlugin } from "../support/bundle.ts";
import { ORIGIN } from "../support/target.ts";
import { install, rows } from "./client.ts";
import { probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;

async function ask(
  bindings: Bindings,
  path = "/",
  worker = createWorker<Bindings>(() => ({ log: () => {} })),
  init: RequestInit = {},
) {
  const context = createExecutionContext();
  const request = new Request(`${ORIGIN}${path}`, init) as Request<unknown, IncomingRequestCfProperties>;
  const response = await worker.fetch!(request, bindings, context);
  await waitOnExecutionContext(context);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("a Worker that is not set up", () => {
  it.each([
    ["without SECRETS_KEY", { SECRETS_KEY: "" }, /SECRETS_KEY is not set.*wrangler secret put SECRETS_KEY/],
    ["with a short SECRETS_KEY", { SECRETS_KEY: "x".repeat(31) }, /shorter than 32/],
    [
      "without BOOTSTRAP_TOKEN",
      { BOOTSTRAP_TOKEN: "" },
      /BOOTSTRAP_TOKEN is not set.*wrangler secret put BOOTSTRAP_TOKEN/,
    ],
    ["with a short BOOTSTRAP_TOKEN", { BOOTSTRAP_TOKEN: "x".repeat(15) }, /shorter than 16/],
  ])("%s answers 503 with instructions everywhere, and its clock does nothing", async (_, changed, words) => {
    const bindings = { ...env, ...changed };
    for (const path of ["/", "/api/health", "/api/admin/plugins", "/api/plugins/a/b", "/admin/", "/sitemap.xml"]) {
      const { status, headers, text } = await ask(bindings, path);
      expect({ path, status, type: headers.get("content-type") }).toEqual({
        path,
        status: 503,
        type: "text/plain; charset=utf-8",
      });
      expect(headers.get("retry-after")).toBe("60");
      expect(text).toMatch(words);
      expect(text).not.toContain(env.SECRETS_KEY);
      expect(text).not.toContain(env.BOOTSTRAP_TOKEN);
    }
    await createWorker<Bindings>().scheduled!(createScheduledController(), bindings, createExecutionContext());
  });

  it("without migrations, or with old ones, says which command applies them; then works without a restart", async () => {
    const worker = createWorker<Bindings>(() => ({ log: () => {} }));
    await env.DB.exec("ALTER TABLE _host_state RENAME TO _host_state_away");
    try {
      expect(await ask(env, "/", worker)).toMatchObject({
        status: 503,
        text: expect.stringContaining("wrangler d1 migrations apply DB --remote"),
      });
    } finally {
      await env.DB.exec("ALTER TABLE _host_state_away RENAME TO _host_state");
    }
    await env.DB.exec("UPDATE _host_state SET schema = schema - 1");
    try {
      expect(await ask(env, "/", worker)).toMatchObject({
        status: 503,
        text: expect.stringMatching(/is at migration \d+, this Worker needs \d+/),
      });
    } finally {
      await env.DB.exec("UPDATE _host_state SET schema = schema + 1");
    }
    expect((await ask(env, "/api/health", worker)).status).toBe(200);
  });

  it("without a bucket keeps bundles in the database, and runs them from there", async () => {
    const { BUNDLES: _bucket, ...rest } = env;
    const bindings = rest as Bindings;
    const worker = createWorker<Bindings>(() => ({ log: () => {} }));
    const headers = { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}` };
    const body = await packPlugin(sketch("hello", { routes: { hi: `() => "hello"` } }));
    const uploaded = await ask(bindings, "/api/admin/plugins", worker, {
      method: "POST",
      headers: { ...headers, "content-type": "application/gzip" },
      body,
    });
    const { plan } = JSON.parse(uploaded.text) as { plan: { hash: string } };
    const consented = await ask(bindings, "/api/admin/plugins/hello/consent", worker, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ version: "1.0.0", planHash: plan.hash }),
    });
    expect(consented.status).toBe(200);
    expect(await ask(bindings, "/api/plugins/hello/hi", worker, { headers })).toMatchObject({
      status: 200,
      text: '{"success":true,"data":"hello"}',
    });
    expect((await env.BUNDLES.list()).objects).toEqual([]);
    expect(await rows("SELECT part FROM _host_bundles")).toEqual([{ part: 0 }]);
  });

  it("without a bucket takes no files, and says which one is missing", async () => {
    await install(probe("writer", { capabilities: ["media:write"] }));
    const { BUNDLES: _bucket, ...rest } = env;
    const body = JSON.stringify({
      op: "media.upload",
      args: ["a.png", "image/png", { bytes: btoa("\x89PNG\r\n\x1a\n") }],
    });
    const headers = { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": "application/json" };
    // The bundle stays where it was, so a worker that cannot read it would say that instead.
    const bundles = createR2Bundles(env.BUNDLES);
    const worker = createWorker<Bindings>(() => ({ log: () => {}, bundles }));
    const answer = await ask(rest as Bindings, "/api/plugins/writer/probe", worker, { method: "POST", headers, body });
    expect(JSON.parse(answer.text)).toEqual({
      success: true,
      data: {
        error: {
          name: "BridgeError",
          code: "NOT_CONFIGURED",
          message: "Cannot upload: this host has no R2 bucket for files. Bind one as BUNDLES in wrangler.toml.",
        },
      },
    });
    expect(await rows("SELECT * FROM media")).toEqual([]);
    expect((await ask(rest as Bindings, "/media/x.png", worker)).status).toBe(404);
  });

  it("with PLUGINS_OFF runs no plugin, and everything else", async () => {
    await install(sketch("hello", { routes: { hi: `() => "hello"` }, open: ["hi"] }));
    expect((await ask(env, "/api/plugins/hello/hi")).status).toBe(200);
    const off = { ...env, PLUGINS_OFF: "1" } as Bindings;
    expect((await ask(off, "/api/plugins/hello/hi")).status).toBe(404);
    expect((await ask(off, "/")).status).toBe(200);
  });
});
