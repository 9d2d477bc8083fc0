/**
 * What of a plugin does a policy refuse? Each power with each of its targets, as they are asked for or granted; what a
 * policy takes of a pattern only in part is told apart. Pure.
 */
import { describeCapability, requestedTargets, type Capability, type PluginManifest } from "@bulkhead/sdk";
import { sendsRequests, toOrigin, type Bounds, type Originated } from "./bounds.ts";
import { checkPolicy, describeRefusal, type PolicyRefusal } from "./check.ts";
import type { Policy } from "./document.ts";
import { coversPart } from "./host-name.ts";

/** A power with what it is for; null: everything. */
export interface Power {
  readonly capability: Capability;
  readonly targets: readonly string[] | null;
}

/** One refusal, for people. */
export interface Refusal {
  readonly of: PolicyRefusal["of"];
  readonly rule: PolicyRefusal["rule"];
  readonly name: string;
  /** The power that is refused, or refused for this name. */
  readonly capability?: Capability;
  /** Only a part of what the name stands for: the rest may be granted, and the part is refused at each call. */
  readonly isPart: boolean;
  readonly message: string;
}

/** What the policy refuses of a version with these powers; the keys say who signed it. */
export function findRefusals(
  { policy, keys }: Pick<Bounds, "policy" | "keys">,
  version: Originated,
  powers: readonly Power[],
): readonly Refusal[] {
  const origin = checkPolicy(policy, { of: "origin", origin: toOrigin(version, keys) });
  return [...(origin ? [toRefusal(origin)] : []), ...findPowerRefusals(policy, powers)];
}

/** The same for the powers alone, whoever publishes the plugin. */
export function findPowerRefusals(policy: Policy, powers: readonly Power[]): readonly Refusal[] {
  return powers.flatMap((power) => findOfPower(policy, power));
}

/** The powers a manifest asks for. */
export function toRequestedPowers(manifest: PluginManifest): readonly Power[] {
  return manifest.capabilities.map((capability) => ({ capability, targets: requestedTargets(manifest, capability) }));
}

function findOfPower(policy: Policy, { capability, targets }: Power): readonly Refusal[] {
  const whole = checkPolicy(policy, { of: "capability", name: capability });
  if (whole) return [toRefusal(whole, capability)];
  const of = sendsRequests(capability)
    ? "host"
    : describeCapability(capability).targets === "tables"
      ? "table"
      : undefined;
  if (of === undefined) return [];
  // The power for any host names none; one for no hosts asks for none.
  const names = capability === "network:request:unrestricted" ? ["*"] : (targets ?? []);
  return names.flatMap((name) => {
    const refusal = checkPolicy(policy, { of, name });
    if (refusal) return [addRest(policy, toRefusal(refusal, capability))];
    return of === "host" ? findParts(policy, capability, name) : [];
  });
}

/** A pattern wider than what is allowed is refused whole, yet calls to what is allowed of it go on. */
function addRest(policy: Policy, refusal: Refusal): Refusal {
  if (refusal.rule !== "hosts.allow") return refusal;
  const rest = (policy.hosts?.allow ?? []).filter((entry) => refusal.name === "*" || coversPart(entry, refusal.name));
  const names = rest.slice(0, 10).join(", ");
  return rest.length === 0 ? refusal : { ...refusal, message: `${refusal.message} Calls to ${names} go on.` };
}

function findParts(policy: Policy, capability: Capability, name: string): readonly Refusal[] {
  const denied = (policy.hosts?.deny ?? []).filter((entry) => name === "*" || coversPart(entry, name));
  return denied.map((entry) => ({
    of: "host",
    rule: "hosts.deny",
    name,
    capability,
    isPart: true,
    message: `Of requests to ${name === "*" ? "any host" : name} the policy refuses those to ${entry} (hosts.deny).`,
  }));
}

function toRefusal(refusal: PolicyRefusal, capability?: Capability): Refusal {
  const { of, rule, name } = refusal;
  return { of, rule, name, ...(capability ? { capability } : {}), isPart: false, message: describeRefusal(refusal) };
}
