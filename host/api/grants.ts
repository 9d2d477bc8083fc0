/** `/api/admin/plugins/:id/grants`: what a live plugin may do, and changing it without a new version. */
import { createRoute, z } from "@hono/zod-openapi";
import { HostError } from "../errors.ts";
import { changeGrants } from "../lifecycle/regrant.ts";
import type { Services } from "../services.ts";
import { listGrants } from "../store/d1/grants.ts";
import { getPlugin } from "../store/d1/plugins.ts";
import { bodyOf, createRouter, idParam, jsonOf, problems } from "./define.ts";
import { viewGrant } from "./plugin-view.ts";
import { requireRole } from "./require-role.ts";
import { grantShape, targetLists } from "./shapes.ts";

const tags = ["Plugins"];
const answer = z.object({ items: z.array(grantShape) });

const read = createRoute({
  method: "get",
  path: "/{id}/grants",
  tags,
  summary: "What the live version may do",
  request: { params: idParam },
  responses: { 200: jsonOf(answer, "The grants"), ...problems },
});
const write = createRoute({
  method: "put",
  path: "/{id}/grants",
  tags,
  summary: "Denies, narrows, pauses, ends or gives back powers of the live version; those not named stay",
  request: {
    params: idParam,
    body: bodyOf(
      z.strictObject({
        grants: z
          .array(
            z.strictObject({
              capability: z.string().max(64),
              allowed: z.boolean().default(true),
              ...targetLists,
              methods: z
                .array(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]))
                .max(7)
                .nullish(),
              mode: z.enum(["enforce", "report"]).optional(),
              paused: z.boolean().optional(),
              until: z.iso.datetime().nullish(),
            }),
          )
          .min(1)
          .max(32),
        note: z.string().max(2_000).nullish(),
      }),
    ),
  },
  responses: { 200: jsonOf(answer, "The grants"), ...problems },
});

/** The router, mounted at `/api/admin/plugins`. */
export const grantsApi = createRouter()
  .openapi(read, async (c) => {
    requireRole(c, "publisher", "reviewer");
    return c.json({ items: await viewGrants(c.get("services"), c.req.valid("param").id) }, 200);
  })
  .openapi(write, async (c) => {
    const by = requireRole(c, "reviewer");
    const { id } = c.req.valid("param");
    const { grants, note = null } = c.req.valid("json");
    const changes = grants.map(({ hosts, collections, tables, slots, paths, ...change }) => ({
      ...change,
      targets: { hosts, collections, tables, slots, paths },
    }));
    await changeGrants(c.get("services"), by, id, { changes, note });
    return c.json({ items: await viewGrants(c.get("services"), id) }, 200);
  });

async function viewGrants({ db }: Services, id: string): Promise<z.infer<typeof grantShape>[]> {
  const plugin = await getPlugin(db, id);
  if (!plugin || plugin.state === "uninstalled") {
    throw new HostError("NOT_FOUND", `There is no plugin "${id.slice(0, 64)}".`);
  }
  return plugin.live_version === null ? [] : (await listGrants(db, id, plugin.live_version)).map(viewGrant);
}
