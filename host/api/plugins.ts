/** `/api/admin/plugins`: from upload to removal. Each route checks the role and calls one lifecycle verb. */
import { createRoute, z } from "@hono/zod-openapi";
import { consentTo } from "../lifecycle/consent.ts";
import { disablePlugin } from "../lifecycle/disable.ts";
import { enablePlugin } from "../lifecycle/enable.ts";
import { withNextRuns } from "../lifecycle/next-runs.ts";
import { rejectUpload } from "../lifecycle/reject.ts";
import { rollBack } from "../lifecycle/rollback.ts";
import { uninstallPlugin } from "../lifecycle/uninstall.ts";
import { uploadBundle } from "../lifecycle/upload.ts";
import { bodyOf, createRouter, idParam, jsonOf, problems } from "./define.ts";
import { viewPlugin, viewPluginDetail, viewPlugins } from "./plugin-view.ts";
import { readUpload } from "./read-upload.ts";
import { requireRole } from "./require-role.ts";
import { planShape, pluginDetailShape, pluginShape, targetLists } from "./shapes.ts";

const tags = ["Plugins"];
const pluginAnswer = z.object({ plugin: pluginShape });

const list = createRoute({
  method: "get",
  path: "/",
  tags,
  summary: "Lists the plugins",
  responses: { 200: jsonOf(z.object({ items: z.array(pluginShape) }), "The plugins"), ...problems },
});
const upload = createRoute({
  method: "post",
  path: "/",
  tags,
  summary: "Uploads a bundle; nothing of it runs before consent",
  request: { body: { required: true, content: { "application/gzip": { schema: z.any() } } } },
  responses: { 201: jsonOf(z.object({ plugin: pluginShape, plan: planShape }), "What it asks for"), ...problems },
});
const get = createRoute({
  method: "get",
  path: "/{id}",
  tags,
  summary: "One plugin with versions, grants, hooks, routes, schedules and health",
  request: { params: idParam },
  responses: { 200: jsonOf(z.object({ plugin: pluginDetailShape }), "The plugin"), ...problems },
});
const consent = createRoute({
  method: "post",
  path: "/{id}/consent",
  tags,
  summary: "Consents to a plan, by its hash, and takes the version live",
  request: {
    params: idParam,
    body: bodyOf(
      z.strictObject({
        version: z.string().max(64),
        planHash: z.string().max(128),
        deny: z.array(z.string().max(64)).max(32).default([]),
        report: z.array(z.string().max(64)).max(32).default([]),
        ...targetLists,
        until: z.iso.datetime().nullish(),
        note: z.string().max(2_000).nullish(),
        enable: z.boolean().default(true),
        acceptSigner: z.string().max(64).nullish().openapi({
          description: "The plan's `signer.accept`, where the version is not signed as those before",
        }),
      }),
    ),
  },
  responses: { 200: jsonOf(pluginAnswer, "The plugin"), ...problems },
});
const reject = createRoute({
  method: "post",
  path: "/{id}/reject",
  tags,
  summary: "Refuses the version that waits",
  request: {
    params: idParam,
    body: bodyOf(z.strictObject({ version: z.string().max(64), note: z.string().max(2_000).default("") })),
  },
  responses: { 200: jsonOf(pluginAnswer, "The plugin"), ...problems },
});
const enable = createRoute({
  method: "post",
  path: "/{id}/enable",
  tags,
  summary: "Takes a plugin live under the grants it has",
  request: { params: idParam },
  responses: { 200: jsonOf(pluginAnswer, "The plugin"), ...problems },
});
const disable = createRoute({
  method: "post",
  path: "/{id}/disable",
  tags,
  summary: "Takes a plugin off the site, keeping grants and data",
  request: { params: idParam },
  responses: { 200: jsonOf(pluginAnswer, "The plugin"), ...problems },
});
const rollback = createRoute({
  method: "post",
  path: "/{id}/rollback",
  tags,
  summary: "Goes back to a version that was live, with the grants it had; what was taken away since stays so",
  request: {
    params: idParam,
    body: bodyOf(
      z.strictObject({
        version: z.string().max(64).optional().openapi({ description: "Left out: the one that was live before" }),
        note: z.string().max(2_000).nullish(),
      }),
    ),
  },
  responses: { 200: jsonOf(pluginAnswer, "The plugin"), ...problems },
});
const remove = createRoute({
  method: "delete",
  path: "/{id}",
  tags,
  summary: "Removes a plugin, with or without its data",
  request: { params: idParam, query: z.object({ data: z.enum(["keep", "delete"]).default("keep") }) },
  responses: {
    200: jsonOf(
      z.object({
        removed: z.object({
          rows: z.number().int(),
          tables: z.number().int(),
          keys: z.number().int(),
          objects: z.number().int(),
          schedules: z.number().int(),
        }),
      }),
      "What was removed",
    ),
    ...problems,
  },
});

/** The router, mounted at `/api/admin/plugins`. */
export const pluginsApi = createRouter()
  .openapi(list, async (c) => {
    requireRole(c, "publisher", "reviewer");
    return c.json({ items: await viewPlugins(c.get("services")) }, 200);
  })
  .openapi(upload, async (c) => {
    const by = requireRole(c, "publisher");
    const { services, sandbox } = c.get("host");
    const { id, plan } = await uploadBundle(services, sandbox, by, await readUpload(c.req));
    return c.json({ plugin: await viewPlugin(services, id), plan: withNextRuns(plan, services.now()) }, 201);
  })
  .openapi(get, async (c) => {
    requireRole(c, "publisher", "reviewer");
    return c.json({ plugin: await viewPluginDetail(c.get("services"), c.req.valid("param").id) }, 200);
  })
  .openapi(consent, async (c) => {
    // A publisher as far as the policy approves in advance: see `policy/consent-right.ts`.
    const by = requireRole(c, "reviewer", "publisher");
    const services = c.get("services");
    const { id } = c.req.valid("param");
    const {
      until = null,
      note = null,
      acceptSigner = null,
      hosts,
      collections,
      tables,
      slots,
      paths,
      ...rest
    } = c.req.valid("json");
    const targets = { hosts, collections, tables, slots, paths };
    await consentTo(services, c.get("request").session, by, id, { ...rest, until, note, acceptSigner, targets });
    return c.json({ plugin: await viewPlugin(services, id) }, 200);
  })
  .openapi(reject, async (c) => {
    const by = requireRole(c, "reviewer");
    const { id } = c.req.valid("param");
    await rejectUpload(c.get("services"), by, id, c.req.valid("json"));
    return c.json({ plugin: await viewPlugin(c.get("services"), id) }, 200);
  })
  .openapi(enable, async (c) => {
    const by = requireRole(c, "publisher");
    const { id } = c.req.valid("param");
    await enablePlugin(c.get("services"), c.get("request").session, by, id);
    return c.json({ plugin: await viewPlugin(c.get("services"), id) }, 200);
  })
  .openapi(disable, async (c) => {
    const by = requireRole(c, "publisher", "reviewer");
    const { id } = c.req.valid("param");
    await disablePlugin(c.get("services"), c.get("request").session, by, id);
    return c.json({ plugin: await viewPlugin(c.get("services"), id) }, 200);
  })
  .openapi(rollback, async (c) => {
    // What somebody consented to; a publisher may put out what burns.
    const by = requireRole(c, "publisher", "reviewer");
    const { id } = c.req.valid("param");
    const { version, note = null } = c.req.valid("json");
    await rollBack(c.get("services"), c.get("request").session, by, id, { version, note });
    return c.json({ plugin: await viewPlugin(c.get("services"), id) }, 200);
  })
  .openapi(remove, async (c) => {
    const by = requireRole(c);
    const { id } = c.req.valid("param");
    const { data } = c.req.valid("query");
    const removed = await uninstallPlugin(c.get("services"), c.get("request").session, by, id, data);
    return c.json({ removed }, 200);
  });
