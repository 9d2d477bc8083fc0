/**
 * What does a person grant a power for? What the manifest asks it for, or less; a host besides that a declared setting
 * names. Never more.
 */
import {
  coversHostPattern,
  describeCapability,
  parseHostPattern,
  requestedTargets,
  toHostPatternText,
  type Capability,
  type HostPattern,
  type PluginManifest,
  type TargetKind,
} from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import { checkAddress } from "../network/address.ts";
import type { Grant } from "../permissions/grant.ts";

/** Wanted targets by kind; a kind that is left out is not decided about. */
export type WantedTargets = { readonly [Kind in TargetKind]?: readonly string[] | undefined };

const COLLECTION = /^[a-z][a-z0-9_]{0,62}$/;

/** The granted targets; `wanted` undefined gives what is asked for. Throws GRANTS_INVALID for one the manifest does not cover. */
export function toGrantTargets(
  manifest: PluginManifest,
  capability: Capability,
  wanted: readonly string[] | undefined,
): readonly string[] | null {
  const requested = requestedTargets(manifest, capability);
  const kind = describeCapability(capability).targets;
  if (wanted === undefined || kind === undefined) return requested;
  if (kind === "hosts") return toHosts(manifest, wanted);
  const names = [...new Set(wanted)];
  if (requested !== null) return names.filter((name) => requested.includes(name));
  const wrong = names.find((name) => !COLLECTION.test(name));
  if (wrong !== undefined) {
    throw new HostError("GRANTS_INVALID", `"${wrong.slice(0, 80)}" is not the name of a collection, such as posts.`);
  }
  return names;
}

/** Throws GRANTS_INVALID for a name that none of the powers of its kind is asked for. */
export function assertRequested(manifest: PluginManifest, wanted: WantedTargets): void {
  for (const [kind, names] of Object.entries(wanted))
    if (names !== undefined) assertKindRequested(manifest, kind as TargetKind, names);
}

function assertKindRequested(manifest: PluginManifest, kind: TargetKind, wanted: readonly string[]): void {
  const powers = manifest.capabilities.filter((name) => kindOf(name) === kind);
  if (powers.length === 0)
    throw new HostError("GRANTS_INVALID", `Cannot grant ${kind} to ${manifest.id}: it does not ask for any.`);
  if (kind === "hosts" || kind === "collections") return;
  const asked = new Set(powers.flatMap((name) => requestedTargets(manifest, name) ?? []));
  const wrong = wanted.find((name) => !asked.has(name));
  if (wrong !== undefined) {
    throw new HostError(
      "GRANTS_INVALID",
      `Cannot grant "${wrong.slice(0, 80)}": ${manifest.id} asks for ${[...asked].join(", ") || `no ${kind}`}.`,
    );
  }
}

function kindOf(capability: Capability) {
  return describeCapability(capability).targets;
}

/** A host that is granted and that the manifest does not name itself, if there is one: a setting is to name it. */
export function findUnnamedHost(
  manifest: PluginManifest,
  grants: readonly Pick<Grant, "capability" | "targets">[],
): string | undefined {
  const hosts = grants.flatMap(({ capability, targets }) => (kindOf(capability) === "hosts" ? (targets ?? []) : []));
  return hosts.find((host) => !isAskedFor(manifest, parseHostPattern(host)!));
}

function isAskedFor({ allowedHosts }: PluginManifest, wanted: HostPattern): boolean {
  return allowedHosts.some((asked) => coversHostPattern(parseHostPattern(asked)!, wanted));
}

function toHosts(manifest: PluginManifest, wanted: readonly string[]): readonly string[] {
  // A plugin that may take a host from a setting can be granted any public one, by name: the person types it here.
  const mayTakeFromSettings = (manifest.bulkhead.network?.hostsFromSettings?.length ?? 0) > 0;
  return wanted.map((host) => {
    const pattern = parseHostPattern(host);
    if (pattern && (isAskedFor(manifest, pattern) || (mayTakeFromSettings && isPublicName(pattern)))) {
      return toHostPatternText(pattern);
    }
    throw new HostError(
      "GRANTS_INVALID",
      `Cannot grant the host "${host.slice(0, 80)}": ${manifest.id} asks for ${manifest.allowedHosts.join(", ") || "no hosts"}.`,
    );
  });
}

/** One name of the public internet, at whatever port. */
function isPublicName({ isWildcard, name }: HostPattern): boolean {
  return !isWildcard && checkAddress(`https://${name}/`, []).ok;
}
