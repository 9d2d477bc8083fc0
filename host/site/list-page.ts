/** How does a list of posts look: the front page, and a category's? */
import { html } from "hono/html";
import type { PublicList, PublicSummary } from "../store/d1/content/public.ts";
import { toPostPath } from "./address.ts";
import type { Head } from "./head.ts";
import { SITE_LIMITS } from "./limits.ts";
import type { DrawnSlots } from "./page-slots.ts";
import { toSafeImage } from "./safe-blocks.ts";
import { toCleanText, toSummary } from "./text.ts";

/** A part of a list. `page` counts from 1. */
export interface ListView {
  readonly list: PublicList;
  readonly path: string;
  readonly page: number;
  readonly locale: string;
  /** The category's label; undefined on the front page. */
  readonly heading: string | undefined;
  readonly siteName: string;
}

/** How many pages a list has, at least one. */
export function toPageCount(total: number): number {
  return Math.min(Math.max(Math.ceil(total / SITE_LIMITS.listPosts), 1), SITE_LIMITS.listPages);
}

/** The path of a page of a list; the first has no number. */
export function toPagePath(path: string, page: number): string {
  return page === 1 ? path : `${path}?page=${page}`;
}

/** The list between header and footer, with what plugins put around it. */
export function drawList(view: ListView, slots: DrawnSlots = {}): Head {
  const heading =
    view.heading === undefined
      ? html`<h1 class="visually-hidden">${view.siteName}</h1>`
      : html`<header class="list-head">
          <p class="eyebrow">Category</p>
          <h1 dir="auto">${view.heading}</h1>
        </header>`;
  const items = view.list.items.map((item, index) =>
    drawItem(item, view.locale, isLead(view, index) ? "lead" : "entry"),
  );
  return html`${heading} ${slots["list.before"] ?? ""}
    <div class="list">${items}</div>
    ${slots["list.after"] ?? ""} ${drawPager(view)}`;
}

/** The date as readers of the locale write it, with the exact one for machines. */
export function drawDate(iso: string | null, locale: string): Head {
  const date = iso === null ? undefined : new Date(iso);
  if (!date || Number.isNaN(date.getTime())) return html``;
  const format = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  return html`<time datetime="${date.toISOString()}">${format.format(date)}</time>`;
}

function isLead(view: ListView, index: number): boolean {
  return index === 0 && view.page === 1 && view.heading === undefined;
}

function drawItem(item: PublicSummary, locale: string, look: "lead" | "entry"): Head {
  const path = toPostPath(item.slug);
  const summary = toSummary(item.summary, SITE_LIMITS.descriptionChars);
  const image = toSafeImage(item.image);
  // The picture repeats the title's link, so it is hidden from those who hear the page.
  const picture = image
    ? html`<a class="picture" href="${path}" tabindex="-1" aria-hidden="true"
        ><img src="${image.src}" alt="" loading="lazy" decoding="async"
      /></a>`
    : html``;
  return html`<article class="${look}" dir="auto">
    <div>
      <p class="eyebrow">${drawDate(item.publishedAt, locale)}</p>
      <h2><a href="${path}">${toCleanText(item.title) || item.slug}</a></h2>
      ${summary === "" ? "" : html`<p class="summary">${summary}</p>`}
    </div>
    ${picture}
  </article> `;
}

function drawPager(view: ListView): Head {
  const pages = toPageCount(view.list.total);
  if (pages === 1) return html``;
  const newer = html`<a rel="prev" href="${toPagePath(view.path, view.page - 1)}">← Newer</a>`;
  const older = html`<a rel="next" href="${toPagePath(view.path, view.page + 1)}">Older →</a>`;
  return html`<nav class="pager" aria-label="Pages">
    <span>${view.page > 1 ? newer : ""}</span>
    <span class="at">Page ${view.page} of ${pages}</span>
    <span>${view.page < pages ? older : ""}</span>
  </nav>`;
}
