/** `/api/admin/plugins/:id/usage`: granted against used, what is left of the quotas, and what could be taken away. */
import { createRoute, z } from "@hono/zod-openapi";
import { createRouter, idParam, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";
import { usageShape } from "./shapes.ts";
import { viewUsage } from "./usage-view.ts";

const usage = createRoute({
  method: "get",
  path: "/{id}/usage",
  tags: ["Activity"],
  summary: "Granted against used over 30 days, quotas with what is used of them, and suggestions",
  request: { params: idParam },
  responses: { 200: jsonOf(z.object({ usage: usageShape }), "The usage"), ...problems },
});

/** The router, mounted at `/api/admin/plugins`. */
export const usageApi = createRouter().openapi(usage, async (c) => {
  requireRole(c, "publisher", "reviewer");
  const { id } = c.req.valid("param");
  return c.json({ usage: await viewUsage(c.get("services"), c.get("host").usage.quotaOf(id), id) }, 200);
});
