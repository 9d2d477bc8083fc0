/**
 * May this plugin use this capability now, for this host? The one decision every bridge call passes; pure, so that what
 * a reviewer reads here is all there is.
 */
import type { Capability } from "@bulkhead/sdk";
import { matchesHost } from "../network/host-pattern.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Grant } from "./grant.ts";

/** Why a call is refused. */
export type Denial =
  | {
      readonly kind: "capability";
      readonly capability: Capability;
      readonly why: "not-requested" | "denied" | "expired";
    }
  | { readonly kind: "host"; readonly host: string; readonly granted: readonly string[] };

/** Whether the capability is granted. SECURITY: anything but a present, allowed, unexpired row denies. (tests/host/grants.test.ts, "a guarded method") */
export function checkCapability(grants: readonly Grant[], capability: Capability, now: Date): Result<Grant, Denial> {
  const grant = grants.find((candidate) => candidate.capability === capability);
  if (!grant) return fail({ kind: "capability", capability, why: "not-requested" });
  if (!grant.allowed) return fail({ kind: "capability", capability, why: "denied" });
  if (grant.until !== null && grant.until <= now.toISOString()) {
    return fail({ kind: "capability", capability, why: "expired" });
  }
  return ok(grant);
}

/** Whether requests to the host are granted. */
export function checkHost(grants: readonly Grant[], host: string, now: Date): Result<Grant, Denial> {
  const anywhere = checkCapability(grants, "network:request:unrestricted", now);
  if (anywhere.ok) return anywhere;
  const grant = checkCapability(grants, "network:request", now);
  if (!grant.ok) return grant;
  const hosts = grant.value.hosts ?? [];
  return hosts.some((pattern) => matchesHost(pattern, host)) ? grant : fail({ kind: "host", host, granted: hosts });
}

/** The denial as the guest and the log read it. The wording up to the first period is EmDash's; plugins match on it. */
export function describeDenial(denial: Denial): string {
  if (denial.kind === "host") {
    const granted = denial.granted.length > 0 ? denial.granted.join(", ") : "none";
    return `Host not allowed: ${denial.host}. Granted: ${granted}. Add it to "allowedHosts" in the manifest, or ask the administrator to grant it.`;
  }
  const fix = {
    "not-requested": `Add "${denial.capability}" to "capabilities" in the manifest.`,
    denied: "The administrator did not grant it.",
    expired: "The grant has expired.",
  }[denial.why];
  return `Missing capability: ${denial.capability}. ${fix}`;
}
