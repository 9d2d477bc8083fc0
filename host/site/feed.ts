/** What do feed readers get? An Atom feed of the newest posts in full. Pure. */
import type { ContentItem } from "@bulkhead/sdk";
import { toPostPath } from "./address.ts";
import { drawBlocks } from "./portable-text.ts";
import { toTitle } from "./post-page.ts";
import { toSafeBlocks } from "./safe-blocks.ts";
import { escapeMarkup, toCleanText } from "./text.ts";

/** The feed of items, newest first. `updatedAt` is the time of an empty feed, ISO 8601. */
export function drawFeed(
  items: readonly ContentItem[],
  site: { readonly base: string; readonly name: string; readonly locale: string; readonly updatedAt: string },
): string {
  const newest =
    items
      .map((item) => item.updatedAt)
      .sort()
      .at(-1) ?? site.updatedAt;
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${escapeMarkup(site.locale)}">
<title>${escapeMarkup(site.name)}</title>
<id>${escapeMarkup(`${site.base}/`)}</id>
<link href="${escapeMarkup(`${site.base}/`)}"/>
<link rel="self" type="application/atom+xml" href="${escapeMarkup(`${site.base}/feed.xml`)}"/>
<updated>${escapeMarkup(newest)}</updated>
<author><name>${escapeMarkup(site.name)}</name></author>
${items.map((item) => drawEntry(item, site.base)).join("\n")}
</feed>
`;
}

function drawEntry(item: ContentItem, base: string): string {
  const address = escapeMarkup(`${base}${toPostPath(item.slug ?? item.id)}`);
  const excerpt = toCleanText(item.data["excerpt"]).trim();
  const summary = excerpt === "" ? "" : `<summary>${escapeMarkup(excerpt)}</summary>\n`;
  // SECURITY: the HTML is drawn from safe blocks and then escaped, as Atom's type="html" asks.
  const content = escapeMarkup(drawBlocks(toSafeBlocks(item.data["content"]), { base: `${base}/` }));
  return `<entry>
<title>${escapeMarkup(toTitle(item))}</title>
<id>${address}</id>
<link href="${address}"/>
<published>${escapeMarkup(item.publishedAt ?? item.createdAt)}</published>
<updated>${escapeMarkup(item.updatedAt)}</updated>
${summary}<content type="html">${content}</content>
</entry>`;
}
