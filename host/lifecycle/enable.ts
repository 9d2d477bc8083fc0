/** Takes a disabled or parked plugin live again, under the grants it has. */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Session } from "../invoke/session.ts";
import type { Services } from "../services.ts";
import { putPlugin } from "../store/d1/plugins.ts";
import { activatePlugin } from "./activate.ts";
import { commitAct } from "./act.ts";
import { findPlugin } from "./find.ts";

/** Enables a plugin. One that is live already stays as it is. */
export async function enablePlugin(services: Services, session: Session, by: Actor, id: string): Promise<void> {
  await commitAct(services, by, async () => {
    const plugin = await findPlugin(services.db, id, "enable");
    if (plugin.live_version === null) {
      throw new HostError("CONFLICT", `Nobody has consented to ${id} yet. Consent to a version first.`);
    }
    return {
      statements: [
        putPlugin(services.db, {
          ...plugin,
          state: "activating",
          reason: null,
          updated_at: services.now().toISOString(),
        }),
      ],
      act: "plugin.enable",
      target: id,
      detail: { version: plugin.live_version },
      value: undefined,
    };
  });
  await activatePlugin(services, session, by, id);
}
