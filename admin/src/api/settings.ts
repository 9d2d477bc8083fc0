/** A plugin's settings: what they are and how they are saved. */
import { queryOptions } from "@tanstack/react-query";
import { api, read, segment, until } from "./client.ts";
import type { Setting } from "./types.ts";

const settings = api.admin.plugins[":id"].settings;

/** New values by key; null takes a value away. Keys that are left out stay as they are. */
export type SettingChanges = Record<string, string | number | boolean | null>;

export function settingsQuery(id: string) {
  return queryOptions({
    queryKey: ["plugins", id, "settings"],
    queryFn: async ({ signal }): Promise<readonly Setting[]> =>
      (await read(settings.$get({ param: { id: segment(id) } }, until(signal)))).items,
  });
}

export async function saveSettings(id: string, values: SettingChanges): Promise<readonly Setting[]> {
  return (await read(settings.$put({ param: { id: segment(id) }, json: { values } }))).items;
}
