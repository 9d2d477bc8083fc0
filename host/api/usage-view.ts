/** How is a plugin's usage shown? From accounts, meters and grants to the API's shape; read from the database, not from what an isolate knows. */
import type { z } from "@hono/zod-openapi";
import { capabilityNames, describeCapability, isCapability, type Capability } from "@bulkhead/sdk";
import type { PluginExports } from "../bundle/exports.ts";
import { HostError } from "../errors.ts";
import type { Grant } from "../permissions/grant.ts";
import type { Services } from "../services.ts";
import { listGrants } from "../store/d1/grants.ts";
import { listAmounts, type HourAmount } from "../store/d1/meters.ts";
import { getPlugin, getVersion } from "../store/d1/plugins.ts";
import { listUsage, type UsageSum } from "../store/d1/usage.ts";
import { levelOf } from "../usage/check-quota.ts";
import { GAUGE_NAMES, GAUGES, METER_NAMES, METERS } from "../usage/meters.ts";
import type { Quota } from "../usage/quotas.ts";
import { createStoredMeasure } from "../usage/stored-sources.ts";
import { REPORTED_DAYS, suggest, USED_DAYS } from "../usage/suggest.ts";
import { firstHourOf, renewalOf, sumWindows, WINDOWS } from "../usage/windows.ts";
import type { usageShape } from "./shapes.ts";

type UsageView = z.infer<typeof usageShape>;

/** Usage of a plugin. Throws NOT_FOUND. */
export async function viewUsage(services: Services, quota: Quota, id: string): Promise<UsageView> {
  const { db } = services;
  const plugin = await getPlugin(db, id);
  if (!plugin || plugin.state === "uninstalled") {
    throw new HostError("NOT_FOUND", `There is no plugin "${id.slice(0, 64)}".`);
  }
  const now = services.now();
  const daysAgo = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString();
  const since = daysAgo(USED_DAYS);
  const live = plugin.live_version;
  const [uses, amounts, stored, grants, version] = await Promise.all([
    listUsage(db, id, { since, lately: daysAgo(REPORTED_DAYS) }),
    listAmounts(db, id, firstHourOf("month", now)),
    createStoredMeasure(services, { tables: "fresh" }).read(id),
    live === null ? [] : listGrants(db, id, live),
    live === null ? null : getVersion(db, id, live),
  ]);
  const hooks = version ? (JSON.parse(version.exports) as PluginExports).hooks.map((hook) => hook.name) : [];
  const isPower = (use: UsageSum): boolean => isCapability(use.capability);
  return {
    since,
    powers: capabilityNames().flatMap((capability) =>
      viewPower(
        capability,
        grants.find((grant) => grant.capability === capability),
        uses.filter((use) => use.capability === capability),
      ),
    ),
    own: uses.filter((use) => !isPower(use)).map((use) => ({ family: use.capability, ...countsOf([use]) })),
    meters: METER_NAMES.map((meter) => viewMeter(meter, amounts, quota, now)),
    stored: GAUGE_NAMES.map((gauge) => {
      const [used, limit] = [stored[gauge], quota.gauges[gauge]];
      return { gauge, unit: GAUGES[gauge].unit, used, limit, level: toLevel(used, limit) };
    }),
    suggestions: suggest({ grants, uses, hooks }, now).map(({ change, ...suggestion }) => {
      return { ...suggestion, change: change as Record<string, unknown> };
    }),
  };
}

/** Nothing for a power that was neither asked for nor tried. */
function viewPower(capability: Capability, grant: Grant | undefined, uses: readonly UsageSum[]): UsageView["powers"] {
  if (!grant && uses.length === 0) return [];
  const { label, targets: targetKind = null } = describeCapability(capability);
  const granted = grant?.targets ?? [];
  const names = [...new Set([...granted, ...uses.map((use) => use.target)])].filter((name) => name !== "");
  return [
    {
      capability,
      label,
      requested: grant !== undefined,
      allowed: grant?.allowed ?? false,
      mode: grant?.mode ?? "enforce",
      paused: grant?.paused ?? false,
      until: grant?.until ?? null,
      ...countsOf(uses),
      targetKind,
      targets: names.map((name) => ({
        name,
        granted: grant?.allowed === true && (grant.targets?.includes(name) ?? true),
        ...countsOf(uses.filter((use) => use.target === name)),
      })),
    },
  ];
}

function countsOf(uses: readonly UsageSum[]) {
  const sum = (of: "calls" | "denied" | "reported"): number => uses.reduce((total, use) => total + use[of], 0);
  const lastUsedAt =
    uses
      .flatMap((use) => use.used_at ?? [])
      .toSorted()
      .at(-1) ?? null;
  return { calls: sum("calls"), denied: sum("denied"), reported: sum("reported"), lastUsedAt };
}

function viewMeter(
  meter: (typeof METER_NAMES)[number],
  amounts: readonly HourAmount[],
  { meters }: Quota,
  now: Date,
): UsageView["meters"][number] {
  const used = sumWindows(
    amounts.filter((amount) => amount.meter === meter),
    now,
  );
  return {
    meter,
    unit: METERS[meter].unit,
    windows: WINDOWS.map((window) => ({
      window,
      used: used[window],
      limit: meters[meter][window],
      level: toLevel(used[window], meters[meter][window]),
      renewsAt: renewalOf(window, now).toISOString(),
    })),
  };
}

/** `exceeded` where the next call is refused, which it is at the limit. */
function toLevel(used: number, limit: number): "ok" | "warn" | "exceeded" {
  return used >= limit ? "exceeded" : levelOf(used, limit);
}
