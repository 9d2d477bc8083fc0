/**
 * What stands in a page's head? The host's own description of the page, and what plugins contribute: theirs replaces the
 * host's of the same key, and among plugins the first wins. Pure.
 */
import type { PageContribution, PublicPage } from "@bulkhead/sdk";
import { html, raw } from "hono/html";
import { toJsonLd } from "./json-ld.ts";

/** The head of a page, as the layout sets it. */
export type Head = ReturnType<typeof html>;

/** The host's own contributions for a page. JSON-LD has the id `primary`, which a plugin may take over, as in EmDash. */
export function toDefaults(page: PublicPage): readonly PageContribution[] {
  const title = page.seo?.ogTitle ?? page.title;
  const description = page.seo?.ogDescription ?? page.description;
  const image = page.seo?.ogImage ?? page.image;
  const robots = page.seo?.robots;
  const { publishedTime, modifiedTime } = page.articleMeta ?? { publishedTime: null, modifiedTime: null };
  const meta = (name: string, content: string | null | undefined): PageContribution[] =>
    content ? [{ kind: "meta", name, content }] : [];
  const property = (name: string, content: string | null | undefined): PageContribution[] =>
    content ? [{ kind: "property", property: name, content }] : [];
  return [
    ...meta("description", page.description),
    ...meta("robots", robots),
    { kind: "link", rel: "canonical", href: page.canonical },
    ...property("og:type", page.pageType),
    ...property("og:title", title),
    ...property("og:description", description),
    ...property("og:url", page.canonical),
    ...property("og:image", image),
    ...property("og:site_name", page.siteName),
    ...property("og:locale", page.locale.replace("-", "_")),
    ...property("article:published_time", publishedTime),
    ...property("article:modified_time", modifiedTime),
    ...meta("twitter:card", image ? "summary_large_image" : "summary"),
    { kind: "jsonld", id: "primary", graph: toGraph(page, { title, description, image, publishedTime, modifiedTime }) },
  ];
}

/** The plugins' contributions and those of the host's that they leave. */
export function mergeContributions(
  plugins: readonly PageContribution[],
  defaults: readonly PageContribution[],
): readonly PageContribution[] {
  const seen = new Set<string>();
  const kept = plugins.filter((contribution) => {
    const key = toKey(contribution);
    if (key === undefined) return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  // A plugin's own key does not make a second description of the same name useful: the host's gives way by name too.
  const names = new Set(kept.map(toName));
  return [
    ...kept,
    ...defaults.filter((contribution) => !names.has(toName(contribution)) && !seen.has(toKey(contribution) ?? "")),
  ];
}

/** The tags, escaped. */
export function drawHead(title: string, contributions: readonly PageContribution[]): Head {
  return html`<title>${title}</title> ${contributions.map(drawTag)}`;
}

function drawTag(contribution: PageContribution): Head {
  switch (contribution.kind) {
    case "meta":
      return html`<meta name="${contribution.name}" content="${contribution.content}" /> `;
    case "property":
      return html`<meta property="${contribution.property}" content="${contribution.content}" /> `;
    case "link":
      return contribution.hreflang === undefined
        ? html`<link rel="${contribution.rel}" href="${contribution.href}" /> `
        : html`<link rel="${contribution.rel}" href="${contribution.href}" hreflang="${contribution.hreflang}" /> `;
    case "jsonld":
      return html`<script type="application/ld+json">
        ${raw(toJsonLd(contribution.graph))}
      </script> `;
  }
}

/** By what contributions are the same. EmDash's keys, apart by kind. */
function toKey(contribution: PageContribution): string | undefined {
  switch (contribution.kind) {
    case "meta":
      return `meta ${contribution.key ?? contribution.name.toLowerCase()}`;
    case "property":
      return `property ${contribution.key ?? contribution.property.toLowerCase()}`;
    case "link":
      if (contribution.rel === "canonical") return "link canonical";
      return `link ${contribution.rel} ${contribution.key ?? contribution.hreflang ?? contribution.href}`;
    case "jsonld":
      return contribution.id === undefined ? undefined : `jsonld ${contribution.id}`;
  }
}

function toName(contribution: PageContribution): string {
  switch (contribution.kind) {
    case "meta":
      return `meta ${contribution.name.toLowerCase()}`;
    case "property":
      return `property ${contribution.property.toLowerCase()}`;
    case "link":
      return `link ${contribution.rel}`;
    case "jsonld":
      return `jsonld ${contribution.id ?? ""}`;
  }
}

interface Facts {
  readonly title: string;
  readonly description: string | null;
  readonly image: string | null;
  readonly publishedTime: string | null;
  readonly modifiedTime: string | null;
}

function toGraph(page: PublicPage, facts: Facts): Readonly<Record<string, unknown>> {
  const publisher = { "@type": "Organization", name: page.siteName };
  if (page.kind === "custom") {
    const description = facts.description ? { description: facts.description } : {};
    return {
      "@context": "https://schema.org",
      "@type": "WebPage",
      name: facts.title,
      ...description,
      url: page.canonical,
      publisher,
    };
  }
  if (page.pageType === "website") {
    return { "@context": "https://schema.org", "@type": "WebSite", name: page.siteName, url: page.canonical };
  }
  return {
    "@context": "https://schema.org",
    "@type": "BlogPosting",
    headline: facts.title,
    ...(facts.description ? { description: facts.description } : {}),
    ...(facts.image ? { image: facts.image } : {}),
    url: page.canonical,
    ...(facts.publishedTime ? { datePublished: facts.publishedTime } : {}),
    ...(facts.modifiedTime ? { dateModified: facts.modifiedTime } : {}),
    inLanguage: page.locale,
    publisher,
    mainEntityOfPage: { "@type": "WebPage", "@id": page.canonical },
  };
}
