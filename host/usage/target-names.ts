/**
 * Which targets of a plugin's power are accounted for by name? The first hundred of each clock hour; a plugin may invent
 * collections and hosts without end, and the rest is one name.
 */

/** Names of one power of one plugin that an isolate keeps apart in an hour. */
export const TARGETS_PER_HOUR = 100;
/** What the others are counted under. */
export const OTHER_TARGETS = "…";

/** The name a target is counted under. */
export type NameTarget = (plugin: string, capability: string, target: string, hour: string) => string;

/** SECURITY: rows of the accounts are bounded whatever a plugin calls. (tests/host/usage-limits.test.ts, "invents ten thousand names") */
export function createTargetNames(): NameTarget {
  let known = new Map<string, Set<string>>();
  let knownHour = "";
  return (plugin, capability, target, hour) => {
    if (hour !== knownHour) [known, knownHour] = [new Map(), hour];
    const power = `${plugin} ${capability}`;
    const names = known.get(power) ?? new Set<string>();
    known.set(power, names);
    if (!names.has(target) && names.size >= TARGETS_PER_HOUR) return OTHER_TARGETS;
    names.add(target);
    return target;
  };
}
