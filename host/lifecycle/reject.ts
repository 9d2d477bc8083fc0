/** What does a no do? The version is refused on record until somebody uploads it anew; a version that is live runs on. */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Services } from "../services.ts";
import { putPlugin, rejectVersion } from "../store/d1/plugins.ts";
import { commitAct } from "./act.ts";
import { findPlugin, findVersion } from "./find.ts";

/** Rejects the version that waits. */
export async function rejectUpload(
  services: Services,
  by: Actor,
  id: string,
  { version, note }: { readonly version: string; readonly note: string },
): Promise<void> {
  await commitAct(services, by, async () => {
    const plugin = await findPlugin(services.db, id, "reject");
    const row = await findVersion(services.db, id, version);
    if (plugin.staged_version !== version) {
      throw new HostError("CONFLICT", `${id} ${version} does not wait for consent.`);
    }
    const at = services.now().toISOString();
    return {
      statements: [
        rejectVersion(services.db, id, version, at),
        putPlugin(services.db, {
          ...plugin,
          state: plugin.live_version === null ? "rejected" : plugin.state,
          staged_version: null,
          updated_at: at,
        }),
      ],
      act: "plugin.reject",
      target: id,
      detail: { version, digest: row.digest, note },
      value: undefined,
    };
  });
}
