/** `/api/admin/audit`: the trail of administrative acts, and whether it is whole. */
import { createRoute, z } from "@hono/zod-openapi";
import { verifyAudit } from "../audit/verify.ts";
import { listAudit } from "../store/d1/audit.ts";
import { createRouter, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";
import { auditShape, pageOf } from "./shapes.ts";

const PAGE = 50;

const list = createRoute({
  method: "get",
  path: "/",
  tags: ["Audit"],
  summary: "Administrative acts, newest first",
  request: { query: z.object({ cursor: z.coerce.number().int().positive().optional() }) },
  responses: { 200: jsonOf(pageOf(auditShape), "The acts"), ...problems },
});
const verify = createRoute({
  method: "get",
  path: "/verify",
  tags: ["Audit"],
  summary: "Walks the chain",
  responses: {
    200: jsonOf(
      z.object({ ok: z.boolean(), length: z.number().int(), head: z.string(), brokenAt: z.number().int().optional() }),
      "Whether the chain is whole",
    ),
    ...problems,
  },
});

/** The router, mounted at `/api/admin/audit`. */
export const auditApi = createRouter()
  .openapi(list, async (c) => {
    requireRole(c, "reviewer");
    const rows = await listAudit(c.get("services").db, c.req.valid("query").cursor, PAGE);
    const items = rows.map(({ seq, at, actor, act, target, detail }) => ({
      seq,
      at,
      actor,
      act,
      target,
      detail: JSON.parse(detail) as unknown,
    }));
    const last = rows.at(-1);
    return c.json({ items, ...(rows.length === PAGE && last ? { cursor: String(last.seq) } : {}) }, 200);
  })
  .openapi(verify, async (c) => {
    requireRole(c, "reviewer");
    return c.json(await verifyAudit(c.get("services")), 200);
  });
