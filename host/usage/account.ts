/**
 * What did plugins use of their powers during one host request? Added up in memory by plugin, power and target, so that a
 * request writes each of them once. What a plugin tries without a grant is counted under its power alone: the names it
 * tries are its own choice, and there is no end to them. Of those it may use, as many are kept apart as the isolate names.
 */

/** How often one power was used on one target. */
export interface Usage {
  readonly plugin: string;
  /** A capability, or the family of a method that needs none. */
  readonly capability: string;
  /** As the grant names it; empty where there is none. */
  readonly target: string;
  readonly calls: number;
  readonly denied: number;
  /** Done although the grant does not give it, because the grant is being tried out. */
  readonly reported: number;
}

/** One use to be counted. */
export interface Used {
  readonly plugin: string;
  readonly capability: string;
  readonly target?: string | undefined;
  readonly as: "calls" | "denied" | "reported";
}

/** An account of one request. */
export interface Account {
  add(used: Used): void;
  /** What was counted since the last call. */
  take(): readonly Usage[];
}

/** The name under which a target of a plugin's power is counted. */
type NameTarget = (plugin: string, capability: string, target: string) => string;

/** An empty account. */
export function createAccount(nameTarget: NameTarget): Account {
  let powers = new Map<string, Map<string, Usage>>();
  return {
    add({ plugin, capability, target = "", as }) {
      const power = `${plugin} ${capability}`;
      const targets = powers.get(power) ?? new Map<string, Usage>();
      powers.set(power, targets);
      const name = target === "" ? target : nameTarget(plugin, capability, target);
      const known = targets.get(name) ?? { plugin, capability, target: name, calls: 0, denied: 0, reported: 0 };
      targets.set(name, { ...known, [as]: known[as] + 1 });
    },
    take() {
      const taken = [...powers.values()].flatMap((targets) => [...targets.values()]);
      powers = new Map();
      return taken;
    },
  };
}
