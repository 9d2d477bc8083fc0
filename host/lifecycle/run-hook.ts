/**
 * Runs one lifecycle hook of a version, where it exports it; answers why it failed, or nothing. A version that cannot be
 * read or started any more is a failure like a throw, so that it can still be disabled and removed.
 */
import type { HookName } from "@bulkhead/sdk";
import { describeFailure } from "../invoke/failure.ts";
import type { Session } from "../invoke/session.ts";
import { toActivePlugin } from "../registry/active-plugin.ts";
import { findHold } from "../policy/bounds.ts";
import { readBounds } from "../policy/in-force.ts";
import type { Services } from "../services.ts";
import { listGrants } from "../store/d1/grants.ts";
import { listTables } from "../store/d1/plugin-tables.ts";
import type { VersionRow } from "../store/d1/plugins.ts";

/** Undefined where the hook is absent, or ended well, or no plugin runs at all; else the failure in words. */
export async function runLifecycleHook(
  { services, session }: { readonly services: Services; readonly session: Session },
  row: VersionRow,
  name: HookName,
  event: Readonly<Record<string, unknown>> = {},
): Promise<string | undefined> {
  if (services.pluginsOff) return undefined;
  try {
    const { db } = services;
    const [grants, tables] = await Promise.all([
      listGrants(db, row.plugin_id, row.version),
      listTables(db, row.plugin_id),
    ]);
    const plugin = toActivePlugin(row, { grants, tables });
    if (!plugin.exports.hooks.some((hook) => hook.name === name)) return undefined;
    const hold = findHold(await readBounds(services), plugin);
    if (hold) return `${name}: not run. ${hold.reason}`;
    const { outcome } = await session.enter({ plugin, kind: "lifecycle", name: `hook:${name}`, input: event });
    return outcome.ok ? undefined : `${name}: ${describeFailure(outcome.failure)}`;
  } catch (error) {
    return `${name}: ${error instanceof Error ? error.message : "could not be run"}`;
  }
}
