/** `/api/admin/plugins/:id/settings`: values with their definitions; secrets go in and never come out. */
import { createRoute, z } from "@hono/zod-openapi";
import type { PluginManifest } from "@bulkhead/sdk";
import { findVersion, toPlanned } from "../lifecycle/find.ts";
import { HostError } from "../errors.ts";
import type { Services } from "../services.ts";
import { findRequired } from "../settings/missing.ts";
import { readSettings } from "../settings/read.ts";
import { writeSettings } from "../settings/write.ts";
import { getPlugin } from "../store/d1/plugins.ts";
import { bodyOf, createRouter, idParam, jsonOf, problems } from "./define.ts";
import { requireRole } from "./require-role.ts";
import { settingShape } from "./shapes.ts";

const tags = ["Settings"];
const answer = z.object({ items: z.array(settingShape) });

const read = createRoute({
  method: "get",
  path: "/{id}/settings",
  tags,
  summary: "A plugin's settings",
  request: { params: idParam },
  responses: { 200: jsonOf(answer, "The settings"), ...problems },
});
const write = createRoute({
  method: "put",
  path: "/{id}/settings",
  tags,
  summary: "Changes settings: all that are sent, or none",
  request: {
    params: idParam,
    body: bodyOf(
      z.strictObject({ values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])) }),
    ),
  },
  responses: { 200: jsonOf(answer, "The settings"), ...problems },
});

/** The router, mounted at `/api/admin/plugins`. */
export const settingsApi = createRouter()
  .openapi(read, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const services = c.get("services");
    return c.json({ items: await viewSettings(services, await manifestOf(services, c.req.valid("param").id)) }, 200);
  })
  .openapi(write, async (c) => {
    const by = requireRole(c, "publisher");
    const services = c.get("services");
    const manifest = await manifestOf(services, c.req.valid("param").id);
    await writeSettings(services, by, manifest, c.req.valid("json").values);
    return c.json({ items: await viewSettings(services, manifest) }, 200);
  });

async function manifestOf(services: Services, id: string): Promise<PluginManifest> {
  const plugin = await getPlugin(services.db, id);
  const version = plugin?.live_version ?? plugin?.staged_version;
  if (!plugin || plugin.state === "uninstalled" || version == null) {
    throw new HostError("NOT_FOUND", `There is no plugin "${id.slice(0, 64)}" with settings.`);
  }
  return toPlanned(await findVersion(services.db, id, version)).manifest;
}

async function viewSettings(services: Services, manifest: PluginManifest): Promise<z.infer<typeof settingShape>[]> {
  const { values, faults, secrets } = await readSettings(services, manifest);
  const required = findRequired(manifest, (key) => values.get(key));
  return Object.entries(manifest.admin.settingsSchema).map(
    ([key, { default: _, ...field }]: [string, SettingFieldView]) => ({
      key,
      field: withoutUndefined(field),
      required: required.has(key),
      value:
        field.type === "secret" ? { set: secrets.has(key), at: secrets.get(key) ?? null } : (values.get(key) ?? null),
      fault: faults.get(key) ?? null,
    }),
  );
}

type FieldView = z.infer<typeof settingShape>["field"];
type SettingFieldView = PluginManifest["admin"]["settingsSchema"][string] & { readonly default?: unknown };

function withoutUndefined(field: object): FieldView {
  return Object.fromEntries(Object.entries(field).filter(([, value]) => value !== undefined)) as FieldView;
}
