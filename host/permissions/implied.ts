/**
 * Do these decisions hold together? A power that comes with another cannot be taken away, narrowed, paused or ended alone:
 * whoever may change content sees what it changes. Pure.
 */
import { describeCapability, type Capability } from "@bulkhead/sdk";
import { fail, ok, type Result } from "../result.ts";
import type { Grant } from "./grant.ts";

/** Why a decision would be an empty word. */
export interface HollowDecision {
  readonly capability: Capability;
  /** The allowed power that brings it along. */
  readonly by: Capability;
  readonly act: "deny" | "pause" | "end" | "narrow";
}

type Decided = Pick<Grant, "capability" | "allowed" | "paused" | "until" | "targets">;

/** Whether every power stays as far as it was decided. SECURITY. (tests/host/attacks.test.ts, "a denial that another power undoes") */
export function checkDecisions(grants: readonly Decided[]): Result<undefined, HollowDecision> {
  for (const by of grants) {
    if (!by.allowed || by.paused) continue;
    for (const name of describeCapability(by.capability).implies) {
      const implied = grants.find((grant) => grant.capability === name);
      const act = implied && findHollow(by, implied);
      if (act) return fail({ capability: name, by: by.capability, act });
    }
  }
  return ok(undefined);
}

function findHollow(by: Decided, implied: Decided): HollowDecision["act"] | undefined {
  if (!implied.allowed) return "deny";
  if (implied.paused) return "pause";
  if (implied.until !== null && (by.until === null || implied.until < by.until)) return "end";
  const isSameKind = describeCapability(by.capability).targets === describeCapability(implied.capability).targets;
  if (!isSameKind || implied.targets === null) return undefined;
  const { targets } = implied;
  return by.targets !== null && by.targets.every((name) => targets.includes(name)) ? undefined : "narrow";
}

/** The refusal in words. */
export function describeHollow({ capability, by, act }: HollowDecision): string {
  return `Cannot ${act} ${capability} while ${by} is allowed: it comes with it. ${act[0]!.toUpperCase()}${act.slice(1)} ${by} too.`;
}
