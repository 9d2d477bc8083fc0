/**
 * Removes a plugin, with or without what it stored. Its uninstall hook may throw or loop; it is removed all the same. The
 * bundle stays in the store, since the audit names its digest.
 */
import type { Actor } from "../actor.ts";
import type { Session } from "../invoke/session.ts";
import type { Services } from "../services.ts";
import { deleteGrants } from "../store/d1/grants.ts";
import { deleteRecords } from "../store/d1/invocations.ts";
import { disownUploads } from "../store/d1/media.ts";
import { countOfPlugin, deleteOfPlugin } from "../store/d1/plugin-documents.ts";
import { dropTables, listTables } from "../store/d1/plugin-tables.ts";
import { deletePin } from "../store/d1/publishers.ts";
import { deleteVersions, putPlugin, type VersionRow } from "../store/d1/plugins.ts";
import { deleteSchedules, listSchedules } from "../store/d1/schedules.ts";
import { deleteSecrets, listSecrets } from "../store/d1/secrets.ts";
import { deleteAmounts } from "../store/d1/meters.ts";
import { deleteUsage } from "../store/d1/usage.ts";
import { commitAct } from "./act.ts";
import { findPlugin, findVersion } from "./find.ts";
import { runLifecycleHook } from "./run-hook.ts";

/** What was removed. */
export interface Removed {
  readonly rows: number;
  readonly tables: number;
  readonly keys: number;
  readonly objects: number;
  readonly schedules: number;
}

/** Uninstalls a plugin. `data: "keep"` leaves documents and settings for a later installation; secrets go either way. */
export async function uninstallPlugin(
  services: Services,
  session: Session,
  by: Actor,
  id: string,
  data: "keep" | "delete",
): Promise<Removed> {
  const { db } = services;
  const plugin = await findPlugin(db, id, "uninstall");
  const version = plugin.live_version ?? plugin.staged_version;
  const row = version === null ? null : await findVersion(db, id, version);
  const keys = row ? settingKeysOf(row) : [];
  let hookFailure: string | undefined;
  if (row && plugin.installed_at !== null) {
    const event = { deleteData: data === "delete" };
    hookFailure = await runLifecycleHook({ services, session }, row, "plugin:uninstall", event);
  }
  const removed = await commitAct(services, by, async () => {
    const now = await findPlugin(db, id, "uninstall");
    const [rows, tables, schedules, secrets, texts] = await Promise.all([
      countOfPlugin(db, id),
      listTables(db, id),
      listSchedules(db, id),
      listSecrets(db, id),
      services.settings.read(id, keys),
    ]);
    const deletes = data === "delete";
    const counts: Removed = {
      rows: (deletes ? rows : 0) + secrets.length,
      tables: deletes ? tables.length : 0,
      keys: deletes ? texts.filter((text) => text !== null).length : 0,
      objects: 0,
      schedules: schedules.length,
    };
    return {
      statements: [
        deleteSchedules(db, id),
        deleteGrants(db, id),
        deleteVersions(db, id),
        // SECURITY: never kept: the next bundle under this id may be a stranger's. (tests/host/attacks.test.ts, "a secret under another plugin's id")
        deleteSecrets(db, id),
        ...(deletes
          ? [
              ...deleteOfPlugin(db, id),
              ...deleteRecords(db, id),
              deleteUsage(db, id),
              deleteAmounts(db, id),
              ...dropTables(db, id, tables),
              // As long as data are kept, another hand under this id is worth a warning.
              deletePin(db, id),
            ]
          : []),
        // SECURITY: the next plugin under this id may be a stranger's; the files stay as the site's own. (tests/host/media.test.ts, "reinstalled under its id")
        disownUploads(db, id),
        putPlugin(db, {
          ...now,
          state: "uninstalled",
          reason: null,
          live_version: null,
          staged_version: null,
          installed_at: null,
          updated_at: services.now().toISOString(),
        }),
      ],
      act: "plugin.uninstall",
      target: id,
      detail: {
        version,
        data,
        removed: counts,
        ...(hookFailure === undefined ? {} : { hookFailure: hookFailure.slice(0, 500) }),
      },
      value: counts,
    };
  });
  if (data === "delete") await Promise.all(keys.map((key) => services.settings.remove(id, key)));
  return removed;
}

/** Read as loosely as possible: a manifest this host no longer accepts must not keep its plugin from being removed. */
function settingKeysOf(row: VersionRow): readonly string[] {
  const manifest = JSON.parse(row.manifest) as { readonly admin?: { readonly settingsSchema?: object } };
  return Object.keys(manifest.admin?.settingsSchema ?? {});
}
