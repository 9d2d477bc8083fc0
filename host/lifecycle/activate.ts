/**
 * How does a consented plugin go live? Its install hook (once) and activate hook run while it is `activating`; then it is
 * enabled, or parked with what was thrown. Nobody else sees it before it is enabled.
 */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Session } from "../invoke/session.ts";
import type { Services } from "../services.ts";
import { getPlugin, putPlugin, type PluginRow } from "../store/d1/plugins.ts";
import { commitAct } from "./act.ts";
import { findVersion } from "./find.ts";
import { runLifecycleHook } from "./run-hook.ts";

/**
 * Takes an `activating` plugin to `enabled` or `parked`; what is live then gets its image made after the response. Where the
 * host itself fails on the way, it is parked as well and the failure thrown: nobody has to wait to try again.
 */
export async function activatePlugin(services: Services, session: Session, by: Actor, id: string): Promise<void> {
  let begun: PluginRow | null = null;
  try {
    begun = await getPlugin(services.db, id);
    if (begun) await goLive(services, session, by, begun);
  } catch (error) {
    await park(services, by, { id, since: begun?.updated_at }).catch((unparked: unknown) =>
      services.log("error", "not parked", { plugin: id, error: String(unparked) }),
    );
    throw error;
  }
}

/** Parks what is still on its way; since then nobody else may have begun anew. */
function park(
  services: Services,
  by: Actor,
  { id, since }: { readonly id: string; readonly since: string | undefined },
): Promise<void> {
  return commitAct(services, by, async () => {
    const plugin = await getPlugin(services.db, id);
    if (plugin?.state !== "activating" || (since !== undefined && plugin.updated_at !== since)) {
      return { unchanged: undefined };
    }
    const reason = "Enabling it was interrupted. Enable it again.";
    return {
      statements: [
        putPlugin(services.db, { ...plugin, state: "parked", reason, updated_at: services.now().toISOString() }),
      ],
      act: "plugin.parked",
      target: id,
      detail: { version: plugin.live_version, reason },
      value: undefined,
    };
  });
}

async function goLive(services: Services, session: Session, by: Actor, plugin: PluginRow): Promise<void> {
  const { id } = plugin;
  if (plugin.live_version === null) return;
  const row = await findVersion(services.db, id, plugin.live_version);
  const version = { id, version: row.version, digest: row.digest };
  // An update of what is live: nothing of it runs here.
  if (plugin.state === "enabled") session.makeImage(version);
  if (plugin.state !== "activating") return;
  const parts = { services, session };
  let failure = plugin.installed_at === null ? await runLifecycleHook(parts, row, "plugin:install") : undefined;
  const installedAt = plugin.installed_at ?? (failure === undefined ? services.now().toISOString() : null);
  failure ??= await runLifecycleHook(parts, row, "plugin:activate");
  await commitAct(services, by, async () => {
    const now = await getPlugin(services.db, id);
    if (now?.state !== "activating" || now.live_version !== row.version) {
      throw new HostError("CONFLICT", `${id} was changed by somebody else while it was being enabled.`);
    }
    const state = failure === undefined ? "enabled" : "parked";
    return {
      statements: [
        putPlugin(services.db, {
          ...now,
          state,
          reason: failure ?? null,
          installed_at: installedAt,
          updated_at: services.now().toISOString(),
        }),
      ],
      act: failure === undefined ? "plugin.enabled" : "plugin.parked",
      target: id,
      detail: {
        version: row.version,
        digest: row.digest,
        ...(failure === undefined ? {} : { reason: failure.slice(0, 500) }),
      },
      value: undefined,
    };
  });
  if (failure === undefined) session.makeImage(version);
}
