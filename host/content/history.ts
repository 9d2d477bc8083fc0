/** What was an item before, and in which languages is it there? Nothing is answered of items that are deleted. */
import type { ContentRevision, ContentTranslations } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import { listRevisions, readRevision } from "../store/d1/content/revisions.ts";
import { readTranslations } from "../store/d1/content/translations.ts";
import { TOO_LARGE } from "../store/d1/sized-page.ts";
import { toMissing, type ContentContext } from "./context.ts";
import { CONTENT_LIMITS } from "./limits.ts";

/** See `ContentService.listRevisions`. */
export async function listItemRevisions(
  context: ContentContext,
  slug: string,
  id: string,
  options: { readonly limit: number },
): Promise<readonly ContentRevision[]> {
  const collection = await context.toCollection(slug);
  const query = { id, limit: options.limit, maxBytes: CONTENT_LIMITS.pageBytes };
  const revisions = await listRevisions(context.services.db, collection, query);
  if (revisions !== TOO_LARGE) return revisions;
  throw new HostError(
    "BAD_REQUEST",
    `The revisions have more than ${CONTENT_LIMITS.pageBytes} bytes together. Ask for fewer with limit.`,
  );
}

/** See `ContentService.getRevision`. */
export async function getItemRevision(
  context: ContentContext,
  slug: string,
  id: string,
  revision: string,
): Promise<ContentRevision | null> {
  const collection = await context.toCollection(slug);
  return (await readRevision(context.services.db, collection, { id, revision })) ?? null;
}

/** See `ContentService.getTranslations`. */
export async function getItemTranslations(
  context: ContentContext,
  slug: string,
  id: string,
): Promise<ContentTranslations> {
  const collection = await context.toCollection(slug);
  const found = await readTranslations(context.services.db, collection, id);
  if (!found) throw toMissing(collection, id);
  return found;
}
