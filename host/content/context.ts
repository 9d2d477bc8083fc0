/** What every content operation works with, and the two refusals they share. */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { Services } from "../services.ts";
import { listCollections, readCollection } from "../store/d1/content/collections.ts";
import { readItem } from "../store/d1/content/read.ts";
import type { StoredItem } from "../store/d1/content/row.ts";
import { isName, type CollectionDefinition } from "./collection.ts";

/** The services that content needs; a test or a scheduler hands over no more. */
export type ContentServices = Pick<Services, "db" | "now" | "newId" | "site">;

/** What one `createContent` works with. */
export interface ContentContext {
  readonly services: ContentServices;
  readonly hooks: Hooks;
  /** The definition of a collection, read once. @throws HostError NOT_FOUND. */
  readonly toCollection: (slug: string) => Promise<CollectionDefinition>;
}

/** A context for the time of one request. */
export function createContentContext(options: {
  readonly services: ContentServices;
  readonly hooks: Hooks;
}): ContentContext {
  const known = new Map<string, CollectionDefinition>();
  const toCollection = async (slug: string): Promise<CollectionDefinition> => {
    const collection = known.get(slug) ?? (isName(slug) ? await readCollection(options.services.db, slug) : undefined);
    if (collection) {
      known.set(slug, collection);
      return collection;
    }
    const names = await listCollections(options.services.db);
    const shown = JSON.stringify(slug.slice(0, 80));
    throw new HostError("NOT_FOUND", `There is no collection ${shown}. Known: ${names.join(", ") || "none"}.`);
  };
  return { ...options, toCollection };
}

/** An item that must be there. @throws HostError NOT_FOUND. */
export async function requireItem(
  context: ContentContext,
  collection: CollectionDefinition,
  id: string,
): Promise<StoredItem> {
  const stored = await readItem(context.services.db, collection, id);
  if (!stored) throw toMissing(collection, id);
  return stored;
}

/** The refusal for an item that is not there. */
export function toMissing(collection: CollectionDefinition, id: string): HostError {
  return new HostError(
    "NOT_FOUND",
    `There is no ${collection.slug} item ${JSON.stringify(id.slice(0, 80))}; it may be deleted.`,
  );
}

/** Who stands in a revision: a user's id as EmDash has it, others with their kind. */
export function toEditor(by: Actor): string {
  return by.kind === "user" || by.kind === "system" ? by.id : `${by.kind}:${by.id}`;
}
