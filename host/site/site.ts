/**
 * The public site: pages, feed and sitemap, drawn from D1 at the time of the request. Only published items of the site's
 * language; what is drawn in detail is in the files beside this one. An address that a plugin holds is answered by it.
 */
import type { PageSlot, PublicPage } from "@bulkhead/sdk";
import { Hono, type Context } from "hono";
import type { HostEnv } from "../api/context.ts";
import { createContentContext } from "../content/context.ts";
import type { CollectionDefinition } from "../content/collection.ts";
import { createContent } from "../content/content.ts";
import { HostError, toProblemResponse } from "../errors.ts";
import { KEY_PATTERN } from "../media/item.ts";
import {
  countSitemapRows,
  listItemCategories,
  listPublic,
  listSitemapRows,
  readCategory,
  readPublic,
  type Term,
} from "../store/d1/content/public.ts";
import { askPath } from "./ask-path.ts";
import { POSTS, toBaseUrl, toCategoryPath, toPostPath } from "./address.ts";
import { drawCustom } from "./custom-page.ts";
import { drawFeed } from "./feed.ts";
import { drawHead, type Head } from "./head.ts";
import { PUBLIC_HEADERS } from "./headers.ts";
import { drawPage } from "./layout.ts";
import { SITE_LIMITS } from "./limits.ts";
import { drawList, toPageCount, toPagePath } from "./list-page.ts";
import { createHead } from "./page-head.ts";
import { createSlots, SLOTS_OF, type DrawnSlots } from "./page-slots.ts";
import type { CheckedAnswer } from "./path-answer.ts";
import { drawFault, drawFirstRun, drawNotFound, drawUnavailable } from "./plain-pages.ts";
import { drawPost } from "./post-page.ts";
import { sendMediaFile } from "./media-file.ts";
import { toCustomPage, toListPage, toPostPage } from "./public-page.ts";
import { sendCacheable } from "./send-cacheable.ts";
import { sendText } from "./send-text.ts";
import { drawRobots, drawSitemap, drawSitemapIndex, toSitemapParts, toSitemapRange } from "./sitemap.ts";
import { STYLE, STYLE_HASH } from "./style.ts";

/** Mount it last, at `/`: it answers every address that nothing before it has answered. */
export function createSite(): Hono<HostEnv> {
  const site = new Hono<HostEnv>();
  site.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(PUBLIC_HEADERS)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });
  site.get("*", async (c, next) => {
    const outcome = await askPath(c.req.path, { ...c.var, base: toBase(c), request: c.req.raw });
    if (outcome.kind === "nobody") return next();
    if (outcome.kind !== "failed") return showAnswer(c, outcome);
    await next();
    // The site's own answer stands in; where it has none, crawlers are to come back.
    if (c.res.status === 404) c.res = await showUnavailable(c, outcome.retryAfter);
    return undefined;
  });
  site.get("/", (c) => showList(c, { path: "/", term: undefined }));
  site.get("/category/:slug", async (c) => {
    const { services } = c.var;
    const term = await readCategory(services.db, { slug: c.req.param("slug"), locale: services.site.locale });
    return term ? showList(c, { path: toCategoryPath(term.slug), term }) : showNotFound(c);
  });
  site.get("/posts/:slug", (c) => showPost(c, c.req.param("slug")));
  // The second is EmDash's, which stands in the content of sites that come from there.
  for (const path of ["/media", "/_emdash/api/media/file"]) {
    site.get(`${path}/:key{${KEY_PATTERN}}`, async (c) => {
      return (await sendMediaFile(c, c.req.param("key"))) ?? showNotFound(c);
    });
  }
  site.get("/feed.xml", (c) => showFeed(c));
  site.get("/sitemap.xml", (c) => showSitemap(c, undefined));
  site.get("/:file{sitemap-[1-9][0-9]{0,4}\\.xml}", (c) =>
    showSitemap(c, Number.parseInt(c.req.param("file").slice(8), 10)),
  );
  site.get("/robots.txt", (c) => c.text(drawRobots(toBase(c))));
  site.get("/site.css", (c) => {
    const isCurrent = c.req.query("v") === STYLE_HASH;
    const caching = isCurrent ? "public, max-age=31536000, immutable" : "no-cache";
    return c.body(STYLE, 200, { "content-type": "text/css; charset=utf-8", "cache-control": caching });
  });
  site.all("*", (c) => {
    // Programs that ask an API for what is not there want a problem document, not a page.
    const isPage = (c.req.method === "GET" || c.req.method === "HEAD") && !/^\/(_emdash\/)?api(\/|$)/.test(c.req.path);
    if (!isPage) throw new HostError("NOT_FOUND", `There is nothing at ${c.req.method} ${c.req.path.slice(0, 200)}.`);
    return showNotFound(c);
  });
  site.onError((error, c) => {
    if (error instanceof HostError) return toProblemResponse(error);
    c.var.services.log("error", "A public page failed", { path: c.req.path, error: String(error) });
    return showPlain(c, "Something went wrong", drawFault(), 500);
  });
  return site;
}

type HostContext = Context<HostEnv>;

async function showList(
  c: HostContext,
  { path, term }: { readonly path: string; readonly term: Term | undefined },
): Promise<Response> {
  const { services } = c.var;
  const page = toPageNumber(c.req.query("page"));
  if (page === undefined) return showNotFound(c);
  const list = await listPublic(services.db, await readPosts(c), {
    locale: services.site.locale,
    category: term?.slug,
    offset: (page - 1) * SITE_LIMITS.listPosts,
    limit: SITE_LIMITS.listPosts,
  });
  if (page > toPageCount(list.total)) return showNotFound(c);
  const isEmpty = list.total === 0 && term === undefined;
  const publicPage = toListPage({ ...toSiteFacts(c), path: toPagePath(path, page), heading: term?.label });
  const view = { list, path, page, locale: services.site.locale, heading: term?.label, siteName: services.site.name };
  // A site without posts has no list to put anything around.
  if (isEmpty) return show(c, publicPage, publicPage.title, drawFirstRun, ["page.footer"]);
  return show(c, publicPage, publicPage.title, (slots) => drawList(view, slots));
}

async function showPost(c: HostContext, slug: string): Promise<Response> {
  const { services } = c.var;
  const collection = await readPosts(c);
  const stored = await readPublic(services.db, collection, { slug, locale: services.site.locale });
  if (!stored) return showNotFound(c);
  const { item } = stored;
  const categories = await listItemCategories(services.db, collection, item);
  const page = toPostPage(item, { ...toSiteFacts(c), path: toPostPath(slug) });
  return show(c, page, `${page.title} · ${services.site.name}`, (slots) => drawPost(item, { categories, slots }));
}

async function showFeed(c: HostContext): Promise<Response> {
  const { services, hooks } = c.var;
  const { items } = await createContent({ services, hooks }).list(POSTS, {
    status: "published",
    locale: services.site.locale,
    orderBy: { publishedAt: "desc" },
    limit: SITE_LIMITS.feedPosts,
  });
  const site = { ...services.site, base: toBase(c), updatedAt: services.now().toISOString() };
  const shown = items.filter((item) => item.slug !== null);
  return c.body(drawFeed(shown, site), 200, { "content-type": "application/atom+xml; charset=utf-8" });
}

async function showSitemap(c: HostContext, part: number | undefined): Promise<Response> {
  const { db, site } = c.var.services;
  const collection = await readPosts(c);
  const parts = toSitemapParts(await countSitemapRows(db, collection, site.locale));
  const xml = { "content-type": "application/xml; charset=utf-8" };
  if (part === undefined && parts > 1) return c.body(drawSitemapIndex(toBase(c), parts), 200, xml);
  const shown = part ?? 1;
  if (shown > parts) return showNotFound(c);
  const rows = await listSitemapRows(db, collection, { locale: site.locale, ...toSitemapRange(shown) });
  return c.body(drawSitemap(toBase(c), rows, shown), 200, xml);
}

/** What a plugin answered instead of the site. */
async function showAnswer(c: HostContext, answer: CheckedAnswer): Promise<Response> {
  const { headers } = c.req.raw;
  switch (answer.kind) {
    case "none":
      return showNotFound(c);
    case "redirect":
      return c.redirect(answer.to, 302);
    case "text":
      return sendText(headers, answer);
    case "page": {
      const { title, description } = answer;
      const page = toCustomPage({ ...toSiteFacts(c), path: c.req.path, title, description });
      const body = await draw(c, page, `${title} · ${page.siteName}`, () => drawCustom(answer));
      return sendCacheable(headers, { body, status: 200, headers: { "content-type": "text/html; charset=UTF-8" } });
    }
  }
}

async function show(...page: Parameters<typeof draw>): Promise<Response> {
  return page[0].html(await draw(...page));
}

/** A page with what plugins add to it: first to its head, then at its places. */
async function draw(
  c: HostContext,
  page: PublicPage,
  title: string,
  drawBody: (slots: DrawnSlots) => Head,
  places: readonly PageSlot[] = SLOTS_OF[page.kind],
): Promise<string> {
  const { services, hooks } = c.var;
  const head = await createHead(page, { title, hooks, log: services.log });
  const slots = await createSlots(page, places, { hooks, log: services.log });
  const { locale, siteName } = page;
  const drawn = await drawPage({ siteName, locale, head, body: drawBody(slots), footer: slots["page.footer"] });
  return drawn.toString();
}

async function showUnavailable(c: HostContext, retryAfter: number): Promise<Response> {
  const response = await showPlain(c, "Not available", drawUnavailable(), 503);
  response.headers.set("retry-after", String(retryAfter));
  return response;
}

function showNotFound(c: HostContext): Response | Promise<Response> {
  return showPlain(c, "Not found", drawNotFound(), 404);
}

function showPlain(c: HostContext, title: string, body: Head, status: 404 | 500 | 503): Response | Promise<Response> {
  const { name, locale } = c.var.services.site;
  return c.html(drawPage({ siteName: name, locale, head: drawHead(`${title} · ${name}`, []), body }), status);
}

function readPosts(c: HostContext): Promise<CollectionDefinition> {
  const { services, hooks } = c.var;
  return createContentContext({ services, hooks }).toCollection(POSTS);
}

function toSiteFacts(c: HostContext) {
  const { site } = c.var.services;
  return { siteName: site.name, locale: site.locale, base: toBase(c) };
}

function toBase(c: HostContext): string {
  return toBaseUrl(c.var.services.site.url, c.req.url);
}

function toPageNumber(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  return /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : undefined;
}
