/** Which slug may an item have now? Another writer may still take it first; the UNIQUE constraint decides, not this. */
import { readTakenSlugs } from "../store/d1/content/read.ts";
import type { CollectionDefinition } from "./collection.ts";
import type { ContentServices } from "./context.ts";
import { toFreeSlug } from "./slug.ts";

/** Beyond this many items of one slug the numbers are no longer searched through. */
const MAX_NUMBERED = 500;

/**
 * The slug, or it with the first free number, in the locale.
 *
 * @param item.id its own slug does not count as taken.
 */
export async function findFreeSlug(
  services: ContentServices,
  collection: CollectionDefinition,
  item: { readonly id: string; readonly slug: string; readonly locale: string },
): Promise<string> {
  const taken = await readTakenSlugs(services.db, collection, { ...item, except: item.id, limit: MAX_NUMBERED });
  if (taken.size < MAX_NUMBERED) return toFreeSlug(item.slug, taken);
  return `${item.slug.slice(0, 100)}-${item.id.slice(-12).toLowerCase()}`;
}
