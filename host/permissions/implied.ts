/**
 * Does a set of denials hold together? A power that comes with another cannot be denied alone: whoever may change content
 * sees what it changes. Pure.
 */
import { describeCapability, type Capability } from "@bulkhead/sdk";
import { fail, ok, type Result } from "../result.ts";

/** Why a denial would be an empty word. */
export interface HollowDenial {
  readonly denied: Capability;
  /** The allowed power that brings it along. */
  readonly by: Capability;
}

/** Whether every denied power stays denied. SECURITY. (tests/host/attacks.test.ts, "a denial that another power undoes") */
export function checkDenials(
  grants: readonly { readonly capability: Capability; readonly allowed: boolean }[],
): Result<undefined, HollowDenial> {
  for (const { capability: by, allowed } of grants) {
    if (!allowed) continue;
    const denied = describeCapability(by).implies.find((implied) =>
      grants.some((grant) => grant.capability === implied && !grant.allowed),
    );
    if (denied) return fail({ denied, by });
  }
  return ok(undefined);
}

/** The refusal in words. */
export function describeHollowDenial({ denied, by }: HollowDenial): string {
  return `Cannot deny ${denied} while ${by} is allowed: it comes with it. Deny ${by} too.`;
}
