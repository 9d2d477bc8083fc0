/** A bundle goes in, scheduled posts come out: in the deployed Worker, under any name, with whichever provider is chosen. */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalLlm, type LocalLlm } from "../../scripts/local-llm.ts";
import { packBundle } from "../../scripts/pack-bundle.ts";
import { packNpmPlugin } from "../support/pack.ts";
import { ORIGIN, startProduction, type ProductionWorker } from "./worker.ts";

const CATALOG = "dist/assets/catalog";
const SHIPPED = "auto-blog-seo";

let openai: LocalLlm;
let deepseek: LocalLlm;
let worker: ProductionWorker;

beforeAll(async () => {
  [openai, deepseek] = await Promise.all([startLocalLlm({ port: 0 }), startLocalLlm({ port: 0 })]);
  worker = await startProduction({
    internet: { "api.openai.com": openai.url, "api.deepseek.com": deepseek.url },
  });
});
afterAll(async () => {
  await worker?.close();
  await Promise.all([openai?.close(), deepseek?.close()]);
});

interface Uploaded {
  readonly plan: { readonly hash: string; readonly plugin: { readonly id: string; readonly version: string } };
}
interface Run {
  readonly status: string;
  readonly error: string | null;
}
interface Post {
  readonly slug: string;
  readonly status: string;
  readonly data: { readonly title: string };
}

async function install(on: ProductionWorker, bundle: Uint8Array): Promise<string> {
  const { plan } = await on.call<Uploaded>("POST", "/api/admin/plugins", bundle);
  const { id, version } = plan.plugin;
  const { plugin } = await on.call<{ plugin: { state: string } }>("POST", `/api/admin/plugins/${id}/consent`, {
    version,
    planHash: plan.hash,
  });
  expect(plugin.state).toBe("enabled");
  return id;
}

async function runNow(on: ProductionWorker, id: string): Promise<Run> {
  await on.call("POST", `/api/admin/plugins/${id}/schedules/generate/run`);
  await on.tick();
  const { items } = await on.call<{ items: readonly Run[] }>("GET", `/api/admin/plugins/${id}/runs`);
  return items[0]!;
}

async function posts(on: ProductionWorker, status = "published"): Promise<readonly Post[]> {
  return (await on.call<{ items: readonly Post[] }>("GET", `/api/content/posts?status=${status}&limit=100`)).items;
}

function shippedBundle(): Promise<Uint8Array> {
  const file = readdirSync(CATALOG).find((name) => name.startsWith(`${SHIPPED}-`))!;
  return readFile(join(CATALOG, file)).then((bytes) => new Uint8Array(bytes));
}

/** The shipped plugin's very code under an id that nobody has heard of. */
async function underAnotherId(id: string): Promise<Uint8Array> {
  const entries = await unpackTar(gunzipSync(await shippedBundle()));
  const textOf = (name: string): string =>
    new TextDecoder().decode(entries.find((entry) => entry.header.name === name)!.data);
  return packBundle({ manifest: { ...JSON.parse(textOf("manifest.json")), id }, backend: textOf("backend.js") });
}

test("the shipped bundle writes a post on its schedule; it is on the site, in the feed and in the sitemap", async () => {
  const id = await install(worker, await shippedBundle());
  await worker.call("PUT", `/api/admin/plugins/${id}/settings`, {
    values: { openaiKey: "sk-test-openai-0001", publish: "publish" },
  });
  expect(await runNow(worker, id)).toMatchObject({ status: "ok", error: null });

  const [post] = await posts(worker);
  const page = await worker.visit(`/posts/${post!.slug}`);
  expect(page.status).toBe(200);
  expect(page.text).toContain('property="og:title"');
  expect(page.text).toContain('"@type":"BlogPosting"');
  for (const path of ["/sitemap.xml", "/feed.xml"]) {
    expect((await worker.visit(path)).text).toContain(`${ORIGIN}/posts/${post!.slug}`);
  }
  expect((await worker.visit("/")).text).toContain(post!.data.title);
  expect(worker.sent.at(-1)).toEqual({ host: "api.openai.com", authorization: "Bearer sk-test-openai-0001" });
});

test("further ticks write nothing while nothing is due", async () => {
  const before = await posts(worker);
  await worker.tick();
  await worker.tick();
  expect(await posts(worker)).toHaveLength(before.length);
});

test("re-packed under another id, unsigned and outside the catalogue, it behaves the same", async () => {
  const id = await install(worker, await underAnotherId("nobodys-writer"));
  await worker.call("PUT", `/api/admin/plugins/${id}/settings`, {
    values: { openaiKey: "sk-test-other-0002", publish: "publish" },
  });
  const before = await posts(worker);
  expect(await runNow(worker, id)).toMatchObject({ status: "ok", error: null });
  expect(await posts(worker)).toHaveLength(before.length + 1);
  expect(worker.sent.at(-1)).toEqual({ host: "api.openai.com", authorization: "Bearer sk-test-other-0002" });
});

test("one KV put switches the provider for the next run, to that provider's own key", async () => {
  await worker.call("PUT", `/api/admin/plugins/${SHIPPED}/settings`, {
    values: { deepseekKey: "sk-test-deepseek-0003" },
  });
  const asked = openai.requests().length;
  await worker.putKv(`settings:${SHIPPED}:provider`, "deepseek");
  expect(await runNow(worker, SHIPPED)).toMatchObject({ status: "ok", error: null });
  expect(openai.requests()).toHaveLength(asked);
  expect(worker.sent.at(-1)).toEqual({ host: "api.deepseek.com", authorization: "Bearer sk-test-deepseek-0003" });
  await worker.putKv(`settings:${SHIPPED}:provider`, "openai");
});

test("a malformed answer leaves no half post and is visible as a failed run", async () => {
  const before = { posts: await posts(worker), drafts: await posts(worker, "draft") };
  openai.answerWith(() => ({ content: "Sorry, I would rather talk about something else." }));
  const run = await runNow(worker, SHIPPED);
  expect(run.status).toBe("failed");
  expect(run.error).toContain("JSON");
  expect(run.error).not.toContain("sk-test");
  expect(await posts(worker)).toEqual(before.posts);
  expect(await posts(worker, "draft")).toEqual(before.drafts);
});

test("a plugin that others built for EmDash, packed unchanged, runs its hooks and its panel", async () => {
  const id = await install(worker, await packNpmPlugin("node_modules/@emdash-cms/plugin-audit-log"));
  const post = await worker.call<{ id: string }>("POST", "/api/content/posts", { data: { title: "Watched" } });
  await worker.call("PATCH", `/api/content/posts/${post.id}`, { data: { title: "Watched twice" } });
  await worker.call("DELETE", `/api/content/posts/${post.id}`);
  await expect
    .poll(async () => {
      const { data } = await worker.call<{ data: { entries: readonly { action: string; resourceId: string }[] } }>(
        "GET",
        `/api/plugins/${id}/recent`,
      );
      return data.entries.filter((entry) => entry.resourceId === post.id).map((entry) => entry.action);
    })
    .toEqual(["delete", "update", "create"]);
  const panel = await worker.call<{ blocks: readonly { type: string; rows?: readonly unknown[] }[] }>(
    "POST",
    `/api/admin/plugins/${id}/panel`,
    { type: "page_load", page: "/history" },
  );
  expect(panel.blocks.map((block) => block.type)).toContain("table");
  expect(panel.blocks.find((block) => block.type === "table")!.rows!.length).toBeGreaterThanOrEqual(3);
});
