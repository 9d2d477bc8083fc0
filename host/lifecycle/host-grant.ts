/** Which hosts does a person grant? Those of the manifest, fewer, or one that a declared setting names. Never more. */
import type { PluginManifest } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import { checkAddress } from "../network/address.ts";
import { matchesHost, normalizeHost } from "../network/host-pattern.ts";

/** The granted hosts. Throws GRANTS_INVALID for one the manifest does not cover. */
export function toHostGrant(manifest: PluginManifest, wanted: readonly string[] | undefined): readonly string[] {
  const { allowedHosts } = manifest;
  if (wanted === undefined) return allowedHosts;
  // A plugin that may take a host from a setting can be granted any public one, by name: the person types it here.
  const mayTakeFromSettings = (manifest.bulkhead.network?.hostsFromSettings?.length ?? 0) > 0;
  return wanted.map((host) => {
    const name = normalizeHost(host);
    const covered = allowedHosts.some(
      (pattern) => pattern === name || (!name.startsWith("*.") && matchesHost(pattern, name)),
    );
    if (covered || (mayTakeFromSettings && isPublicName(name))) return name;
    throw new HostError(
      "GRANTS_INVALID",
      `Cannot grant the host "${host.slice(0, 80)}": ${manifest.id} asks for ${allowedHosts.join(", ") || "no hosts"}.`,
    );
  });
}

/** One name of the public internet: no pattern, and nothing around it. */
function isPublicName(name: string): boolean {
  const address = checkAddress(`https://${name}/`);
  return address.ok && address.value.hostname === name && !name.includes("*");
}
