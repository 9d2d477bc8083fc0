/**
 * What the rest of the host may do with content: one interface for the HTTP API, the bridges of plugins and the site, so
 * that a rule holds for all of them or for none.
 */
import type {
  ContentItem,
  ContentRevision,
  ContentSeo,
  ContentTranslations,
  FieldFilters,
  OrderBy,
  Page,
} from "@bulkhead/sdk";
import type { Actor } from "../actor.ts";
import type { ContentData } from "./fields.ts";

/** What a new item is made of. */
export interface CreateInput {
  readonly data: ContentData;
  /** Made of the title where it is absent. Taken ones get `-2`, `-3` ... */
  readonly slug?: string;
  readonly seo?: ContentSeo;
  /** The site's where it is absent. */
  readonly locale?: string;
  /** Public at once. Default: a draft. */
  readonly publish?: boolean;
}

/** What changes of an item. What is absent stays; null clears a field. */
export interface UpdateInput {
  readonly data?: ContentData;
  readonly slug?: string;
  readonly seo?: ContentSeo;
}

/** Which items, in which order. */
export interface ListOptions {
  readonly status?: string;
  readonly locale?: string;
  /** Comparisons with fields of one plain value; all of them must hold. */
  readonly fieldFilters?: FieldFilters;
  /** One of the columns in `order.ts`. Default: `{createdAt: "desc"}`. */
  readonly orderBy?: OrderBy;
  /** 1 to `CONTENT_LIMITS.maxPageItems`. Default: `CONTENT_LIMITS.pageItems`. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** Content. Deleted items do not exist for any method. All methods throw HostError NOT_FOUND for an unknown collection. */
export interface ContentService {
  get(collection: string, id: string): Promise<ContentItem | null>;
  /** May end a page early where the items are large; `hasMore` and `cursor` tell. */
  list(collection: string, options?: ListOptions): Promise<Page<ContentItem>>;
  /**
   * Writes item, revision, SEO fields and publication at once. With an idempotency key (per actor) a repeated call
   * returns the item that the first one made, and no hook runs again.
   *
   * @throws HostError CONTENT_INVALID with `issues`; REFUSED_BY_PLUGIN; CONFLICT where the key's item is deleted or of
   * another collection.
   */
  create(
    collection: string,
    input: CreateInput,
    by: Actor,
    options?: { readonly idempotencyKey?: string },
  ): Promise<ContentItem>;
  /** @throws HostError NOT_FOUND, CONTENT_INVALID, REFUSED_BY_PLUGIN, CONFLICT. */
  update(collection: string, id: string, input: UpdateInput, by: Actor): Promise<ContentItem>;
  /** Softly: the row stays for EmDash's trash. False where there is no such item. @throws HostError REFUSED_BY_PLUGIN. */
  delete(collection: string, id: string, by: Actor): Promise<boolean>;
  /** Nothing happens, and no hook runs, where it is public already. @throws HostError NOT_FOUND, CONTENT_INVALID. */
  publish(collection: string, id: string, by: Actor): Promise<ContentItem>;
  /** Nothing happens, and no hook runs, where it is a draft already. @throws HostError NOT_FOUND. */
  unpublish(collection: string, id: string, by: Actor): Promise<ContentItem>;
  /** What the item was after each save, the latest first; none where it is deleted. @throws HostError BAD_REQUEST where they are too large together. */
  listRevisions(
    collection: string,
    id: string,
    options: { readonly limit: number },
  ): Promise<readonly ContentRevision[]>;
  /** One of them, or null where it is not this item's. */
  getRevision(collection: string, id: string, revision: string): Promise<ContentRevision | null>;
  /** In which languages it is there. @throws HostError NOT_FOUND. */
  getTranslations(collection: string, id: string): Promise<ContentTranslations>;
}
