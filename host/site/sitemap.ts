/** Which addresses do search engines learn? `/sitemap.xml` with all of them, or an index of parts where they are too many. Pure. */
import type { SitemapRow } from "../store/d1/content/public.ts";
import { toPostPath } from "./address.ts";
import { SITE_LIMITS } from "./limits.ts";
import { escapeMarkup } from "./text.ts";

const NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9";

/** How many files the addresses fill: the front page and every post. */
export function toSitemapParts(posts: number): number {
  return Math.ceil((posts + 1) / SITE_LIMITS.sitemapUrls);
}

/** Which posts stand in a part, which counts from 1. The front page is the first address of the first part. */
export function toSitemapRange(part: number): { readonly offset: number; readonly limit: number } {
  if (part === 1) return { offset: 0, limit: SITE_LIMITS.sitemapUrls - 1 };
  return { offset: (part - 1) * SITE_LIMITS.sitemapUrls - 1, limit: SITE_LIMITS.sitemapUrls };
}

/** A file of addresses. */
export function drawSitemap(base: string, rows: readonly SitemapRow[], part: number): string {
  const front = part === 1 ? [drawUrl(`${base}/`, null)] : [];
  const urls = [...front, ...rows.map((row) => drawUrl(`${base}${toPostPath(row.slug)}`, row.updatedAt))];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="${NAMESPACE}">\n${urls.join("\n")}\n</urlset>\n`;
}

/** The index of the parts. */
export function drawSitemapIndex(base: string, parts: number): string {
  const entries = Array.from({ length: parts }, (_, index) => {
    return `<sitemap><loc>${escapeMarkup(`${base}/sitemap-${index + 1}.xml`)}</loc></sitemap>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="${NAMESPACE}">\n${entries.join("\n")}\n</sitemapindex>\n`;
}

/** What crawlers may read. */
export function drawRobots(base: string): string {
  return `User-agent: *\nDisallow: /admin\nDisallow: /api\n\nSitemap: ${base}/sitemap.xml\n`;
}

function drawUrl(address: string, updatedAt: string | null): string {
  const lastmod =
    updatedAt !== null && !Number.isNaN(Date.parse(updatedAt))
      ? `<lastmod>${new Date(updatedAt).toISOString()}</lastmod>`
      : "";
  return `<url><loc>${escapeMarkup(address)}</loc>${lastmod}</url>`;
}
