/** Which posts are there already? Titles and slugs of the newest, drafts included, up to a stated number. */
import type { PluginContext } from "@bulkhead/sdk";

/** The collection that posts live in. */
export const COLLECTION = "posts";

/** A page holds whole posts, so pages are small; the newest 150 posts are looked at. Own titles further back are in the state. */
export const EXISTING_LIMITS = { perPage: 25, pages: 6 } as const;

/** What counts for not repeating. */
export interface ExistingPosts {
  readonly titles: readonly string[];
  readonly slugs: ReadonlySet<string>;
}

/** Reads them, page by page. */
export async function readExistingPosts({ content }: Pick<PluginContext, "content">): Promise<ExistingPosts> {
  const titles: string[] = [];
  const slugs = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < EXISTING_LIMITS.pages; page += 1) {
    const found = await content.list(COLLECTION, {
      limit: EXISTING_LIMITS.perPage,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { data, slug } of found.items) {
      if (typeof data["title"] === "string") titles.push(data["title"]);
      if (slug !== null) slugs.add(slug);
    }
    if (!found.hasMore || found.cursor === undefined) break;
    cursor = found.cursor;
  }
  return { titles, slugs };
}
