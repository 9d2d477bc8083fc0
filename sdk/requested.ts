/**
 * Which powers does a manifest ask for, and narrowed to what? What it lists, and what follows from what it declares; a
 * manifest says each thing once. Pure.
 */
import { describeCapability, type Capability } from "./capabilities.ts";
import type { ManifestAdditions } from "./manifest-schema.ts";
import type { PluginManifest } from "./manifest.ts";

/** The powers that follow from declarations under `bulkhead`. */
export function toDeclaredCapabilities({ database, page }: ManifestAdditions): readonly Capability[] {
  const isListed = (names: readonly string[] | undefined): boolean => (names?.length ?? 0) > 0;
  return [
    ...(database ? (["database:own"] as const) : []),
    ...(isListed(database?.read) ? (["database:read"] as const) : []),
    ...(database?.drafts === true ? (["database:drafts"] as const) : []),
    ...(isListed(database?.write) ? (["database:write"] as const) : []),
    ...(isListed(page?.slots) ? (["page:slots"] as const) : []),
    ...(isListed(page?.paths) ? (["page:paths"] as const) : []),
  ];
}

/** What a power is asked for: the names of its kind of target, or null for all of them and where there is no choice. */
export function requestedTargets(manifest: PluginManifest, capability: Capability): readonly string[] | null {
  const { database, page } = manifest.bulkhead;
  switch (capability) {
    case "network:request":
      return manifest.allowedHosts;
    case "database:read":
      return database?.read ?? [];
    case "database:write":
      return database?.write ?? [];
    case "page:slots":
      return page?.slots ?? [];
    case "page:paths":
      return page?.paths ?? [];
    default:
      return null;
  }
}

/** Whether a list of targets must stand in every grant of the power: without one it covers nothing. */
export function needsTargets(capability: Capability): boolean {
  const { targets } = describeCapability(capability);
  return targets !== undefined && targets !== "collections";
}
