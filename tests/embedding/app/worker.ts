/** An invoicing application with plugins: its own tables, its own people, its own event and power. No CMS. */
import { createPluginHost, createServices, defineMethod, type PluginHost } from "bulkhead";
import wasm from "bulkhead/engine.wasm";
import { Hono } from "hono";
import { z } from "zod";

interface Env {
  readonly DB: D1Database;
  readonly KV: KVNamespace;
  readonly PLUGIN_KEY: string;
  readonly STAFF_TOKEN: string;
}

let made: { readonly env: Env; readonly host: PluginHost } | undefined;

function hostOf(env: Env): PluginHost {
  if (made?.env !== env) made = { env, host: createHost(env) };
  return made.host;
}

const createHost = (env: Env): PluginHost =>
  createPluginHost({
    wasm,
    basePath: "/billing/extensions",
    services: createServices({ DB: env.DB, CACHE: env.KV, SECRETS_KEY: env.PLUGIN_KEY }, { tablePrefix: "plugins_" }),
    authorize: async (c) => {
      if (c.req.header("authorization") !== `Bearer ${env.STAFF_TOKEN}`) return undefined;
      return { actor: { kind: "user", id: "ada", name: "Ada", role: "admin" }, by: "bearer", expiresAt: null };
    },
    capabilities: {
      "invoice:read": { label: "Read your invoices and what was paid", group: "reads", risk: "medium", implies: [] },
    },
    events: { "invoice:paid": { kind: "action", capability: "invoice:read", when: "after an invoice was paid" } },
    bridges: [
      defineMethod({
        name: "invoices.get",
        capability: "invoice:read",
        summary: "An invoice by its number, or null.",
        args: z.tuple([z.number().int()]),
        kind: "data",
        handler: (_call, id) => env.DB.prepare("SELECT id, cents, paid FROM invoices WHERE id = ?").bind(id).first(),
      }),
    ],
  });

const app = new Hono<{ Bindings: Env }>();
app.post("/invoices/:id/pay", async (c) => {
  const id = Number(c.req.param("id"));
  await c.env.DB.prepare("UPDATE invoices SET paid = 1 WHERE id = ?").bind(id).run();
  const plugins = hostOf(c.env).forRequest(new URL(c.req.url).origin);
  plugins.hooks.action("invoice:paid", { id });
  c.executionCtx.waitUntil(plugins.finish());
  return c.json({ paid: id });
});
app.all("/billing/extensions/*", (c) => hostOf(c.env).routes.fetch(c.req.raw, c.env, c.executionCtx));

export default { fetch: app.fetch, scheduled: (_event, env) => hostOf(env).scheduled() } satisfies ExportedHandler<Env>;
