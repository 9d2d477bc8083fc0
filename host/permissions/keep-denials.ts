/**
 * Which grants does a version have again that was live before? Those it had, but for what a person has decided since: what
 * is denied, paused, narrowed or ended now stays so, where both versions ask for the power. Pure.
 */
import { coversHostPattern, describeCapability, parseHostPattern, type TargetKind } from "@bulkhead/sdk";
import type { Grant } from "./grant.ts";
import { coversTarget } from "./target.ts";

/** `held` are the version's own rows, `live` those of the version that is live now. */
export function keepDenials(held: readonly Grant[], live: readonly Grant[]): readonly Grant[] {
  return held.map((own) => {
    const now = live.find(({ capability }) => capability === own.capability);
    return now && now.grantedAt > own.grantedAt ? narrow(own, now) : own;
  });
}

/** What both rows give. */
function narrow(own: Grant, now: Grant): Grant {
  return {
    ...own,
    allowed: own.allowed && now.allowed,
    paused: own.paused || now.paused,
    mode: own.mode === "report" && now.mode === "report" ? "report" : "enforce",
    targets: meet(own, now),
    methods: own.methods === null ? now.methods : own.methods.filter((name) => now.methods?.includes(name) ?? true),
    until: own.until === null || (now.until !== null && now.until < own.until) ? now.until : own.until,
  };
}

/** Targets that both cover; null: all. Of two patterns that only overlap neither is left. */
function meet(own: Grant, now: Grant): readonly string[] | null {
  if (own.targets === null) return now.targets;
  if (now.targets === null) return own.targets;
  const kind = describeCapability(own.capability).targets;
  const covered = (names: readonly string[], by: readonly string[]): readonly string[] =>
    names.filter((name) => by.some((wider) => wider === name || (kind !== undefined && includes(kind, wider, name))));
  return [...new Set([...covered(own.targets, now.targets), ...covered(now.targets, own.targets)])];
}

/** Whether whatever the narrower name stands for the wider one does too. */
function includes(kind: TargetKind, wider: string, narrower: string): boolean {
  if (kind !== "hosts") return !narrower.includes("*") && coversTarget(kind, wider, narrower);
  const [wide, narrow] = [parseHostPattern(wider), parseHostPattern(narrower)];
  return wide !== undefined && narrow !== undefined && coversHostPattern(wide, narrow);
}
