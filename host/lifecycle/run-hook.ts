/** Runs one lifecycle hook of a plugin, where it exports it; answers why it failed, or nothing. */
import type { HookName } from "@bulkhead/sdk";
import { describeFailure } from "../invoke/failure.ts";
import type { Session } from "../invoke/session.ts";
import type { ActivePlugin } from "../registry/active-plugin.ts";

/** Undefined where the hook is absent or ended well, else the failure in words. */
export async function runLifecycleHook(
  session: Session,
  plugin: ActivePlugin,
  name: HookName,
  event: Readonly<Record<string, unknown>> = {},
): Promise<string | undefined> {
  if (!plugin.exports.hooks.some((hook) => hook.name === name)) return undefined;
  try {
    const { outcome } = await session.enter({ plugin, kind: "lifecycle", name: `hook:${name}`, input: event });
    return outcome.ok ? undefined : `${name}: ${describeFailure(outcome.failure)}`;
  } catch (error) {
    // The bundle is missing or was changed in the store; the plugin must not go live, and the person must know.
    return `${name}: ${error instanceof Error ? error.message : "could not be run"}`;
  }
}
