/** What do administrators, visitors and search engines get to see? State without secrets, in shapes the host takes. */
import type { PublicPage } from "@bulkhead/sdk";
import { validateBlocks } from "@emdash-cms/blocks/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describePost } from "../../plugins/auto-blog-seo/src/page-metadata.ts";
import { ARTICLE, chat } from "./articles.ts";
import { KEY, createContext } from "./context.ts";
import { startFaultyServer, type FaultyServer } from "./faulty-server.ts";
import { AT, callRoute, failureOf, runSchedule } from "./run.ts";

let server: FaultyServer;
beforeAll(async () => {
  server = await startFaultyServer();
});
afterAll(() => server.close());

const pageLoad = { type: "page_load", page: "/overview" };

test("the panel is valid Block Kit before the first run, after a post and after a failure", async () => {
  const context = createContext({ server: server.url, values: { topics: "Bees\nBoats" } });
  const draw = async (): Promise<string> => {
    const { blocks } = (await callRoute("admin", context, pageLoad)) as { readonly blocks: unknown[] };
    expect(validateBlocks(blocks)).toMatchObject({ valid: true });
    return JSON.stringify(blocks);
  };
  expect(await draw()).toContain("Nothing ran yet");

  server.answer(200, chat(ARTICLE));
  await runSchedule(context);
  expect(await draw()).toContain(ARTICLE.title);

  server.answer(401, `{"error":"${KEY}"}`);
  await failureOf(context, "2026-03-02T06:00:00.000Z");
  const failed = await draw();
  expect(failed).toContain("openaiKey");
  expect(failed).not.toContain(KEY);
});

test("the panel says which setting is missing", async () => {
  const context = createContext({ server: server.url, values: { provider: "custom" } });
  expect(JSON.stringify(await callRoute("admin", context, pageLoad))).toContain("model");
});

test("a record of another shape does not break the panel", async () => {
  const context = createContext({ server: server.url });
  for (const stored of [null, "x", { runs: "x", cursor: -1 }, { runs: [null, 1, {}] }]) {
    context.kv.set("state:generate", stored);
    expect(await callRoute("admin", context, pageLoad)).toHaveProperty("blocks");
    expect(await callRoute("status", context)).toEqual({ provider: "openai", lastRunAt: null, posts: 0 });
  }
});

test("the public status has three facts and no more", async () => {
  server.answer(200, chat(ARTICLE));
  const context = createContext({ server: server.url });
  await runSchedule(context);
  expect(await callRoute("status", context)).toEqual({ provider: "openai", lastRunAt: AT, posts: 1 });
});

const post: PublicPage = {
  kind: "content",
  path: "/posts/bees",
  url: "https://blog.example/posts/bees",
  title: "Bees",
  description: "About bees",
  locale: "en",
  image: null,
  canonical: "https://blog.example/posts/bees",
  pageType: "article",
  content: { collection: "posts", id: "1", slug: "bees" },
  articleMeta: { publishedTime: AT, modifiedTime: null },
  siteName: "Harbour Notes",
};

test("a post is described as a BlogPosting with its times", () => {
  const contributions = describePost(post) ?? [];
  expect(contributions).toContainEqual({
    kind: "jsonld",
    id: "primary",
    graph: expect.objectContaining({
      "@type": "BlogPosting",
      headline: "Bees",
      description: "About bees",
      datePublished: AT,
      mainEntityOfPage: { "@type": "WebPage", "@id": post.canonical },
    }),
  });
  expect(contributions).toContainEqual({ kind: "property", property: "article:published_time", content: AT });
  expect(JSON.stringify(contributions)).not.toContain("modified");
});

test("other pages are left alone", () => {
  expect(describePost({ ...post, kind: "list", pageType: "website" }) ?? []).toEqual([]);
});
