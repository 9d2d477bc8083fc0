/** Which addresses do public pages have? Absolute ones, for canonical links, feeds and sitemaps. Pure. */
import type { ContentItem } from "@bulkhead/sdk";

/** The site's base without a slash at its end: the configured address, else the one the request arrived at. */
export function toBaseUrl(configured: string | undefined, requestUrl: string): string {
  return (configured ?? new URL(requestUrl).origin).replace(/\/+$/, "");
}

/** The collection that the site shows. */
export const POSTS = "posts";

/** The path at which visitors find an item, or undefined where they do not. */
export function toPublicPath(
  item: Pick<ContentItem, "type" | "status" | "slug" | "locale">,
  siteLocale: string,
): string | undefined {
  const { type, status, slug, locale } = item;
  const isShown = type === POSTS && status === "published" && locale === siteLocale;
  return isShown && slug !== null && slug !== "" ? toPostPath(slug) : undefined;
}

/** The path of a post. Slugs hold letters of any script, so they are encoded. */
export function toPostPath(slug: string): string {
  return `/posts/${encodeURIComponent(slug.toWellFormed())}`;
}

/** The path of a category. */
export function toCategoryPath(slug: string): string {
  return `/category/${encodeURIComponent(slug.toWellFormed())}`;
}

/** An address of content as an absolute one. */
export function toAbsolute(address: string, base: string): string {
  return URL.parse(address, `${base}/`)?.href ?? address;
}
