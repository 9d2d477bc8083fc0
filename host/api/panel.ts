/** `/api/admin/plugins/:id/panel`: a Block Kit interaction goes to the plugin's `admin` route; blocks come back. */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { describeFailure } from "../invoke/failure.ts";
import { isBusy, parseGuestJson } from "../invoke/session.ts";
import { bodyOf, createRouter, idParam, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";

const text = z.string().max(512);
const interaction = z.discriminatedUnion("type", [
  z.object({ type: z.literal("page_load"), page: text }),
  z.object({
    type: z.literal("block_action"),
    action_id: text,
    block_id: text.optional(),
    value: z.unknown().optional(),
  }),
  z.object({
    type: z.literal("form_submit"),
    action_id: text,
    block_id: text.optional(),
    values: z.record(z.string(), z.unknown()),
  }),
]);
/** Blocks are drawn as far as possible, so only their frame is checked here. */
const panelShape = z.object({
  blocks: z.array(z.looseObject({ type: z.string() })).max(1_000),
  toast: z.object({ message: z.string(), type: z.enum(["success", "error", "info"]) }).optional(),
});

const panel = createRoute({
  method: "post",
  path: "/{id}/panel",
  tags: ["Panels"],
  summary: "Sends an interaction to a plugin's admin page",
  request: { params: idParam, body: bodyOf(interaction) },
  responses: { 200: jsonOf(panelShape, "What to draw"), ...problems },
});

/** The router, mounted at `/api/admin/plugins`. */
export const panelApi = createRouter().openapi(panel, async (c) => {
  requireRole(c, "publisher");
  const { id } = c.req.valid("param");
  const plugin = (await c.get("host").registry.current()).plugins.get(id);
  if (!plugin) throw new HostError("NOT_FOUND", `There is no enabled plugin "${id.slice(0, 64)}".`);
  if (!plugin.exports.routes.some((route) => route.name === "admin")) {
    throw new HostError("NOT_FOUND", `${id} has no admin page: it exports no route "admin".`);
  }
  const { outcome, retryAfter } = await c.get("request").session.enter({
    plugin,
    kind: "panel",
    name: "route:admin",
    input: {
      input: c.req.valid("json"),
      request: { url: c.req.url, method: "POST", headers: { "content-type": "application/json" } },
    },
  });
  if (!outcome.ok) {
    const code = isBusy(outcome) ? "OVERLOADED" : retryAfter === undefined ? "PLUGIN_FAILED" : "QUOTA_EXCEEDED";
    throw new HostError(code, `${plugin.manifest.name}: ${describeFailure(outcome.failure)}`);
  }
  const answer = panelShape.safeParse(parseGuestJson(outcome.value));
  if (!answer.success) {
    throw new HostError(
      "PLUGIN_FAILED",
      `${plugin.manifest.name} answered something that is no panel. Expected {blocks: [...]}.`,
    );
  }
  return c.json(answer.data, 200);
});
