/** The rows a lifecycle verb decides on, parsed; and the refusals every verb shares. */
import { parseManifest, requestedTargets } from "@bulkhead/sdk";
import type { PluginExports } from "../bundle/exports.ts";
import { HostError } from "../errors.ts";
import type { ScanFinding } from "../bundle/scan/finding.ts";
import { readKeys } from "../publishers/keys.ts";
import { toSignature } from "../registry/active-plugin.ts";
import { getPin } from "../store/d1/publishers.ts";
import { readPolicy } from "../policy/in-force.ts";
import { canAct, isReached, type PluginAct } from "../plugin/states.ts";
import type { Services } from "../services.ts";
import { getPlugin, getVersion, type PluginRow, type VersionRow } from "../store/d1/plugins.ts";
import { fail, ok, type Result } from "../result.ts";
import type { MigrationFile } from "../sql/migration-files.ts";
import { planMigrations, readApplied } from "./migrations.ts";
import { findTakenPaths } from "./path-holders.ts";
import { planVersion, type InstalledVersion, type Plan, type PlannedVersion } from "./plan.ts";

/** The plugin, where the act is possible in its state or has been done. Throws NOT_FOUND or CONFLICT. */
export async function findPlugin(db: D1Database, id: string, act: PluginAct): Promise<PluginRow> {
  const plugin = await getPlugin(db, id);
  if (!plugin || plugin.state === "uninstalled") {
    throw new HostError("NOT_FOUND", `There is no plugin "${id.slice(0, 64)}". Upload its bundle first.`);
  }
  if (!canAct(act, plugin.state) && !isReached(act, plugin.state)) {
    throw new HostError("CONFLICT", `Cannot ${act} ${id}: it is ${plugin.state}.`);
  }
  return plugin;
}

/** A version of a plugin. Throws NOT_FOUND. */
export async function findVersion(db: D1Database, id: string, version: string): Promise<VersionRow> {
  const row = await getVersion(db, id, version);
  if (!row) throw new HostError("NOT_FOUND", `${id} has no version ${version.slice(0, 64)}.`);
  return row;
}

/** A stored version as planning sees it. */
export function toPlanned(row: VersionRow): PlannedVersion {
  const parsed = parseManifest(JSON.parse(row.manifest));
  if (!parsed.ok) {
    throw new HostError(
      "MANIFEST_INVALID",
      `This host no longer accepts the manifest of ${row.plugin_id} ${row.version}.`,
      parsed.issues,
    );
  }
  const { unusedKeys, ...exports } = JSON.parse(row.exports) as PluginExports & { unusedKeys: readonly string[] };
  const migrations = JSON.parse(row.migrations) as readonly MigrationFile[];
  return {
    manifest: parsed.manifest,
    exports,
    digest: row.digest,
    bytes: row.bytes,
    unusedKeys,
    migrations,
    signature: toSignature(row),
    scan: row.scan === null ? null : (JSON.parse(row.scan) as readonly ScanFinding[]),
  };
}

/** The plan for a version over what is live now, under the policy in force and beside the other plugins. */
export async function planFor(
  { db, offer }: Pick<Services, "db" | "offer">,
  plugin: PluginRow | null,
  next: PlannedVersion,
): Promise<Plan> {
  const live = plugin?.live_version ?? null;
  const { manifest } = next;
  const [row, tables, { policy }, taken, keys, pin] = await Promise.all([
    plugin && live !== null ? getVersion(db, plugin.id, live) : null,
    planTables(db, next),
    readPolicy(db),
    findTakenPaths(db, manifest.id, requestedTargets(manifest, "page:paths") ?? []),
    readKeys(db),
    getPin(db, manifest.id),
  ]);
  const installed: InstalledVersion | undefined = row ? toPlanned(row) : undefined;
  return planVersion(next, installed, { tables, policy, offer, taken, keys, pin });
}

/** Its own tables, or why its migrations cannot run any more; the plan is shown all the same. */
async function planTables(db: D1Database, next: PlannedVersion): Promise<Result<readonly string[], string>> {
  if (next.migrations.length === 0) return ok([]);
  const { id } = next.manifest;
  try {
    const { tables } = await planMigrations(id, next.migrations, await readApplied(db, id));
    return ok(tables.map(({ name }) => name));
  } catch (error) {
    if (error instanceof HostError) return fail(error.message);
    throw error;
  }
}
