/**
 * What would a policy refuse among the installed plugins? Each power, host, table and budget in a sentence, for whoever is
 * about to write it. Pure; nothing is changed by asking.
 */
import { BUDGETS, BUDGET_CEILINGS, type Allowance, type Plan } from "../invoke/budgets.ts";
import type { Grant } from "../permissions/grant.ts";
import type { PublisherKeys } from "../publishers/keys.ts";
import type { Originated } from "./bounds.ts";
import { BUDGET_KINDS, ceilingsOf, type BudgetKind } from "./ceilings.ts";
import type { Policy } from "./document.ts";
import { findRefusals, toRequestedPowers } from "./refusals.ts";

/** A version on this installation: what is live, or what waits for consent. */
export interface InstalledPlugin extends Originated {
  readonly stands: "live" | "staged";
  /** What it was granted; a version that waits has none, and is judged by what it asks for. */
  readonly grants: readonly Grant[];
  /** The kinds of entry it has. */
  readonly enters: readonly BudgetKind[];
}

/** One consequence of a policy. */
export interface PolicyEffect {
  readonly plugin: string;
  readonly version: string;
  readonly stands: "live" | "staged";
  readonly of: "signature" | "publisher" | "capability" | "host" | "table" | "budget";
  readonly name: string;
  readonly rule: string;
  readonly message: string;
  /** Whether the policy in force has the same consequence already. */
  readonly already: boolean;
}

/** On what the answer rests besides. */
export interface EffectContext {
  readonly plan: Plan;
  readonly keys: PublisherKeys;
}

/** What the policy would refuse of what is installed; `current` is the one in force. */
export function findEffects(
  policy: Policy,
  current: Policy,
  installed: readonly InstalledPlugin[],
  context: EffectContext,
): readonly PolicyEffect[] {
  return installed.flatMap((plugin) => {
    const known = new Set(judge(current, plugin, context).map(keyOf));
    return judge(policy, plugin, context).map((effect) => ({ ...effect, already: known.has(keyOf(effect)) }));
  });
}

type Judged = Omit<PolicyEffect, "already">;

function keyOf({ of, name, message }: Judged): string {
  return JSON.stringify([of, name, message]);
}

function judge(policy: Policy, plugin: InstalledPlugin, { plan, keys }: EffectContext): readonly Judged[] {
  const { manifest, stands } = plugin;
  const { id, version } = manifest;
  const then = stands === "live" ? "would refuse it from the next call on" : "could not be consented to as it asks";
  const powers =
    stands === "live"
      ? plugin.grants.filter(({ allowed, mode }) => allowed || mode === "report")
      : toRequestedPowers(manifest);
  const refused = findRefusals({ policy, keys }, plugin, powers).map(
    ({ of, name, rule, capability, message }): Judged => {
      const isWhole = of === "publisher" || of === "signature";
      const consequence = isWhole && stands === "live" ? "would not run at all" : then;
      const power = capability === undefined || of === "capability" ? "" : ` for ${capability}`;
      return {
        plugin: id,
        version,
        stands,
        of,
        name,
        rule,
        message: `${id} ${version}${power}: ${consequence}. ${message}`,
      };
    },
  );
  return [...refused, ...BUDGET_KINDS.flatMap((kind) => judgeBudget(policy, plugin, kind, plan))];
}

const UNITS: Readonly<Record<keyof Allowance, string>> = {
  fuel: "units of fuel",
  wallMs: "milliseconds of waiting",
  hostCalls: "calls to the database",
  requests: "requests",
};

function judgeBudget(policy: Policy, plugin: InstalledPlugin, kind: BudgetKind, plan: Plan): readonly Judged[] {
  const { manifest, stands, enters } = plugin;
  if (!enters.includes(kind)) return [];
  const { id, version } = manifest;
  return (Object.keys(UNITS) as (keyof Allowance)[]).flatMap((key): readonly Judged[] => {
    const most = ceilingsOf(policy, kind)[key];
    const asked = manifest.bulkhead.budgets?.[kind]?.[key] ?? BUDGETS[plan][kind][key];
    const has = Math.min(asked, BUDGET_CEILINGS[plan][kind][key]);
    if (most === undefined || most >= has) return [];
    const name = `${kind}.${key}`;
    const message = `${id} ${version}: each ${kind} would have ${most} ${UNITS[key]} instead of ${has}.`;
    return [{ plugin: id, version, stands, of: "budget", name, rule: `budgets.${name}`, message }];
  });
}
