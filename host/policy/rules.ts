/**
 * Does a rule of the policy refuse a name? One decision for all lists: deny wins over allow, an absent `allow` is
 * everything that is not denied, an empty one nothing. Pure.
 */
import { capabilityNames, withImplied, type Capability } from "@bulkhead/sdk";

/** A pair of lists. */
export interface Rules {
  readonly deny?: readonly string[] | undefined;
  readonly allow?: readonly string[] | undefined;
}

/** Which of the two lists refuses, and the entry of `deny` that does. */
export type RuleHit = { readonly list: "deny"; readonly entry: string } | { readonly list: "allow" };

/** What refuses the name; undefined where nothing does. SECURITY: deny is asked first. (tests/host/policy.test.ts, "deny wins") */
export function findRule(
  rules: Rules | undefined,
  covers: { readonly deny: (entry: string) => boolean; readonly allow: (entry: string) => boolean },
): RuleHit | undefined {
  const entry = rules?.deny?.find(covers.deny);
  if (entry !== undefined) return { list: "deny", entry };
  return rules?.allow === undefined || rules.allow.some(covers.allow) ? undefined : { list: "allow" };
}

/** Whether a pattern stands for a power: `content:*` for all that begin so, `*` for every one. */
export function coversCapability(pattern: string, name: Capability): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith(":*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/**
 * Whether a denied pattern takes a power: itself, or one it brings along. SECURITY: whoever may change content sees what
 * it changes, so a denied reading takes the writing with it. (tests/host/policy.test.ts, "a power that brings a denied one along")
 */
export function deniesCapability(pattern: string, name: Capability): boolean {
  return withImplied([name]).some((each) => coversCapability(pattern, each));
}

/** Whether an allowed pattern gives a power: by its name, or as one that comes with it. */
export function allowsCapability(pattern: string, name: Capability): boolean {
  return withImplied(capabilityNames().filter((each) => coversCapability(pattern, each))).includes(name);
}
