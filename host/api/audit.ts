/** `/api/admin/audit`: the trail of administrative acts and denials, whether it is whole, and the files to verify it elsewhere. */
import { createRoute, z } from "@hono/zod-openapi";
import { exportAnchors, exportAudit } from "../audit/export.ts";
import { verifyAudit } from "../audit/verify.ts";
import { deriveKeyText } from "../crypto.ts";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
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
  summary: "Walks the chain and compares it with its anchors",
  responses: {
    200: jsonOf(
      z.object({
        ok: z.boolean(),
        length: z.number().int(),
        head: z.string(),
        brokenAt: z.number().int().optional(),
        reason: z.string().optional(),
        anchor: z.union([
          z.object({ seq: z.number().int(), at: z.string(), ok: z.boolean() }),
          z.literal("none"),
          z.null(),
        ]),
      }),
      "Whether the chain is whole",
    ),
    ...problems,
  },
});

// A string and nothing narrower: the router takes every type that ends in "json" for one document.
const NDJSON: string = "application/x-ndjson";
const linesOf = (description: string) => ({ description, content: { [NDJSON]: { schema: z.string() } } });
const exported = createRoute({
  method: "get",
  path: "/export",
  tags: ["Audit"],
  summary: "The whole chain, oldest first, for verification elsewhere",
  responses: { 200: linesOf("One row per line"), ...problems },
});
const anchors = createRoute({
  method: "get",
  path: "/anchors",
  tags: ["Audit"],
  summary: "The copies of the chain's head that were kept outside the database",
  responses: { 200: linesOf("One anchor per line"), ...problems },
});
const handOutKey = createRoute({
  method: "post",
  path: "/key",
  tags: ["Audit"],
  summary: "Hands out the key of the chain, for verification elsewhere; this is itself on record",
  responses: {
    200: jsonOf(
      z.object({ key: z.string() }),
      "The key in hex; where SECRETS_KEY is being replaced the one before it and it, with a comma between them",
    ),
    ...problems,
  },
});
const fileHeaders = (name: string) => ({
  "content-type": NDJSON,
  "content-disposition": `attachment; filename="${name}.ndjson"`,
  "cache-control": "no-store",
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
      detail: readDetail(detail),
    }));
    const last = rows.at(-1);
    return c.json({ items, ...(rows.length === PAGE && last ? { cursor: String(last.seq) } : {}) }, 200);
  })
  .openapi(verify, async (c) => {
    requireRole(c, "reviewer");
    return c.json(await verifyAudit(c.get("services")), 200);
  })
  .openapi(exported, (c) => {
    requireRole(c, "reviewer");
    return new Response(exportAudit(c.get("services")), { headers: fileHeaders("audit") });
  })
  .openapi(anchors, (c) => {
    requireRole(c, "reviewer");
    const { anchors: kept } = c.get("services");
    if (!kept) {
      throw new HostError(
        "NOT_FOUND",
        "There are no anchors: no R2 bucket is bound. Bind BUNDLES in wrangler.toml, and each new head is kept there.",
      );
    }
    return new Response(exportAnchors(kept), { headers: fileHeaders("anchors") });
  })
  .openapi(handOutKey, async (c) => {
    // SECURITY: with it rows can be made as well as checked. It opens no secret, and who took it is in the chain. (tests/host/audit.test.ts, "is handed to administrators")
    const by = requireRole(c);
    const services = c.get("services");
    const keys = services.secretsKeys.toReversed().map((secret) => deriveKeyText(secret, "audit"));
    const value = { key: (await Promise.all(keys)).join(",") };
    await commitAct(services, by, async () => ({
      statements: [],
      act: "audit.key",
      target: "audit",
      detail: {},
      value,
    }));
    c.header("cache-control", "no-store");
    return c.json(value, 200);
  });

/** The detail as data; one that somebody tampered with as the text it is, so that the list still shows it. */
function readDetail(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
