/** How does a post look? */
import type { ContentItem } from "@bulkhead/sdk";
import { html, raw } from "hono/html";
import type { Term } from "../store/d1/content/public.ts";
import { toCategoryPath } from "./address.ts";
import type { Head } from "./head.ts";
import { drawDate } from "./list-page.ts";
import type { DrawnSlots } from "./page-slots.ts";
import { drawBlocks } from "./portable-text.ts";
import { toSafeBlocks, toSafeImage } from "./safe-blocks.ts";
import { toCleanText } from "./text.ts";

/** The title of a post, or its slug where it has none. */
export function toTitle(item: ContentItem): string {
  return toCleanText(item.data["title"]).trim() || item.slug || item.id;
}

/** The post between header and footer, with what plugins put around its text. */
export function drawPost(
  item: ContentItem,
  options: { readonly categories: readonly Term[]; readonly slots: DrawnSlots },
): Head {
  const { slots } = options;
  const excerpt = toCleanText(item.data["excerpt"]).trim();
  const image = toSafeImage(item.data["featured_image"]);
  const categories = options.categories.map(
    (term) => html`<a href="${toCategoryPath(term.slug)}">${toCleanText(term.label)}</a> `,
  );
  const body = drawBlocks(toSafeBlocks(item.data["content"]));
  return html`<article class="post" dir="auto">
    <header>
      <p class="eyebrow">${drawDate(item.publishedAt, item.locale)} ${categories}</p>
      <h1>${toTitle(item)}</h1>
      ${excerpt === "" ? "" : html`<p class="lede">${excerpt}</p>`}
    </header>
    ${image ? html`<img class="featured" src="${image.src}" alt="${image.alt}" decoding="async" />` : ""}
    ${slots["post.before"] ?? ""}
    <div class="prose">${raw(body)}</div>
    ${slots["post.after"] ?? ""}
  </article>`;
}
