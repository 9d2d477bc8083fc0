/** Lists items in pages that are bounded by number and by bytes. */
import type { ContentItem, Page } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import { readItems, readKeys, type ListKey } from "../store/d1/content/read.ts";
import type { ContentContext } from "./context.ts";
import { parseFilters } from "./filters.ts";
import { CONTENT_LIMITS } from "./limits.ts";
import { parseCursor, parseOrder, toCursor } from "./order.ts";
import type { ListOptions } from "./service.ts";

/** See `ContentService.list`. */
export async function listItems(
  context: ContentContext,
  collectionSlug: string,
  options: ListOptions = {},
): Promise<Page<ContentItem>> {
  const collection = await context.toCollection(collectionSlug);
  const limit = options.limit ?? CONTENT_LIMITS.pageItems;
  if (!Number.isInteger(limit) || limit < 1 || limit > CONTENT_LIMITS.maxPageItems) {
    throw new HostError("BAD_REQUEST", `Cannot list ${limit} items: expected 1 to ${CONTENT_LIMITS.maxPageItems}.`);
  }
  const order = parseOrder(options.orderBy);
  const keys = await readKeys(context.services.db, collection, {
    status: options.status,
    locale: options.locale,
    filters: parseFilters(collection, options.fieldFilters),
    order,
    after: options.cursor === undefined ? undefined : parseCursor(order, options.cursor),
    // One more tells whether there is a next page.
    limit: limit + 1,
  });
  const page = toFittingPage(keys.slice(0, limit));
  const stored = await readItems(
    context.services.db,
    collection,
    page.map((key) => key.id),
  );
  const items = stored.map(({ item }) => item);
  const last = page.at(-1);
  if (page.length === keys.length || !last) return { items, hasMore: false };
  return { items, cursor: toCursor(order, last), hasMore: true };
}

/** The longest beginning that fits the bytes of a page, at least one item. */
export function toFittingPage(keys: readonly ListKey[]): readonly ListKey[] {
  let bytes = 0;
  const over = keys.findIndex((key, index) => {
    bytes += key.bytes;
    return index > 0 && bytes > CONTENT_LIMITS.pageBytes;
  });
  return over === -1 ? keys : keys.slice(0, over);
}
