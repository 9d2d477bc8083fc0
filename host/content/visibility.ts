/** Publishes, unpublishes and deletes. What changes nothing runs no hook. */
import type { ContentItem } from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import { deleteItem, publishItem, unpublishItem } from "../store/d1/content/publish.ts";
import { readItem } from "../store/d1/content/read.ts";
import type { CollectionDefinition } from "./collection.ts";
import { requireItem, toEditor, type ContentContext } from "./context.ts";
import { toInvalid } from "./draft.ts";
import { CONTENT_LIMITS } from "./limits.ts";
import { planPublish, planUnpublish } from "./status.ts";

/** See `ContentService.publish`. */
export async function publish(context: ContentContext, slug: string, id: string, by: Actor): Promise<ContentItem> {
  const { services, hooks } = context;
  const collection = await context.toCollection(slug);
  for (let attempt = 0; attempt < CONTENT_LIMITS.writeAttempts; attempt += 1) {
    const stored = await requireItem(context, collection, id);
    const at = services.now().toISOString();
    const plan = planPublish(stored.item, at);
    if (plan.kind !== "publish") return stored.item;
    if (stored.item.slug === null) {
      throw toInvalid(collection, [
        { path: "slug", code: "required", message: "an item needs a slug to be public; set one" },
      ]);
    }
    const stamp = { at, publishedAt: plan.publishedAt, revisionId: services.newId(), editor: toEditor(by) };
    const result = await publishItem(services.db, collection, stored, stamp);
    if (result.kind === "written") {
      hooks.action("content:afterPublish", { content: result.stored.item, collection: collection.slug });
      return result.stored.item;
    }
  }
  throw toBusy(collection, id);
}

/** See `ContentService.unpublish`. */
export async function unpublish(context: ContentContext, slug: string, id: string): Promise<ContentItem> {
  const { services, hooks } = context;
  const collection = await context.toCollection(slug);
  for (let attempt = 0; attempt < CONTENT_LIMITS.writeAttempts; attempt += 1) {
    const stored = await requireItem(context, collection, id);
    if (planUnpublish(stored.item).kind === "unchanged") return stored.item;
    const result = await unpublishItem(services.db, collection, stored, services.now().toISOString());
    if (result.kind === "written") {
      hooks.action("content:afterUnpublish", { content: result.stored.item, collection: collection.slug });
      return result.stored.item;
    }
  }
  throw toBusy(collection, id);
}

/** See `ContentService.delete`. */
export async function remove(context: ContentContext, slug: string, id: string): Promise<boolean> {
  const { services, hooks } = context;
  const collection = await context.toCollection(slug);
  if (!(await readItem(services.db, collection, id))) return false;
  const event = { id, collection: collection.slug, permanent: false };
  await hooks.veto("content:beforeDelete", event);
  const deleted = await deleteItem(services.db, collection, id, services.now().toISOString());
  if (deleted) hooks.action("content:afterDelete", event);
  return deleted;
}

function toBusy(collection: CollectionDefinition, id: string): HostError {
  return new HostError("CONFLICT", `The ${collection.slug} item "${id}" kept changing meanwhile. Try again.`);
}
