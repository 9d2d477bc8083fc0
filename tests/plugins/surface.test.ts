/** What does the plugin show of itself? Its manifest, bundle, panel, public status, and what it adds to a page's head. */
import { validateBlocks } from "@emdash-cms/blocks/server";
import { build } from "esbuild";
import { parseManifest, type PublicPage } from "@bulkhead/sdk";
import { describe, expect, it } from "vitest";
import { toArticle, toChatAnswer } from "./articles.ts";
import { plugin, readManifest, readWireManifest } from "./auto-blog-manifest.ts";
import { startAnswering } from "./loopback.ts";
import { KEYS, createMemorySite, type MemorySite } from "./memory-site.ts";

const ROUTE = { request: { url: "https://garden.example/x", method: "POST", headers: {} } };

async function call(site: MemorySite, name: string, input: unknown): Promise<unknown> {
  const entry = plugin.routes?.[name];
  const handler = typeof entry === "object" ? entry.handler : entry;
  if (!handler) throw new Error(`The plugin has no route ${name}`);
  return handler({ ...ROUTE, input }, site.ctx);
}

describe("the manifest", () => {
  it("is accepted with the hooks and routes of the module", async () => {
    const parsed = parseManifest(await readWireManifest());
    expect(parsed).toMatchObject({ ok: true });
    const { hooks, routes, admin } = await readManifest();
    expect(hooks.map(({ name }) => name)).toEqual(["cron", "page:metadata"]);
    expect(routes).toEqual([
      { name: "admin", public: false },
      { name: "status", public: true },
    ]);
    expect(admin.pages).toEqual([{ path: "/overview", label: "Auto Blog", icon: "pencil" }]);
  });

  it("says why it needs each capability, and asks for no more", async () => {
    const { capabilities, bulkhead } = await readManifest();
    expect(Object.keys(bulkhead.purposes ?? {}).toSorted()).toEqual([...capabilities].toSorted());
    expect(capabilities.toSorted()).toEqual(["content:publish", "content:read", "content:write", "network:request"]);
  });

  it("binds every secret, and asks for the chosen provider's alone", async () => {
    const { admin, bulkhead, allowedHosts } = await readManifest();
    const secrets = Object.entries(admin.settingsSchema).flatMap(([key, { type }]) => (type === "secret" ? [key] : []));
    expect(Object.keys(bulkhead.secrets ?? {}).toSorted()).toEqual(secrets.toSorted());
    const hosts = Object.values(bulkhead.secrets ?? {}).flatMap((secret) => secret.hosts);
    expect(hosts.toSorted()).toEqual([...allowedHosts, "{setting:baseUrl}"].toSorted());
    const { provider } = admin.settingsSchema;
    const providers = provider?.type === "select" ? provider.options.map(({ value }) => value) : [];
    const asked = bulkhead.requiredSettings?.filter(({ key }) => secrets.includes(key));
    expect(asked?.map(({ when }) => when?.["provider"]).toSorted()).toEqual(providers.toSorted());
  });
});

it("is one small module that imports nothing", async () => {
  const built = await build({
    entryPoints: [new URL("../../plugins/auto-blog-seo/src/index.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    minify: true,
  });
  const [file] = built.outputFiles;
  expect(Object.values(built.metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
  expect(Object.keys(built.metafile.inputs).filter((path) => !path.includes("auto-blog-seo/src/"))).toEqual([]);
  expect(file!.contents.length).toBeLessThan(24 * 1024);
});

describe("the panel", () => {
  async function draw(site: MemorySite): Promise<string> {
    const answer = (await call(site, "admin", { type: "page_load", page: "/overview" })) as { blocks: unknown[] };
    expect(validateBlocks(answer.blocks)).toMatchObject({ valid: true });
    const text = JSON.stringify(answer);
    for (const key of Object.values(KEYS)) expect(text).not.toContain(key);
    return text;
  }

  it("tells of a fresh plugin", async () => {
    const text = await draw(await createMemorySite({ servers: {}, settings: { topics: "roses\ncompost" } }));
    expect(text).toContain("OpenAI");
    expect(text).toContain("gpt-4.1-mini");
    expect(text).toContain("1. roses");
    expect(text).not.toContain('"banner"');
  });

  it("tells of posts, the next topic and a failure", async () => {
    await using server = await startAnswering({ body: toChatAnswer(JSON.stringify(toArticle())) });
    const site = await createMemorySite({
      servers: { "api.openai.com": server.url },
      settings: { topics: "roses\ncompost", publish: "publish" },
    });
    await site.run("2026-11-20T00:00:00Z");
    const worked = await draw(site);
    expect(worked).toContain("Watering tomatoes without wasting a drop");
    expect(worked).toContain("1. compost");
    expect(worked).toContain('{"label":"Posts written","value":"1"}');

    await expect(site.run("2026-11-20T06:00:00Z")).rejects.toThrow(/existing/);
    const failed = await draw(site);
    expect(failed).toContain('"variant":"error"');
    expect(failed).toContain("1 of 2");
  });

  it("says which setting is missing", async () => {
    const text = await draw(await createMemorySite({ servers: {}, settings: { provider: "custom" } }));
    expect(text).toContain('"variant":"alert"');
    expect(text).toContain('\\"model\\"');
  });

  it("survives a memory that is not its own", async () => {
    const site = await createMemorySite({ servers: {} });
    for (const stored of ["text", 7, [], { runs: "x", titles: [1], cursor: -3 }, { runs: [{ scheduledAt: "x" }] }]) {
      site.kv.set("state:generate", stored);
      expect(await draw(site)).toContain('{"label":"Posts written","value":"0"}');
    }
  });
});

it("answers its status to anybody, with three facts", async () => {
  await using server = await startAnswering({ body: toChatAnswer(JSON.stringify(toArticle())) });
  const site = await createMemorySite({ servers: { "api.openai.com": server.url } });
  expect(await call(site, "status", {})).toEqual({ provider: "openai", lastRunAt: null, posts: 0 });
  await site.run("2026-11-20T06:00:00.000Z");
  expect(await call(site, "status", {})).toEqual({
    provider: "openai",
    lastRunAt: "2026-11-20T06:00:00.000Z",
    posts: 1,
  });
});

describe("a page's head", () => {
  const POST: PublicPage = {
    kind: "content",
    path: "/posts/roses",
    url: "https://garden.example/posts/roses?x=1",
    title: "Roses",
    description: "About roses",
    locale: "en",
    image: null,
    canonical: "https://garden.example/posts/roses",
    pageType: "article",
    content: { collection: "posts", id: "p1", slug: "roses" },
    articleMeta: { publishedTime: "2026-11-20T06:00:00.000Z", modifiedTime: null },
    siteName: "Garden Notes",
  };

  async function contribute(page: PublicPage): Promise<unknown> {
    const site = await createMemorySite({ servers: {} });
    const entry = plugin.hooks?.["page:metadata"];
    const handler = typeof entry === "object" ? entry.handler : entry;
    const result = await handler?.({ page }, site.ctx);
    // A page view has a budget of its own; this one spends nothing of it.
    expect(site.calls).toEqual([]);
    return result;
  }

  it("describes a post in place of the host's description", async () => {
    expect(await contribute(POST)).toEqual([
      {
        kind: "jsonld",
        id: "primary",
        graph: expect.objectContaining({
          "@type": "BlogPosting",
          headline: "Roses",
          description: "About roses",
          url: "https://garden.example/posts/roses",
          datePublished: "2026-11-20T06:00:00.000Z",
          publisher: { "@type": "Organization", name: "Garden Notes" },
        }),
      },
      { kind: "property", property: "article:published_time", content: "2026-11-20T06:00:00.000Z" },
    ]);
  });

  it("adds nothing to other pages", async () => {
    const { content: _content, ...list } = POST;
    expect(await contribute({ ...list, kind: "list", pageType: "website" })).toBeNull();
    expect(await contribute({ ...POST, pageType: "website" })).toBeNull();
  });
});
