/** What is installed, as a policy judges it? The live version of every plugin with its grants, and what waits for consent. */
import type { PluginExports } from "../bundle/exports.ts";
import { toPlanned } from "../lifecycle/find.ts";
import type { PlannedVersion } from "../lifecycle/plan.ts";
import { listGrants } from "../store/d1/grants.ts";
import { getVersion, listPlugins, type VersionRow } from "../store/d1/plugins.ts";
import type { BudgetKind } from "./ceilings.ts";
import type { InstalledPlugin } from "./effects.ts";

/** Reads it. A version whose manifest this host no longer accepts does not run, so no policy changes anything for it. */
export async function readInstalled(db: D1Database): Promise<readonly InstalledPlugin[]> {
  const plugins = await listPlugins(db);
  const found = await Promise.all(
    plugins.flatMap(({ id, live_version: live, staged_version: staged }) => [
      live === null ? undefined : readOne(db, id, live, "live"),
      staged === null ? undefined : readOne(db, id, staged, "staged"),
    ]),
  );
  return found.filter((each) => each !== undefined);
}

async function readOne(
  db: D1Database,
  id: string,
  version: string,
  stands: InstalledPlugin["stands"],
): Promise<InstalledPlugin | undefined> {
  const row = await getVersion(db, id, version);
  const planned = row ? readPlanned(row) : undefined;
  if (!planned) return undefined;
  const grants = stands === "live" ? await listGrants(db, id, version) : [];
  return {
    manifest: planned.manifest,
    signature: planned.signature,
    stands,
    grants,
    enters: toEntries(planned.exports),
  };
}

function readPlanned(row: VersionRow): PlannedVersion | undefined {
  try {
    return toPlanned(row);
  } catch {
    return undefined;
  }
}

function toEntries({ routes, hooks }: PluginExports): readonly BudgetKind[] {
  const has = (pattern: RegExp): boolean => hooks.some(({ name }) => pattern.test(name));
  return [
    ...(routes.length > 0 ? (["route"] as const) : []),
    ...(has(/^(?!page:|cron$|plugin:)/) ? (["hook"] as const) : []),
    ...(has(/^page:/) ? (["page"] as const) : []),
    ...(has(/^cron$/) ? (["schedule"] as const) : []),
  ];
}
