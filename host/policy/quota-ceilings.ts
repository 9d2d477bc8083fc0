/** How much may a plugin use in an hour, a day and a month under this policy? The lower of its number and the plan's. Pure. */
import { GAUGE_NAMES, METER_NAMES } from "../usage/meters.ts";
import type { Quota } from "../usage/quotas.ts";
import { WINDOWS } from "../usage/windows.ts";
import type { Policy } from "./document.ts";

/** The plan's quota under the policy's ceilings. */
export function limitQuota({ quotas }: Policy, quota: Quota): Quota {
  if (!quotas) return quota;
  const lower = <Key extends string>(
    keys: readonly Key[],
    has: Readonly<Record<Key, number>>,
    most: { readonly [Each in Key]?: number | undefined } = {},
  ): Readonly<Record<Key, number>> =>
    Object.fromEntries(keys.map((key) => [key, Math.min(has[key], most[key] ?? Infinity)])) as Record<Key, number>;
  return {
    meters: Object.fromEntries(
      METER_NAMES.map((meter) => [meter, lower(WINDOWS, quota.meters[meter], quotas[meter])]),
    ) as unknown as Quota["meters"],
    gauges: lower(GAUGE_NAMES, quota.gauges, quotas),
  };
}
