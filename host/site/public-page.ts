/** What is told about a public page: to plugins in the events of pages, and to the host's own head. Pure. */
import type { ContentItem, PublicPage } from "@bulkhead/sdk";
import { toSafeSource } from "../content/address.ts";
import { toAbsolute } from "./address.ts";
import { SITE_LIMITS } from "./limits.ts";
import { toTitle } from "./post-page.ts";
import { toPlainText, toSafeBlocks, toSafeImage } from "./safe-blocks.ts";
import { toCleanText, toSummary } from "./text.ts";

/** What a page knows of its site. `path` is the page's own, with its query. */
export interface SiteFacts {
  readonly siteName: string;
  readonly locale: string;
  readonly base: string;
  readonly path: string;
}

/** A list page. */
export function toListPage({ heading, ...site }: SiteFacts & { readonly heading: string | undefined }): PublicPage {
  const url = `${site.base}${site.path}`;
  return {
    kind: "list",
    path: site.path,
    url,
    title: heading === undefined ? site.siteName : `${toCleanText(heading)} · ${site.siteName}`,
    description: null,
    locale: site.locale,
    image: null,
    canonical: url,
    pageType: "website",
    siteName: site.siteName,
  };
}

/** A page with which a plugin answers an address. */
export function toCustomPage({
  title,
  description,
  ...site
}: SiteFacts & { readonly title: string; readonly description: string | null }): PublicPage {
  const url = `${site.base}${site.path}`;
  return {
    kind: "custom",
    path: site.path,
    url,
    title,
    description,
    locale: site.locale,
    image: null,
    canonical: url,
    pageType: "website",
    siteName: site.siteName,
  };
}

/** A post's page. SEO fields go before the post's own; where neither says anything the text itself does. */
export function toPostPage(item: ContentItem, site: SiteFacts): PublicPage {
  const { seo } = item;
  const text = [seo?.description, item.data["excerpt"]]
    .map((value) => toCleanText(value).trim())
    .find((value) => value !== "");
  const description = toSummary(text ?? toPlainText(toSafeBlocks(item.data["content"])), SITE_LIMITS.descriptionChars);
  const title = toCleanText(seo?.title).trim() || toTitle(item);
  const address = toSafeSource(seo?.image) ?? toSafeImage(item.data["featured_image"])?.src;
  const image = address === undefined ? null : toAbsolute(address, site.base);
  const own = toSafeSource(seo?.canonical);
  const url = `${site.base}${site.path}`;
  return {
    kind: "content",
    path: site.path,
    url,
    title,
    description: description === "" ? null : description,
    locale: item.locale,
    image,
    canonical: own === undefined ? url : toAbsolute(own, site.base),
    pageType: "article",
    content: { collection: item.type, id: item.id, slug: item.slug ?? "" },
    seo: {
      ogTitle: toCleanText(seo?.title) || null,
      ogDescription: toCleanText(seo?.description) || null,
      ogImage: image,
      robots: seo?.noIndex === true ? "noindex" : null,
    },
    articleMeta: { publishedTime: item.publishedAt, modifiedTime: item.updatedAt },
    siteName: site.siteName,
  };
}
