/** What do search engines learn about a post? JSON-LD and article tags, made from the page event alone. Pure. */
import type { PageContribution, PublicPage } from "@bulkhead/sdk";

/** The contributions for a page; null for pages that are no posts. */
export function describePost(page: PublicPage): readonly PageContribution[] | null {
  if (page.kind !== "content" || page.pageType !== "article") return null;
  const title = page.seo?.ogTitle ?? page.title;
  const description = page.seo?.ogDescription ?? page.description;
  const image = page.seo?.ogImage ?? page.image;
  const { publishedTime, modifiedTime } = page.articleMeta ?? { publishedTime: null, modifiedTime: null };
  const publisher = { "@type": "Organization", name: page.siteName };
  const property = (name: string, content: string | null): readonly PageContribution[] =>
    content ? [{ kind: "property", property: name, content }] : [];
  return [
    {
      kind: "jsonld",
      // The id under which the host describes the page by itself; this one says more and takes its place.
      id: "primary",
      graph: {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        headline: title.slice(0, 110),
        ...(description ? { description } : {}),
        ...(image ? { image: [image] } : {}),
        ...(publishedTime ? { datePublished: publishedTime } : {}),
        ...(modifiedTime ? { dateModified: modifiedTime } : {}),
        url: page.canonical,
        mainEntityOfPage: { "@type": "WebPage", "@id": page.canonical },
        inLanguage: page.locale,
        isAccessibleForFree: true,
        author: publisher,
        publisher,
      },
    },
    ...property("article:published_time", publishedTime),
    ...property("article:modified_time", modifiedTime),
  ];
}
