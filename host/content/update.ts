/**
 * Changes an item. Handlers run once; the write is tried again on the current item where another writer was faster, so
 * neither of two concurrent changes to different fields is lost.
 */
import type { ContentItem } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import { updateItem } from "../store/d1/content/write.ts";
import { runBeforeSave } from "./before-save.ts";
import { requireItem, toEditor, type ContentContext } from "./context.ts";
import { toNotUnique } from "./create.ts";
import { toDraft, toInvalid } from "./draft.ts";
import { findSizeFault } from "./fields.ts";
import { findFreeSlug } from "./free-slug.ts";
import { CONTENT_LIMITS } from "./limits.ts";
import type { UpdateInput } from "./service.ts";

/** See `ContentService.update`. */
export async function changeItem(
  context: ContentContext,
  collectionSlug: string,
  id: string,
  input: UpdateInput,
  by: Actor,
): Promise<ContentItem> {
  const { services, hooks } = context;
  const collection = await context.toCollection(collectionSlug);
  const { item } = await requireItem(context, collection, id);
  const asked = toDraft(
    collection,
    {
      data: input.data ?? {},
      seo: input.seo,
      // A client that sends back what it read must not have an imported slug rewritten into this host's form.
      slug: input.slug === item.slug ? undefined : input.slug,
    },
    { kind: "change", source: "caller" },
  );
  const draft = await runBeforeSave(hooks, collection, asked, { id });

  for (let attempt = 0; attempt < CONTENT_LIMITS.writeAttempts; attempt += 1) {
    const { item: current, version } = await requireItem(context, collection, id);
    const data = { ...current.data, ...draft.data };
    const sizeFault = findSizeFault(data);
    if (sizeFault) throw toInvalid(collection, [sizeFault]);
    const slug =
      draft.slug === undefined || draft.slug === current.slug
        ? undefined
        : await findFreeSlug(services, collection, { id, slug: draft.slug, locale: current.locale });
    const result = await updateItem(services.db, collection, {
      id,
      version,
      revisionId: services.newId(),
      data,
      patch: draft.data,
      slug,
      seo: draft.seo,
      at: services.now().toISOString(),
      editor: toEditor(by),
    });
    if (result.kind === "written") {
      const content = result.stored.item;
      hooks.action("content:afterSave", { content, collection: collection.slug, isNew: false });
      return content;
    }
    if (result.kind === "not-unique") throw toNotUnique(collection, result.columns);
  }
  throw new HostError(
    "CONFLICT",
    `Cannot save the ${collection.slug} item "${id}": it kept changing meanwhile. Read it and try again.`,
  );
}
