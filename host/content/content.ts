/** Composes the content service of one request from its operations. */
import type { Hooks } from "../hooks/hooks.ts";
import { readItem } from "../store/d1/content/read.ts";
import { createContentContext, type ContentServices } from "./context.ts";
import { createItem } from "./create.ts";
import { getItemRevision, getItemTranslations, listItemRevisions } from "./history.ts";
import { listItems } from "./list.ts";
import type { ContentService } from "./service.ts";
import { changeItem } from "./update.ts";
import { publish, remove, unpublish } from "./visibility.ts";

/**
 * The content service. Make one per request: it remembers the collections it has read, and the hooks belong to a request.
 */
export function createContent(options: { readonly services: ContentServices; readonly hooks: Hooks }): ContentService {
  const context = createContentContext(options);
  return {
    get: async (slug, id) => {
      const stored = await readItem(context.services.db, await context.toCollection(slug), id);
      return stored?.item ?? null;
    },
    list: (slug, listOptions) => listItems(context, slug, listOptions),
    create: (slug, input, by, createOptions) => createItem(context, slug, input, by, createOptions),
    update: (slug, id, input, by) => changeItem(context, slug, id, input, by),
    delete: (slug, id) => remove(context, slug, id),
    publish: (slug, id, by) => publish(context, slug, id, by),
    unpublish: (slug, id) => unpublish(context, slug, id),
    listRevisions: (slug, id, revisionOptions) => listItemRevisions(context, slug, id, revisionOptions),
    getRevision: (slug, id, revision) => getItemRevision(context, slug, id, revision),
    getTranslations: (slug, id) => getItemTranslations(context, slug, id),
  };
}
