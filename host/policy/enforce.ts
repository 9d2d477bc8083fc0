/** May this be done under the policy and the switches? What lifecycle acts assert; a refusal is a HostError that says which rule. */
import type { PluginManifest } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Grant } from "../permissions/grant.ts";
import type { Services } from "../services.ts";
import { findHold, type Originated } from "./bounds.ts";
import { findConsentRight, type Consentable } from "./consent-right.ts";
import type { Policy } from "./document.ts";
import { readBounds } from "./in-force.ts";
import type { Power, Refusal } from "./refusals.ts";

/** Throws CONFLICT where plugins or this one are switched off, and POLICY_DENIED where its origin is refused. */
export async function assertMayRun(services: Services, version: Originated): Promise<void> {
  if (services.pluginsOff)
    throw new HostError("CONFLICT", "Plugins are switched off: PLUGINS_OFF=1. Remove the variable first.");
  const hold = findHold(await readBounds(services), version);
  if (hold?.by === "switch") throw new HostError("CONFLICT", `${hold.reason} Take the switch back first.`);
  if (!hold) return;
  const { rule, of } = hold.refusal;
  throw new HostError(
    "POLICY_DENIED",
    `${version.manifest.id} ${version.manifest.version}: ${hold.reason} Ask an administrator to change the policy.`,
    [{ path: rule, code: of, message: hold.reason }],
  );
}

/** Throws POLICY_DENIED where something is refused whole. What is refused in part is refused at each call. */
export function assertNotRefused(manifest: PluginManifest, found: readonly Refusal[]): void {
  const refusals = found.filter(({ isPart }) => !isPart);
  const [first] = refusals;
  if (!first) return;
  const rest = refusals.length > 1 ? ` (and ${refusals.length - 1} more)` : "";
  const isWhole = first.of === "publisher" || first.of === "signature";
  const fix = isWhole
    ? "Ask an administrator to change the policy."
    : "Deny or narrow it, or ask an administrator to change the policy.";
  throw new HostError(
    "POLICY_DENIED",
    `${manifest.id} ${manifest.version}: ${first.message}${rest} ${fix}`,
    refusals.slice(0, 50).map(({ rule, of, message }) => ({ path: rule, code: of, message })),
  );
}

/** The powers that rows give now. A row that denies or rests gives nothing, whatever its mode. */
export function toGivenPowers(
  grants: readonly Pick<Grant, "capability" | "targets" | "allowed" | "paused">[],
): readonly Power[] {
  return grants.filter(({ allowed, paused }) => allowed && !paused);
}

/** Whether the consent rests on an approval in advance. Throws FORBIDDEN for who has no such right, and POLICY_DENIED for who uploaded it. */
export function assertMayConsent(policy: Policy, by: Actor, version: Consentable): "reviewer" | "preapproved" {
  const right = findConsentRight(policy, by, version);
  if (right.kind !== "refused") return right.kind;
  const { id, version: number } = version.manifest;
  if (right.why === "same-person") {
    throw new HostError(
      "POLICY_DENIED",
      `You uploaded ${id} ${number}, and the policy asks for two people (separateConsent). Ask another reviewer to consent.`,
    );
  }
  throw new HostError(
    "FORBIDDEN",
    `This needs the role admin or reviewer; ${by.name} has ${"role" in by ? by.role : "none"}, and the policy does not approve ${id} ${number} in advance.`,
  );
}
