/**
 * Who holds an address of the site? One plugin at a time: no two that are installed, live or not, have a grant that could
 * answer the same path.
 */
import { parseManifest, requestedTargets, sitePathsCollide, type PluginManifest } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import type { Grant } from "../permissions/grant.ts";
import { listHeldGrants } from "../store/d1/grants.ts";

/** An address that another plugin holds. */
export interface TakenPath {
  readonly path: string;
  readonly plugin: string;
  /** What the other holds; another text where one of them is a pattern. */
  readonly as: string;
}

/** The addresses a grant gives, for as long as it stands: a pause or an end may be lifted. */
export function pathsOf(
  { allowed, mode, targets }: Pick<Grant, "allowed" | "mode" | "targets">,
  asked: readonly string[],
): readonly string[] {
  // SECURITY: what is tried out reaches as far as the manifest asks. (tests/host/page-paths.test.ts, "a trial holds all it asks for")
  if (mode === "report") return [...new Set([...(targets ?? []), ...asked])];
  return allowed ? (targets ?? []) : [];
}

/** Which of the paths another plugin than `id` holds. */
export async function findTakenPaths(
  db: D1Database,
  id: string,
  paths: readonly string[],
): Promise<readonly TakenPath[]> {
  if (paths.length === 0) return [];
  const held = await listHeldGrants(db, "page:paths");
  return held
    .filter(({ plugin }) => plugin !== id)
    .flatMap(({ plugin, manifest, grant }) => pathsOf(grant, toAsked(manifest)).map((as) => ({ plugin, as })))
    .flatMap(({ plugin, as }) =>
      paths.filter((path) => sitePathsCollide(path, as)).map((path) => ({ path, plugin, as })),
    );
}

/**
 * Throws CONFLICT where a plugin's grants would give it an address that another holds. SECURITY: asked within the act that
 * writes the grants, so that of two at once one is decided again. (tests/host/page-paths.test.ts, "two consents at once")
 */
export async function assertPathsFree(
  db: D1Database,
  manifest: PluginManifest,
  grants: readonly Grant[],
): Promise<void> {
  const grant = grants.find(({ capability }) => capability === "page:paths");
  if (!grant) return;
  const paths = pathsOf(grant, requestedTargets(manifest, "page:paths") ?? []);
  const [taken] = await findTakenPaths(db, manifest.id, paths);
  if (taken) throw new HostError("CONFLICT", `Cannot grant ${describeTaken(taken)}`);
}

/** The address and who holds it, with what can be done. */
export function describeTaken({ path, plugin, as }: TakenPath): string {
  const how = as === path ? "" : ` as ${as}`;
  return `${path}: ${plugin} holds it${how}, and an address has one plugin. Narrow or deny page:paths of either, or uninstall ${plugin}.`;
}

/** What a stored manifest asks for; one that no longer passes runs nowhere, so its grant says all. */
function toAsked(text: string): readonly string[] {
  const parsed = parseManifest(JSON.parse(text));
  return parsed.ok ? (requestedTargets(parsed.manifest, "page:paths") ?? []) : [];
}
