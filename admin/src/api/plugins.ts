/** Plugins: which there are, what one is made of, and the verbs of its life. */
import { queryOptions } from "@tanstack/react-query";
import { api, read, segment, until } from "./client.ts";
import type { CapabilityName, Plan, Plugin, PluginDetail } from "./types.ts";

const plugins = api.admin.plugins;

/** What an upload answers. */
export interface Uploaded {
  readonly plugin: Plugin;
  readonly plan: Plan;
}

/** What a person decided about a plan. */
export interface Decision {
  readonly version: string;
  readonly planHash: string;
  readonly deny: CapabilityName[];
  readonly hosts?: string[];
  readonly note?: string;
  readonly acceptSigner?: string;
}

/** What an uninstall took away. */
export type Removed = Readonly<Record<"rows" | "tables" | "keys" | "objects" | "schedules", number>>;

/** What happens to a plugin's data when it is removed. */
export type DataFate = "keep" | "delete";

/** Every plugin. */
export const pluginsQuery = queryOptions({
  queryKey: ["plugins"],
  refetchInterval: 15_000,
  queryFn: async ({ signal }): Promise<readonly Plugin[]> => (await read(plugins.$get({}, until(signal)))).items,
});

/** One plugin with everything its page shows. */
export function pluginQuery(id: string) {
  return queryOptions({
    queryKey: ["plugins", id],
    refetchInterval: 15_000,
    queryFn: async ({ signal }): Promise<PluginDetail> =>
      (await read(plugins[":id"].$get(of(id), until(signal)))).plugin,
  });
}

export async function consent(id: string, decision: Decision): Promise<Plugin> {
  return (await read(plugins[":id"].consent.$post({ ...of(id), json: decision }))).plugin;
}

export async function reject(id: string, json: { readonly version: string; readonly note: string }): Promise<Plugin> {
  return (await read(plugins[":id"].reject.$post({ ...of(id), json }))).plugin;
}

export async function enable(id: string): Promise<Plugin> {
  return (await read(plugins[":id"].enable.$post(of(id)))).plugin;
}

export async function disable(id: string): Promise<Plugin> {
  return (await read(plugins[":id"].disable.$post(of(id)))).plugin;
}

export async function uninstall(id: string, data: DataFate): Promise<Removed> {
  return (await read(plugins[":id"].$delete({ ...of(id), query: { data } }))).removed;
}

function of(id: string) {
  return { param: { id: segment(id) } } as const;
}
