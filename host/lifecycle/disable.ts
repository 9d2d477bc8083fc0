/** Takes a plugin off the site, keeping grants and data. Its deactivate hook may fail; the plugin is off all the same. */
import type { Actor } from "../actor.ts";
import type { Session } from "../invoke/session.ts";
import { isReached } from "../plugin/states.ts";
import type { Services } from "../services.ts";
import { putPlugin } from "../store/d1/plugins.ts";
import { commitAct } from "./act.ts";
import { findPlugin, findVersion } from "./find.ts";
import { runLifecycleHook } from "./run-hook.ts";

/** Disables a plugin; answers what its deactivate hook said, if it failed. */
export async function disablePlugin(
  services: Services,
  session: Session,
  by: Actor,
  id: string,
): Promise<string | undefined> {
  const version = await commitAct(services, by, async () => {
    const plugin = await findPlugin(services.db, id, "disable");
    if (isReached("disable", plugin.state)) return { unchanged: null };
    return {
      statements: [
        putPlugin(services.db, {
          ...plugin,
          state: "disabled",
          reason: null,
          updated_at: services.now().toISOString(),
        }),
      ],
      act: "plugin.disable",
      target: id,
      detail: { version: plugin.live_version },
      value: plugin.live_version,
    };
  });
  if (version === null) return undefined;
  const row = await findVersion(services.db, id, version);
  return runLifecycleHook({ services, session }, row, "plugin:deactivate");
}
