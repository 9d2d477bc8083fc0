/** The plugins this installation offers. */
import { queryOptions } from "@tanstack/react-query";
import { api, read, segment, until } from "./client.ts";
import type { Uploaded } from "./plugins.ts";
import type { CatalogItem } from "./types.ts";

export const catalogueQuery = queryOptions({
  queryKey: ["catalogue"],
  queryFn: async ({ signal }): Promise<readonly CatalogItem[]> =>
    (await read(api.admin.catalog.$get({}, until(signal)))).items,
});

/** The same as uploading the plugin's bundle: nothing runs before consent. */
export function installFromCatalogue(id: string): Promise<Uploaded> {
  return read(api.admin.catalog[":id"].install.$post({ param: { id: segment(id) } }));
}
