/**
 * What could be taken away from a plugin without it missing anything? Pure: grants against what was used of them. A
 * suggestion is only made once a decision has been in force for as long as it looks back.
 */
import { describeCapability, describeHook, isHookName, type Capability, type TargetKind } from "@bulkhead/sdk";
import type { Grant, GrantMode } from "../permissions/grant.ts";
import type { UsageSum } from "../store/d1/usage.ts";
import { OTHER_TARGETS } from "./target-names.ts";

/** A change of grants that would do no harm, as `PUT /grants` takes it. */
export interface Suggestion {
  readonly code: "unused" | "narrow" | "enforce";
  readonly capability: Capability;
  readonly message: string;
  readonly change: {
    readonly capability: Capability;
    readonly allowed: boolean;
    readonly mode?: GrantMode;
  } & { readonly [Kind in TargetKind]?: readonly string[] };
}

/** Days that uses are looked back for. */
export const USED_DAYS = 30;
/** Days without a report after which a trial is over. */
export const REPORTED_DAYS = 14;

/** What suggestions are made of. */
export interface Evidence {
  readonly grants: readonly Grant[];
  /** Of the last `USED_DAYS`. */
  readonly uses: readonly UsageSum[];
  /** Hooks the plugin exports: they need powers that no call shows. */
  readonly hooks: readonly string[];
}

/** The suggestions, in the grants' order; at most one for each. */
export function suggest({ grants, uses, hooks }: Evidence, now: Date): readonly Suggestion[] {
  const daysAgo = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString();
  const needed = new Set(
    hooks.filter(isHookName).flatMap((name) => [describeHook(name).capability, describeHook(name).observeWith]),
  );
  return grants.flatMap((grant) => {
    const { capability, mode, paused, until, grantedAt } = grant;
    const own = uses.filter((use) => use.capability === capability);
    if (paused || (until !== null && until <= now.toISOString())) return [];
    if (mode === "report") return grantedAt <= daysAgo(REPORTED_DAYS) ? suggestEnforcing(grant, own) : [];
    if (!grant.allowed || grantedAt > daysAgo(USED_DAYS)) return [];
    // What comes with another power goes with it.
    if (grants.some((other) => other.allowed && describeCapability(other.capability).implies.includes(capability)))
      return [];
    if (own.some((use) => use.calls > 0)) return suggestNarrowing(grant, own);
    return needed.has(capability) ? [] : [suggestDenying(grant)];
  });
}

function suggestDenying({ capability }: Grant): Suggestion {
  const message = `${capability} was not used in ${USED_DAYS} days: deny it.`;
  return { code: "unused", capability, message, change: { capability, allowed: false } };
}

function suggestEnforcing({ capability, allowed }: Grant, own: readonly UsageSum[]): readonly Suggestion[] {
  if (own.some((use) => use.reported_lately > 0)) return [];
  const message = `In report mode nothing was reported of ${capability} for ${REPORTED_DAYS} days: enforce it.`;
  return [{ code: "enforce", capability, message, change: { capability, allowed, mode: "enforce" } }];
}

function suggestNarrowing({ capability, targets }: Grant, own: readonly UsageSum[]): readonly Suggestion[] {
  const kind = describeCapability(capability).targets;
  if (kind === undefined) return [];
  const used = own
    .filter((use) => use.calls > 0 && use.target !== "")
    .map((use) => use.target)
    .toSorted();
  // Names that were not kept apart may be any; one that is not granted any more is no reason to keep it.
  if (used.includes(OTHER_TARGETS)) return [];
  const kept = targets === null ? used : used.filter((name) => targets.includes(name));
  if (kept.length === 0 || kept.length === targets?.length) return [];
  const message = `Of its ${kind} only ${kept.join(", ")} ${kept.length === 1 ? "was" : "were"} used in ${USED_DAYS} days: narrow ${capability} to ${kept.length === 1 ? "it" : "them"}.`;
  return [{ code: "narrow", capability, message, change: { capability, allowed: true, [kind]: kept } }];
}
