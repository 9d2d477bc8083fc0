/**
 * What bounds every plugin, whatever it was granted? The policy and the switches that are thrown, as plain data. They only
 * ever take away: nothing here gives a power. Pure.
 */
import { describeCapability, type Capability, type PluginManifest } from "@bulkhead/sdk";
import type { BundleSignature } from "../bundle/signature.ts";
import { isRegisteredName, NO_KEYS, type PublisherKeys } from "../publishers/keys.ts";
import { findSigner } from "../publishers/signer.ts";
import { checkPolicy, describeRefusal, type Origin, type PolicyRefusal } from "./check.ts";
import { CLOSED_POLICY, OPEN_POLICY, type Policy } from "./document.ts";
import { coversHost } from "./host-name.ts";
import { deniesCapability } from "./rules.ts";
import { toScopeText, type Switch } from "./scope.ts";

/** The bounds of one moment. */
export interface Bounds {
  readonly policy: Policy;
  readonly switches: readonly Switch[];
  /** What a signature proves, it proves by these. */
  readonly keys: PublisherKeys;
}

/** A version as far as its origin is concerned. */
export interface Originated {
  readonly manifest: PluginManifest;
  readonly signature: BundleSignature | null;
}

/** Neither a policy nor a switch. */
export const UNBOUNDED: Bounds = { policy: OPEN_POLICY, switches: [], keys: NO_KEYS };
/** What holds while nobody can tell: nothing of a plugin runs. */
export const HELD: Bounds = { policy: CLOSED_POLICY, switches: [{ scope: { kind: "all" }, at: null }], keys: NO_KEYS };

/** A use that the bounds refuse. */
export type BoundDenial =
  | {
      readonly kind: "policy";
      readonly capability: Capability;
      readonly refusal: PolicyRefusal;
    }
  | { readonly kind: "switch"; readonly capability: Capability; readonly scope: string; readonly target?: string };

/** What is about to be used; see `Use` in `permissions/check.ts`. */
interface BoundUse {
  readonly capability: Capability;
  readonly target?: string;
}

/** What refuses the use, or undefined. */
export function checkBounds({ policy, switches }: Bounds, { capability, target }: BoundUse): BoundDenial | undefined {
  const host = target !== undefined && sendsRequests(capability) ? target : undefined;
  for (const { scope } of switches) {
    const isOff =
      (scope.kind === "capability" && deniesCapability(scope.capability, capability)) ||
      (scope.kind === "host" && host !== undefined && coversHost(scope.host, host));
    if (isOff) {
      const named = scope.kind === "host" ? { target: host! } : {};
      return { kind: "switch", capability, scope: toScopeText(scope), ...named };
    }
  }
  const refusal =
    checkPolicy(policy, { of: "capability", name: capability }) ??
    (host === undefined ? undefined : checkPolicy(policy, { of: "host", name: host })) ??
    (target !== undefined && describeCapability(capability).targets === "tables"
      ? checkPolicy(policy, { of: "table", name: target })
      : undefined);
  return refusal && { kind: "policy", capability, refusal };
}

/** Whether a use of the power names a host. */
export function sendsRequests(capability: Capability): boolean {
  return capability === "network:request" || capability === "network:request:unrestricted";
}

/** Why nothing of a plugin runs. */
export type Hold =
  | { readonly by: "switch"; readonly reason: string }
  | { readonly by: "policy"; readonly reason: string; readonly refusal: PolicyRefusal };

/** Why nothing of the plugin may run now, or undefined. */
export function findHold({ policy, switches, keys }: Bounds, version: Originated): Hold | undefined {
  const { manifest } = version;
  const thrown = switches.find(
    ({ scope }) => scope.kind === "all" || (scope.kind === "plugin" && scope.id === manifest.id),
  );
  if (thrown) {
    const what = thrown.scope.kind === "all" ? "All plugins are" : `${manifest.id} is`;
    const since = thrown.at === null ? "" : ` since ${thrown.at}`;
    return { by: "switch", reason: `${what} switched off${since} by the kill switch.` };
  }
  const refusal = checkPolicy(policy, { of: "origin", origin: toOrigin(version, keys) });
  return refusal && { by: "policy", reason: describeRefusal(refusal), refusal };
}

/** Who stands behind a bundle, as far as the keys prove it. */
export function toOrigin({ manifest, signature }: Originated, keys: PublisherKeys): Origin {
  const signer = findSigner(signature, keys);
  const publisher = manifest.bulkhead.publisher ?? signature?.publisher;
  return {
    publisher,
    signedBy: signer.state === "registered" ? signer.publisher : undefined,
    isRevoked: signer.state === "revoked",
    // SECURITY: a name that somebody's keys prove is nobody else's to use. (tests/host/publishers.test.ts, "a registered name")
    isTaken: publisher !== undefined && isRegisteredName(keys, publisher),
  };
}

/** The refusal as the guest reads it. The wording up to the first period is EmDash's; plugins match on it. */
export function describeBound(denial: BoundDenial): string {
  if (denial.kind === "switch") {
    const what =
      denial.target === undefined
        ? `Missing capability: ${denial.capability}`
        : `Host not allowed: ${denial.target.slice(0, 253)}`;
    return `${what}. It is switched off for all plugins (${denial.scope}). Ask the administrator.`;
  }
  const { of, name, rule } = denial.refusal;
  const what =
    of === "host"
      ? `Host not allowed: ${name.slice(0, 253)}`
      : of === "table"
        ? `Table not allowed: ${name.slice(0, 128)}`
        : `Missing capability: ${denial.capability}`;
  return `${what}. The policy of this site refuses it (${rule}), whatever was granted. Ask the administrator.`;
}
