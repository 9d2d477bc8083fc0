/** `/api/admin/catalog`: the plugins shipped beside the dashboard. Installing one is an upload like anybody's. */
import { createRoute, z } from "@hono/zod-openapi";
import { describeCapability, toCapability } from "@bulkhead/sdk";
import { sha256 } from "../crypto.ts";
import { HostError } from "../errors.ts";
import { withNextRuns } from "../lifecycle/next-runs.ts";
import { toPlanned, findVersion } from "../lifecycle/find.ts";
import { uploadBundle } from "../lifecycle/upload.ts";
import { approves } from "../policy/consent-right.ts";
import { readPolicy } from "../policy/in-force.ts";
import type { Services } from "../services.ts";
import { listPlugins } from "../store/d1/plugins.ts";
import { createRouter, idParam, jsonOf, problems } from "./define.ts";
import { viewPlugin } from "./plugin-view.ts";
import { requireRole } from "./require-role.ts";
import { catalogItemShape, pageOf, planShape, pluginShape } from "./shapes.ts";

/** `catalog/index.json`, as the plugins' build writes it. */
const indexSchema = z.object({
  plugins: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      version: z.string(),
      description: z.string(),
      file: z.string().regex(/^[a-z0-9._-]+$/),
      sha256: z.string(),
      size: z.number(),
      capabilities: z.array(z.string()),
      allowedHosts: z.array(z.string()),
    }),
  ),
});
type IndexEntry = z.infer<typeof indexSchema>["plugins"][number];

const list = createRoute({
  method: "get",
  path: "/",
  tags: ["Catalogue"],
  summary: "Plugins that can be installed with one call",
  responses: { 200: jsonOf(pageOf(catalogItemShape), "The plugins"), ...problems },
});
const install = createRoute({
  method: "post",
  path: "/{id}/install",
  tags: ["Catalogue"],
  summary: "Uploads a plugin of the catalogue; nothing of it runs before consent",
  request: { params: idParam },
  responses: {
    201: jsonOf(
      z.object({
        plugin: pluginShape,
        plan: planShape,
        preapproved: z
          .number()
          .int()
          .nullable()
          .openapi({ description: "The version of the policy that lets a publisher consent to all of it" }),
      }),
      "What it asks for",
    ),
    ...problems,
  },
});

/** The router, mounted at `/api/admin/catalog`. */
export const catalogApi = createRouter()
  .openapi(list, async (c) => {
    requireRole(c, "publisher", "reviewer");
    const services = c.get("services");
    const [entries, plugins] = await Promise.all([readIndex(services), listPlugins(services.db)]);
    const items = entries.map(({ file: _, ...entry }) => ({
      ...entry,
      capabilities: entry.capabilities.map((name) => {
        const known = toCapability(name);
        return { name, label: known ? describeCapability(known).label : name };
      }),
      installed: plugins.find((plugin) => plugin.id === entry.id)?.live_version ?? null,
    }));
    return c.json({ items }, 200);
  })
  .openapi(install, async (c) => {
    const by = requireRole(c, "publisher");
    const { services, sandbox } = c.get("host");
    const { id } = c.req.valid("param");
    const entry = (await readIndex(services)).find((each) => each.id === id);
    if (!entry) throw new HostError("NOT_FOUND", `The catalogue has no plugin "${id.slice(0, 64)}".`);
    const { plan } = await uploadBundle(services, sandbox, by, await readArchive(services, entry), "catalog");
    const preapproved = await findApproval(services, plan.plugin);
    return c.json(
      { plugin: await viewPlugin(services, id), plan: withNextRuns(plan, services.now()), preapproved },
      201,
    );
  });

/** The version of the policy that approves the plugin in advance, or null. */
async function findApproval(
  { db }: Services,
  { id, version }: { readonly id: string; readonly version: string },
): Promise<number | null> {
  const [{ policy, version: number }, row] = await Promise.all([readPolicy(db), findVersion(db, id, version)]);
  const asked = { manifest: toPlanned(row).manifest, source: row.source, uploadedBy: row.uploaded_by };
  return (policy.preapproved ?? []).some((approval) => approves(approval, asked)) ? number : null;
}

async function readAsset(services: Services, path: string): Promise<Response | undefined> {
  // The host name is never looked up: the assets binding reads only the path.
  const response = await services.assets?.(new Request(`https://assets.invalid/catalog/${path}`));
  return response?.ok ? response : undefined;
}

async function readIndex(services: Services): Promise<readonly IndexEntry[]> {
  const response = await readAsset(services, "index.json");
  return response ? indexSchema.parse(await response.json()).plugins : [];
}

async function readArchive(services: Services, entry: IndexEntry): Promise<Uint8Array> {
  const response = await readAsset(services, entry.file);
  if (!response) throw new HostError("NOT_FOUND", `The catalogue lists ${entry.id}, but ${entry.file} is missing.`);
  const archive = new Uint8Array(await response.arrayBuffer());
  if ((await sha256(archive)) !== entry.sha256) {
    throw new HostError("BUNDLE_INVALID", `${entry.file} is not the file the catalogue lists: its sha256 differs.`);
  }
  return archive;
}
