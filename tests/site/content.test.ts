/** Does content hold what it promises, through the API and through the service that bridges call? */
import { env } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { contentApi } from "../../host/api/content.ts";
import { CONTENT_LIMITS } from "../../host/content/limits.ts";
import {
  count,
  createTestHooks,
  createTestHost,
  EDITOR,
  paragraph,
  PLUGIN,
  post,
  readJson,
  resetDatabase,
  sendJson,
  type ContentItem,
} from "./harness.ts";

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly issues?: readonly { readonly path: string; readonly code: string }[];
}

beforeEach(resetDatabase);

describe("an item's life over HTTP", () => {
  it("is created as a draft, read, changed, published, unpublished and deleted", async () => {
    const host = createTestHost();
    const created = await host.request("/api/content/posts", sendJson("POST", { data: { title: "Hello, World!" } }));
    expect(created.status).toBe(201);
    const item = await readJson<ContentItem>(created);
    expect(item).toMatchObject({
      slug: "hello-world",
      status: "draft",
      publishedAt: null,
      type: "posts",
      locale: "en",
    });
    expect(item.data).toEqual({ title: "Hello, World!", featured_image: null, content: null, excerpt: null });
    expect(item).not.toHaveProperty("seo");

    const path = `/api/content/posts/${item.id}`;
    const changed = await host.request(
      path,
      sendJson("PATCH", { data: { excerpt: "Short" }, seo: { title: "T", noIndex: true } }),
    );
    expect(changed.status).toBe(200);
    expect(await readJson(changed)).toMatchObject({
      slug: "hello-world",
      data: { title: "Hello, World!", excerpt: "Short" },
      seo: { title: "T", description: null, noIndex: true },
    });

    const published = await readJson<ContentItem>(await host.request(`${path}/publish`, { method: "POST" }));
    expect(published.status).toBe("published");
    expect(published.publishedAt).toMatch(/^2026-11-/);
    const again = await readJson<ContentItem>(await host.request(`${path}/publish`, { method: "POST" }));
    expect(again).toEqual(published);
    const row = await env.DB.prepare("SELECT * FROM ec_posts").first<Record<string, unknown>>();
    const newest = await env.DB.prepare("SELECT id FROM revisions ORDER BY created_at DESC LIMIT 1").first("id");
    expect(row).toMatchObject({ live_revision_id: newest, author_id: "user-1", translation_group: item.id });

    const draft = await readJson<ContentItem>(await host.request(`${path}/unpublish`, { method: "POST" }));
    expect(draft).toMatchObject({ status: "draft", publishedAt: null });

    expect((await host.request(path, { method: "DELETE" })).status).toBe(204);
    for (const [method, suffix] of [
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/publish"],
      ["POST", "/unpublish"],
    ] as const) {
      expect((await host.request(`${path}${suffix}`, { method })).status, `${method} ${suffix}`).toBe(404);
    }
    expect((await host.request(path, sendJson("PATCH", { data: { title: "Back" } }))).status).toBe(404);
    expect(await count("ec_posts")).toBe(1);
  });
});

describe("who may do what", () => {
  const calls = [
    ["GET", "", "read"],
    ["GET", "/some-id", "read"],
    ["POST", "", "write"],
    ["PATCH", "/some-id", "write"],
    ["DELETE", "/some-id", "write"],
    ["POST", "/some-id/publish", "write"],
    ["POST", "/some-id/unpublish", "write"],
  ] as const;
  const roles = [
    ["visitor", { read: 401, write: 401 }],
    ["reviewer", { read: "passes", write: 403 }],
    ["editor", { read: "passes", write: "passes" }],
    ["publisher", { read: "passes", write: "passes" }],
    ["admin", { read: "passes", write: "passes" }],
  ] as const;
  it.each(roles)("%s", async (role, expected) => {
    const host = createTestHost();
    for (const [method, path, kind] of calls) {
      const { status } = await host.request(`/api/content/posts${path}`, { method, role });
      const want = expected[kind];
      if (want === "passes") expect([401, 403], `${role} ${method} ${path}`).not.toContain(status);
      else expect(status, `${role} ${method} ${path}`).toBe(want);
    }
    expect(await count("ec_posts")).toBe(0);
  });
});

describe("the description", () => {
  it("names every route and the shape of an item", () => {
    const document = contentApi.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "T", version: "1" } });
    const routes = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(routes.sort()).toEqual([
      "delete /{collection}/{id}",
      "get /{collection}",
      "get /{collection}/{id}",
      "patch /{collection}/{id}",
      "post /{collection}",
      "post /{collection}/{id}/publish",
      "post /{collection}/{id}/unpublish",
    ]);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(
      expect.arrayContaining(["ContentItem", "ContentSeo", "Problem"]),
    );
  });
});

describe("what is refused, by name and before anything is written", () => {
  const long = (chars: number) => "x".repeat(chars);
  const nest = (levels: number): unknown => (levels === 0 ? "end" : [nest(levels - 1)]);
  const refused: readonly (readonly [string, unknown, number, string])[] = [
    ["no data", {}, 400, "data"],
    ["data that is a list", { data: [] }, 400, "data"],
    ["an unknown member", { data: { title: "A" }, status: "published" }, 400, "status"],
    ["an unknown field", { data: { title: "A", colour: "red" } }, 422, "data.colour"],
    ["no title", { data: {} }, 422, "data.title"],
    ["a title of null", { data: { title: null } }, 422, "data.title"],
    ["a title of blanks", { data: { title: "  " } }, 422, "data.title"],
    ["a title that is a number", { data: { title: 7 } }, 422, "data.title"],
    ["control characters", { data: { title: "a\u0000b" } }, 422, "data.title"],
    ["a long title", { data: { title: long(CONTENT_LIMITS.titleChars + 1) } }, 422, "data.title"],
    ["a long excerpt", { data: { title: "A", excerpt: long(CONTENT_LIMITS.excerptChars + 1) } }, 422, "data.excerpt"],
    ["a long slug", { data: { title: "A" }, slug: long(CONTENT_LIMITS.slugChars + 1) }, 422, "slug"],
    ["a slug without letters", { data: { title: "A" }, slug: "!!!" }, 422, "slug"],
    ["content that is a text", { data: { title: "A", content: "<p>" } }, 422, "data.content"],
    ["a block without _type", { data: { title: "A", content: [paragraph("x"), { text: "y" }] } }, 422, "data.content"],
    [
      "deep content",
      { data: { title: "A", content: [{ _type: "x", deep: nest(CONTENT_LIMITS.depth) }] } },
      422,
      "data.content",
    ],
    [
      "too many blocks",
      { data: { title: "A", content: Array.from({ length: CONTENT_LIMITS.blocks + 1 }, () => ({ _type: "x" })) } },
      422,
      "data.content",
    ],
    [
      "an image with a script",
      { data: { title: "A", featured_image: "javascript:alert(1)" } },
      422,
      "data.featured_image",
    ],
    ["an unknown SEO field", { data: { title: "A" }, seo: { keywords: "x" } }, 400, "seo"],
    [
      "a long SEO title",
      { data: { title: "A" }, seo: { title: long(CONTENT_LIMITS.seoTitleChars + 1) } },
      422,
      "seo.title",
    ],
    [
      "a canonical with a script",
      { data: { title: "A" }, seo: { canonical: "java\tscript:alert(1)" } },
      422,
      "seo.canonical",
    ],
    ["a locale that is none", { data: { title: "A" }, locale: "../en" }, 400, ""],
  ];
  it.each(refused)("%s", async (_name, body, status, path) => {
    const host = createTestHost();
    const response = await host.request("/api/content/posts", sendJson("POST", body));
    const problem = await readJson<Problem>(response);
    expect([response.status, problem.code]).toEqual([status, status === 400 ? "BAD_REQUEST" : "CONTENT_INVALID"]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    if (path !== "") expect(`${problem.detail} ${JSON.stringify(problem.issues)}`).toContain(path);
    expect(await count("ec_posts")).toBe(0);
    expect(await count("revisions")).toBe(0);
    expect(host.hooks.fired).toEqual([]);
  });

  it("takes each limit exactly", async () => {
    const host = createTestHost();
    const item = await host.content.create(
      "posts",
      {
        slug: long(CONTENT_LIMITS.slugChars),
        seo: { title: long(CONTENT_LIMITS.seoTitleChars), description: long(CONTENT_LIMITS.seoDescriptionChars) },
        data: {
          title: long(CONTENT_LIMITS.titleChars),
          excerpt: long(CONTENT_LIMITS.excerptChars),
          content: [
            ...Array.from({ length: CONTENT_LIMITS.blocks - 1 }, () => ({ _type: "x" })),
            { _type: "x", deep: nest(CONTENT_LIMITS.depth - 2) },
          ],
        },
      },
      EDITOR,
    );
    expect(item.slug).toHaveLength(CONTENT_LIMITS.slugChars);
  });

  it("counts the bytes of an item as UTF-8, and takes exactly as many as the limit", async () => {
    const host = createTestHost();
    const empty = new TextEncoder().encode(JSON.stringify({ title: "A", content: [paragraph("")] })).byteLength;
    const fits =
      "é".repeat((CONTENT_LIMITS.itemBytes - empty) / 2) + "x".repeat((CONTENT_LIMITS.itemBytes - empty) % 2);
    const item = await host.content.create("posts", { data: { title: "A", content: [paragraph(fits)] } }, EDITOR);
    const over = { data: { title: "A", content: [paragraph(`${fits}x`)] } };
    await expect(host.content.create("posts", over, EDITOR)).rejects.toMatchObject({ code: "CONTENT_INVALID" });
    await expect(
      host.content.update("posts", item.id, { data: { excerpt: "one more" } }, EDITOR),
    ).rejects.toMatchObject({
      code: "CONTENT_INVALID",
    });
    expect(await count("ec_posts")).toBe(1);
    expect(await count("revisions")).toBe(1);
  });

  it("answers bodies that are no JSON, too large, or of another kind", async () => {
    const host = createTestHost();
    const send = (body: string, type = "application/json") =>
      host.request("/api/content/posts", { method: "POST", body, headers: { "content-type": type } });
    expect(await readJson(await send("{"))).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    expect((await send("title=A", "application/x-www-form-urlencoded")).status).toBe(400);
    const large = JSON.stringify({ data: { title: "A", excerpt: long(CONTENT_LIMITS.bodyBytes) } });
    expect(await readJson(await send(large))).toMatchObject({ status: 413, code: "PAYLOAD_TOO_LARGE" });
    expect(await count("ec_posts")).toBe(0);
  });

  it("names every fault at once, and the fields there are", async () => {
    const response = await createTestHost().request(
      "/api/content/posts",
      sendJson("POST", { data: { body: 1, excerpt: 2 } }),
    );
    const problem = await readJson<Problem>(response);
    expect(problem.issues?.map((issue) => issue.path)).toEqual(["data.body", "data.title", "data.excerpt"]);
    expect(problem.detail).toContain("It has title, featured_image, content, excerpt");
  });

  const system = [
    "id",
    "slug",
    "status",
    "author_id",
    "primary_byline_id",
    "created_at",
    "updated_at",
    "published_at",
    "scheduled_at",
    "deleted_at",
    "version",
    "live_revision_id",
    "draft_revision_id",
    "locale",
    "translation_group",
    "seo",
  ];
  it.each(system)("system columns are nobody's to write as data: %s", async (name) => {
    const host = createTestHost();
    const item = await host.content.create("posts", post("Mine"), EDITOR);
    const data = { title: "Theirs", [name]: "2000-01-01" };
    const expected = { code: "CONTENT_INVALID", issues: [{ path: `data.${name}`, code: "reserved" }] };
    await expect(host.content.create("posts", { data }, PLUGIN)).rejects.toMatchObject(expected);
    await expect(host.content.update("posts", item.id, { data }, PLUGIN)).rejects.toMatchObject(expected);
    expect(await host.content.get("posts", item.id)).toEqual(item);
  });

  it("names the collections there are", async () => {
    const host = createTestHost();
    for (const name of ["pages", "posts; DROP TABLE ec_posts", "__proto__", "constructor", "x".repeat(500)]) {
      const response = await host.request(`/api/content/${encodeURIComponent(name)}`);
      expect(await readJson(response), name).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
        detail: expect.stringContaining("Known: posts."),
      });
    }
  });
});

describe("slugs", () => {
  it("are numbered where they are taken, per locale, and never taken from another item", async () => {
    const { content } = createTestHost();
    const slugs: (string | null)[] = [];
    for (const locale of ["en", "en", "de", "en", "de"])
      slugs.push((await content.create("posts", post("Same title", { locale }), EDITOR)).slug);
    expect(slugs).toEqual(["same-title", "same-title-2", "same-title", "same-title-3", "same-title-2"]);

    const other = await content.create("posts", post("Other"), EDITOR);
    expect((await content.update("posts", other.id, { slug: "same-title" }, EDITOR)).slug).toBe("same-title-4");
    expect((await content.update("posts", other.id, { slug: "same-title-4" }, EDITOR)).slug).toBe("same-title-4");
    expect((await content.update("posts", other.id, { slug: "Wholly New!" }, EDITOR)).slug).toBe("wholly-new");
  });

  it("of deleted items stay theirs, for the trash", async () => {
    const { content } = createTestHost();
    const first = await content.create("posts", post("Gone"), EDITOR);
    await content.delete("posts", first.id, EDITOR);
    expect((await content.create("posts", post("Gone"), EDITOR)).slug).toBe("gone-2");
  });

  it("that an import has in another form survive being sent back", async () => {
    const { content } = createTestHost();
    const item = await content.create("posts", post("Imported"), EDITOR);
    await env.DB.prepare("UPDATE ec_posts SET slug = 'Old_Form.html' WHERE id = ?").bind(item.id).run();
    const changed = await content.update("posts", item.id, { slug: "Old_Form.html", data: { title: "New" } }, EDITOR);
    expect([changed.slug, changed.data["title"]]).toEqual(["Old_Form.html", "New"]);
  });

  it("lost to a faster writer are numbered on the second attempt", async () => {
    const rival = createTestHost().content;
    const db = interceptBatch(async () => void (await rival.create("posts", post("Raced"), EDITOR)));
    const item = await createTestHost({ db }).content.create("posts", post("Raced"), EDITOR);
    expect(item.slug).toBe("raced-2");
    expect(await count("ec_posts")).toBe(2);
    expect(await count("revisions")).toBe(2);
  });
});

describe("idempotency", () => {
  it("returns the first item to the same owner, without hooks, and knows owners apart", async () => {
    const host = createTestHost();
    const options = { idempotencyKey: "run-1" };
    const first = await host.content.create("posts", post("Once"), PLUGIN, options);
    const fired = host.hooks.fired.length;
    expect(await host.content.create("posts", post("Twice"), PLUGIN, options)).toEqual(first);
    expect(host.hooks.fired).toHaveLength(fired);
    expect(await count("ec_posts")).toBe(1);

    const others = [
      { ...PLUGIN, id: "other-plugin" },
      { ...EDITOR, id: PLUGIN.id },
    ] as const;
    for (const other of others) await host.content.create("posts", post("Theirs"), other, options);
    expect(await count("ec_posts")).toBe(3);
    expect((await host.content.create("posts", post("Other key"), PLUGIN, { idempotencyKey: "run-2" })).id).not.toBe(
      first.id,
    );
  });

  it("makes one item of simultaneous calls that all found the key unused", async () => {
    const calls = 5;
    const barrier = createBarrier(calls);
    const hooks = createTestHooks();
    const hosts = Array.from({ length: calls }, () =>
      createTestHost({
        hooks: { ...hooks, filter: async (_hook, _event, _member, value) => (await barrier(), value) },
      }),
    );
    const items = await Promise.all(
      hosts.map((host, index) =>
        host.content.create("posts", post(`Call ${index}`, { publish: true }), PLUGIN, { idempotencyKey: "k" }),
      ),
    );
    expect(new Set(items.map((item) => item.id)).size).toBe(1);
    expect([await count("ec_posts"), await count("revisions"), await count("_host_idempotency")]).toEqual([1, 1, 1]);
    expect(hooks.fired.filter(({ hook }) => hook === "content:afterSave")).toHaveLength(1);
  });

  it("does not bring back what was deleted, and refuses keys out of bounds", async () => {
    const { content } = createTestHost();
    const item = await content.create("posts", post("Doomed"), PLUGIN, { idempotencyKey: "k" });
    await content.delete("posts", item.id, EDITOR);
    await expect(content.create("posts", post("Doomed"), PLUGIN, { idempotencyKey: "k" })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    const most = CONTENT_LIMITS.idempotencyKeyChars;
    for (const key of ["", "k".repeat(most + 1)]) {
      await expect(content.create("posts", post("A"), PLUGIN, { idempotencyKey: key })).rejects.toMatchObject({
        code: "BAD_REQUEST",
      });
    }
    await content.create("posts", post("A"), PLUGIN, { idempotencyKey: "k".repeat(most) });
    expect(await count("ec_posts")).toBe(2);
  });
});

describe("all or nothing", () => {
  const full = post("Half", { publish: true, seo: { title: "S" } });
  // Idempotency row, revision, item, SEO fields, reading: a failure before and after each.
  it.each([0, 1, 2, 3, 4, 5])("a creation whose batch fails at statement %i leaves nothing", async (at) => {
    const host = createTestHost({ db: failBatchAt(at) });
    await expect(host.content.create("posts", full, PLUGIN, { idempotencyKey: "k" })).rejects.toThrow(/no such table/);
    for (const table of ["ec_posts", "revisions", "_emdash_seo", "_host_idempotency"])
      expect(await count(table), table).toBe(0);
    expect(host.hooks.fired.map(({ hook }) => hook)).toEqual(["content:beforeSave"]);
    expect((await createTestHost().content.create("posts", full, PLUGIN, { idempotencyKey: "k" })).slug).toBe("half");
  });

  it.each([0, 1, 2, 3])("a change whose batch fails at statement %i changes nothing", async (at) => {
    const item = await createTestHost().content.create("posts", full, EDITOR);
    const { content, hooks } = createTestHost({ db: failBatchAt(at) });
    await expect(
      content.update("posts", item.id, { data: { title: "Other" }, seo: { title: "T" } }, EDITOR),
    ).rejects.toThrow();
    await expect(content.unpublish("posts", item.id, EDITOR)).rejects.toThrow();
    expect(await content.get("posts", item.id)).toEqual(item);
    expect(await count("revisions")).toBe(1);
    expect(hooks.fired.map(({ hook }) => hook)).toEqual(["content:beforeSave"]);
  });

  it("keeps both of two changes to different fields that crossed", async () => {
    const { content } = createTestHost();
    const item = await content.create("posts", full, EDITOR);
    const db = interceptBatch(
      async () => void (await content.update("posts", item.id, { data: { excerpt: "Rival" } }, EDITOR)),
    );
    const changed = await createTestHost({ db }).content.update(
      "posts",
      item.id,
      { data: { title: "Mine" }, seo: { noIndex: true } },
      EDITOR,
    );
    expect(changed).toMatchObject({ data: { title: "Mine", excerpt: "Rival" }, seo: { title: "S", noIndex: true } });
    const newest = await env.DB.prepare(
      "SELECT data FROM revisions ORDER BY created_at DESC, id DESC LIMIT 1",
    ).first<string>("data");
    expect(JSON.parse(newest ?? "")).toMatchObject({ title: "Mine", excerpt: "Rival" });
  });

  it("changes nothing of an item that was deleted meanwhile", async () => {
    const { content } = createTestHost();
    const item = await content.create("posts", full, EDITOR);
    const db = interceptBatch(async () => void (await content.delete("posts", item.id, EDITOR)));
    const late = createTestHost({ db });
    await expect(late.content.update("posts", item.id, { seo: { title: "T" } }, EDITOR)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await env.DB.prepare("SELECT seo_title FROM _emdash_seo").first("seo_title")).toBe("S");
    expect(await count("revisions")).toBe(1);
    expect(late.hooks.fired.map(({ hook }) => hook)).toEqual(["content:beforeSave"]);
  });
});

describe("hooks", () => {
  it("fire once each, in order, with what was stored", async () => {
    const { content, hooks } = createTestHost();
    const item = await content.create("posts", post("Told", { publish: true }), EDITOR);
    await content.publish("posts", item.id, EDITOR);
    const changed = await content.update("posts", item.id, { data: { excerpt: "E" } }, EDITOR);
    const draft = await content.unpublish("posts", item.id, EDITOR);
    await content.unpublish("posts", item.id, EDITOR);
    const published = await content.publish("posts", item.id, EDITOR);
    expect(await content.delete("posts", item.id, EDITOR)).toBe(true);
    expect(await content.delete("posts", item.id, EDITOR)).toBe(false);
    const collection = "posts";
    const deletion = { id: item.id, collection, permanent: false };
    expect(hooks.fired).toEqual([
      {
        hook: "content:beforeSave",
        event: { collection, isNew: true, content: { title: "Told", content: [paragraph("About Told")] } },
      },
      { hook: "content:afterSave", event: { collection, isNew: true, content: item } },
      { hook: "content:afterPublish", event: { collection, content: item } },
      { hook: "content:beforeSave", event: { collection, isNew: false, content: { id: item.id, excerpt: "E" } } },
      { hook: "content:afterSave", event: { collection, isNew: false, content: changed } },
      { hook: "content:afterUnpublish", event: { collection, content: draft } },
      { hook: "content:afterPublish", event: { collection, content: published } },
      { hook: "content:beforeDelete", event: deletion },
      { hook: "content:afterDelete", event: deletion },
    ]);
  });

  it("may change fields, slug and SEO fields", async () => {
    const hooks = createTestHooks({
      beforeSave: (content) => ({ ...content, title: "Changed", slug: "By Plugin", seo: { description: "D" } }),
    });
    const { content } = createTestHost({ hooks });
    const item = await content.create("posts", post("Asked", { slug: "asked", seo: { title: "T" } }), EDITOR);
    expect(item).toMatchObject({
      slug: "by-plugin",
      data: { title: "Changed" },
      seo: { title: "T", description: "D" },
    });
    const other = await createTestHost().content.create("posts", post("Other"), EDITOR);
    const hijack = createTestHooks({ beforeSave: (value) => ({ ...value, id: other.id, excerpt: "Kept" }) });
    const changed = await createTestHost({ hooks: hijack }).content.update("posts", item.id, { data: {} }, EDITOR);
    expect([changed.id, changed.data["excerpt"]]).toEqual([item.id, "Kept"]);
    expect((await content.get("posts", other.id))?.data["excerpt"]).toBeNull();
  });

  const results: readonly (readonly [string, Record<string, unknown>])[] = [
    ["a status", { status: "published" }],
    ["an author", { author_id: "someone" }],
    ["a field that is none", { colour: "red" }],
    ["a field of another type", { title: ["x"] }],
    ["a title too long", { title: "x".repeat(CONTENT_LIMITS.titleChars + 1) }],
    ["a slug that is none", { slug: { a: 1 } }],
    ["SEO fields that are none", { seo: "x" }],
    ["an unsafe canonical", { seo: { canonical: "javascript:x" } }],
  ];
  it.each(results)("cannot set %s", async (_name, result) => {
    const hooks = createTestHooks({ beforeSave: (content) => ({ ...content, ...result }) });
    const host = createTestHost({ hooks });
    await expect(host.content.create("posts", post("A"), EDITOR)).rejects.toMatchObject({
      code: "CONTENT_INVALID",
      message: expect.stringContaining("as a plugin's content:beforeSave returned it"),
    });
    expect(await count("ec_posts")).toBe(0);
    expect(hooks.fired.map(({ hook }) => hook)).toEqual(["content:beforeSave"]);
  });

  it("can refuse a deletion, and then nothing is deleted and nobody told", async () => {
    const hooks = createTestHooks({ refuseDelete: "legal-hold: keep it" });
    const host = createTestHost({ hooks });
    const item = await createTestHost().content.create("posts", post("Held"), EDITOR);
    const response = await host.request(`/api/content/posts/${item.id}`, { method: "DELETE" });
    expect(await readJson(response)).toMatchObject({
      status: 422,
      code: "REFUSED_BY_PLUGIN",
      detail: "legal-hold: keep it",
    });
    expect(await host.content.get("posts", item.id)).toEqual(item);
    expect(hooks.fired.map(({ hook }) => hook)).toEqual(["content:beforeDelete"]);
  });
});

describe("lists", () => {
  it("page through every item once, in every order, also where the column is empty", async () => {
    const { content, request } = createTestHost();
    for (let index = 0; index < 7; index += 1) {
      const item = await content.create("posts", post(`Item ${index}`, { publish: index % 2 === 0 }), EDITOR);
      if (index === 3) await content.update("posts", item.id, { data: { excerpt: "later" } }, EDITOR);
    }
    for (const column of ["createdAt", "updatedAt", "publishedAt", "slug", "id"] as const) {
      const seen: Record<string, readonly ContentItem[]> = {};
      for (const [direction, prefix] of [
        ["asc", ""],
        ["desc", "-"],
      ] as const) {
        const items: ContentItem[] = [];
        let cursor: string | undefined;
        for (let page = 0; page < 10; page += 1) {
          const query = new URLSearchParams({
            orderBy: `${prefix}${column}`,
            limit: "2",
            ...(cursor ? { cursor } : {}),
          });
          const answer = await readJson<{ items: ContentItem[]; cursor?: string; hasMore: boolean }>(
            await request(`/api/content/posts?${query}`),
          );
          items.push(...answer.items);
          expect(answer.hasMore).toBe(answer.cursor !== undefined);
          cursor = answer.cursor;
          if (cursor === undefined) break;
        }
        expect(new Set(items.map((item) => item.id)).size, `${column} ${direction}`).toBe(7);
        expect(items).toHaveLength(7);
        seen[direction] = items;
      }
      expect(seen["asc"], column).toEqual(seen["desc"]?.toReversed());
      const values = (seen["desc"] ?? []).map((item) => item[column] ?? "");
      expect(values, column).toEqual([...values].sort().toReversed());
    }
  });

  it("filter by status and locale, and hold no deleted item", async () => {
    const { content, request } = createTestHost();
    await content.create("posts", post("Draft"), EDITOR);
    await content.create("posts", post("Public", { publish: true }), EDITOR);
    await content.create("posts", post("Deutsch", { publish: true, locale: "de" }), EDITOR);
    const gone = await content.create("posts", post("Gone", { publish: true }), EDITOR);
    await content.delete("posts", gone.id, EDITOR);
    const titles = async (query: string): Promise<readonly unknown[]> => {
      const { items } = await readJson<{ items: ContentItem[] }>(await request(`/api/content/posts${query}`));
      return items.map((item) => item.data["title"]);
    };
    expect(await titles("")).toEqual(["Deutsch", "Public", "Draft"]);
    expect(await titles("?status=published")).toEqual(["Deutsch", "Public"]);
    expect(await titles("?status=published&locale=de")).toEqual(["Deutsch"]);
    expect(await titles("?status=nonsense")).toEqual([]);
  });

  it.each([
    "limit=0",
    "limit=101",
    "limit=1.5",
    "limit=x",
    "cursor=x",
    "cursor=%00",
    "cursor=bnVsbA",
    "orderBy=title",
    "orderBy=deleted_at",
    "orderBy=constructor",
  ])("refuse %s", async (query) => {
    const response = await createTestHost().request(`/api/content/posts?${query}`);
    expect(await readJson(response)).toMatchObject({ status: 400, code: "BAD_REQUEST" });
  });

  it("take at most 100 items, and a cursor only in its own order", async () => {
    const { content } = createTestHost();
    expect(await content.list("posts", { limit: CONTENT_LIMITS.maxPageItems })).toEqual({ items: [], hasMore: false });
    await content.create("posts", post("A"), EDITOR);
    await content.create("posts", post("B"), EDITOR);
    const { cursor } = await content.list("posts", { limit: 1 });
    await expect(content.list("posts", { cursor: cursor ?? "", orderBy: { slug: "asc" } })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
    await expect(content.list("posts", { orderBy: { slug: "asc", id: "asc" } })).rejects.toMatchObject({
      code: "BAD_REQUEST",
    });
  });

  it("end a page early where the items are large, and lose none", async () => {
    const { content } = createTestHost();
    const large = "x".repeat(CONTENT_LIMITS.itemBytes - 1_000);
    const items = Math.floor(CONTENT_LIMITS.pageBytes / CONTENT_LIMITS.itemBytes) + 2;
    for (let index = 0; index < items; index += 1) {
      await content.create("posts", { data: { title: `Large ${index}`, content: [paragraph(large)] } }, EDITOR);
    }
    const first = await content.list("posts", { limit: 100 });
    expect(first.items).toHaveLength(items - 2);
    expect(first.hasMore).toBe(true);
    const second = await content.list("posts", { limit: 100, cursor: first.cursor ?? "" });
    expect(second.items.map((item) => item.data["title"])).toEqual(["Large 1", "Large 0"]);
    expect(second.hasMore).toBe(false);
  });
});

describe("other collections", () => {
  beforeEach(async () => {
    await env.DB.batch(
      [
        "DROP TABLE IF EXISTS ec_notes",
        "DELETE FROM _emdash_collections WHERE slug = 'notes'",
        `CREATE TABLE ec_notes (id TEXT PRIMARY KEY, slug TEXT, status TEXT DEFAULT 'draft', author_id TEXT, primary_byline_id TEXT,
          created_at TEXT DEFAULT (datetime('now')), updated_at TEXT DEFAULT (datetime('now')), published_at TEXT, scheduled_at TEXT,
          deleted_at TEXT, version INTEGER DEFAULT 1, live_revision_id TEXT, draft_revision_id TEXT, locale TEXT NOT NULL DEFAULT 'en',
          translation_group TEXT, name TEXT NOT NULL DEFAULT '', stars INTEGER, weight REAL, done INTEGER, day TEXT, kind TEXT, tags JSON, more JSON,
          "order" TEXT, code TEXT UNIQUE, UNIQUE (slug, locale))`,
        "INSERT INTO _emdash_collections (id, slug, label) VALUES ('NOTES', 'notes', 'Notes')",
        ...[
          ["name", "string", 1, null],
          ["stars", "integer", 0, '{"min":1,"max":5}'],
          ["weight", "number", 0, null],
          ["done", "boolean", 0, null],
          ["day", "datetime", 0, null],
          ["kind", "select", 0, '{"options":["a","b"]}'],
          ["tags", "multiSelect", 0, null],
          ["more", "json", 0, null],
          ["order", "string", 0, null],
          ["code", "string", 0, null],
        ].map(
          ([slug, type, required, validation]) =>
            `INSERT INTO _emdash_fields (id, collection_id, slug, label, type, column_type, required, validation)
             VALUES ('N-${slug}', 'NOTES', '${slug}', '', '${type}', '', ${required}, ${validation === null ? "NULL" : `'${validation}'`})`,
        ),
      ].map((sql) => env.DB.prepare(sql)),
    );
  });

  it("work by the registry alone, and values come back as they were", async () => {
    const { content } = createTestHost();
    const data = {
      name: "N",
      stars: 5,
      weight: 1.5,
      done: true,
      day: "2026-01-02",
      kind: "b",
      tags: ["x"],
      more: { a: [null] },
      order: "1",
      code: "c",
    };
    const item = await content.create("notes", { data, publish: true }, EDITOR);
    expect(item).toMatchObject({ type: "notes", slug: "n", status: "published", data });
    expect((await content.update("notes", item.id, { data: { done: false, weight: null } }, EDITOR)).data).toEqual({
      ...data,
      done: false,
      weight: null,
    });
    expect((await content.list("notes")).items).toHaveLength(1);
    expect(await content.get("posts", item.id)).toBeNull();
    await expect(content.create("notes", { data: { name: "M", code: "c" } }, EDITOR)).rejects.toMatchObject({
      code: "CONTENT_INVALID",
      message: expect.stringContaining("must be unique"),
    });
  });

  it.each([
    ["stars", 0],
    ["stars", 6],
    ["stars", 1.5],
    ["stars", "3"],
    ["weight", "1"],
    ["done", 1],
    ["day", "soon"],
    ["kind", "c"],
    ["tags", "x"],
    ["tags", [1]],
  ])("refuse %s = %j", async (name, value) => {
    const { content } = createTestHost();
    await expect(content.create("notes", { data: { name: "N", [name]: value } }, EDITOR)).rejects.toMatchObject({
      code: "CONTENT_INVALID",
      issues: [{ path: `data.${name}` }],
    });
  });

  it.each([`evil" TEXT); --`, "Status", "status", "deleted_at", "a b", "_x", "x".repeat(64)])(
    "a tampered registry does not reach SQL: the field %j",
    async (name) => {
      await env.DB.prepare("UPDATE _emdash_fields SET slug = ? WHERE id = 'N-kind'").bind(name).run();
      const { content } = createTestHost();
      await expect(content.list("notes")).rejects.toThrow(/reserved or malformed name/);
      await expect(content.create("notes", { data: { name: "N", [name]: "x" } }, EDITOR)).rejects.toThrow(
        /reserved or malformed name/,
      );
      expect((await content.list("posts")).items).toEqual([]);
    },
  );
});

describe("an existing EmDash database", () => {
  it("is read as it is: times in SQLite's form, a version of NULL, no revision", async () => {
    await env.DB.prepare(
      "INSERT INTO ec_posts (id, slug, title, created_at, updated_at, version, content) VALUES ('OLD', 'old', 'Old', '2020-01-02 03:04:05', '2020-01-02 03:04:05', NULL, 'no json')",
    ).run();
    const { content } = createTestHost();
    expect(await content.get("posts", "OLD")).toMatchObject({
      createdAt: "2020-01-02T03:04:05.000Z",
      data: { content: "no json" },
    });
    const item = await content.publish("posts", "OLD", EDITOR);
    expect(item.status).toBe("published");
    expect(await env.DB.prepare("SELECT live_revision_id FROM ec_posts").first("live_revision_id")).toBe(
      await env.DB.prepare("SELECT id FROM revisions").first("id"),
    );
    expect((await content.update("posts", "OLD", { data: { title: "New" } }, EDITOR)).data["title"]).toBe("New");
    await env.DB.prepare("UPDATE ec_posts SET slug = NULL, status = 'draft'").run();
    await expect(content.publish("posts", "OLD", EDITOR)).rejects.toMatchObject({
      code: "CONTENT_INVALID",
      issues: [{ path: "slug" }],
    });
  });

  it("takes the migration again without a change", async () => {
    const before = await env.DB.prepare("SELECT * FROM _emdash_fields ORDER BY id").all();
    for (const { queries } of env.TEST_MIGRATIONS) for (const query of queries) await env.DB.prepare(query).run();
    expect((await env.DB.prepare("SELECT * FROM _emdash_fields ORDER BY id").all()).results).toEqual(before.results);
  });
});

/** The real database whose batches fail at a statement. */
function failBatchAt(at: number): D1Database {
  return replaceBatch((statements) => {
    const failing = env.DB.prepare("INSERT INTO no_such_table VALUES (1)");
    return env.DB.batch([...statements.slice(0, at), failing, ...statements.slice(at)]);
  });
}

/** The real database where something happens just before the first batch. */
function interceptBatch(before: () => Promise<void>): D1Database {
  let pending: (() => Promise<void>) | undefined = before;
  return replaceBatch(async (statements) => {
    const now = pending;
    pending = undefined;
    await now?.();
    return env.DB.batch(statements);
  });
}

function replaceBatch(batch: (statements: D1PreparedStatement[]) => Promise<D1Result[]>): D1Database {
  return new Proxy(env.DB, {
    get: (target, key) => {
      if (key === "batch") return batch;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Lets all callers wait until the last one has come. */
function createBarrier(callers: number): () => Promise<void> {
  let waiting = callers;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    waiting -= 1;
    if (waiting === 0) resolve();
    return promise;
  };
}
