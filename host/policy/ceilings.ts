/** How far may entries go under this policy? Its ceilings lie over the host's own: the lower number counts. Pure. */
import type { PluginManifest } from "@bulkhead/sdk";
import type { Allowance, InvocationKind } from "../invoke/budgets.ts";
import type { Policy } from "./document.ts";

/** The kinds of entry a manifest and a policy have numbers for. */
export const BUDGET_KINDS = ["route", "hook", "page", "schedule"] as const;
/** One of them. */
export type BudgetKind = (typeof BUDGET_KINDS)[number];

/** The policy's ceilings for an entry; a panel and a lifecycle hook count as routes. */
export function ceilingsOf(
  { budgets }: Policy,
  kind: InvocationKind,
): { readonly [Key in keyof Allowance]?: number | undefined } {
  return (kind === "panel" || kind === "lifecycle" ? budgets?.route : budgets?.[kind]) ?? {};
}

/** What a manifest asks for beyond the policy's ceilings: entries get less than they want. */
export function findLowered(
  policy: Policy,
  manifest: PluginManifest,
): readonly {
  readonly kind: BudgetKind;
  readonly key: keyof Allowance;
  readonly asked: number;
  readonly most: number;
}[] {
  return BUDGET_KINDS.flatMap((kind) =>
    (["fuel", "wallMs", "hostCalls", "requests"] as const).flatMap((key) => {
      const asked = manifest.bulkhead.budgets?.[kind]?.[key];
      const most = ceilingsOf(policy, kind)[key];
      return asked !== undefined && most !== undefined && asked > most ? [{ kind, key, asked, most }] : [];
    }),
  );
}
