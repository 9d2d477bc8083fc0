/**
 * Can a plugin that may write everything make the site act? Each vector of the corpus in every field a plugin can write: by
 * `ctx.content`, by SQL past its checks, by `ctx.media` and by its page hook. Read again by the platform's own HTML parser.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { target } from "#target";
import { ALL_HTML_ATTACKS } from "../corpora/html-attacks.ts";
import { findActive, readGraphs } from "../site/inspect.ts";
import { call, callRoute, install } from "./client.ts";
import { sketch } from "./plugins.ts";

/** Vectors that are addresses, besides those that are HTML. */
const ADDRESSES = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  " \u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "\\\\evil.dev/x",
  `//evil.dev/"onclick="alert(1)`,
  `https://a.dev/"><svg onload=alert(1)>`,
  "constructor",
  "__proto__",
];
const VECTORS = [...new Set(ALL_HTML_ATTACKS.map(([, vector]) => vector)), ...ADDRESSES];

const WRITE = `async ({ input: { text, n } }, ctx) => {
  await ctx.kv.set("text", text);
  // Saves refuse control characters in words; SQL does not ask.
  const plain = text.replace(/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]/g, "") || "x";
  const span = { _type: "span", _key: "s", text, marks: [] };
  const item = await ctx.content.create("posts", {
    title: plain, excerpt: plain, slug: "p" + n,
    content: [{ _type: "block", _key: "b", style: "normal", markDefs: [], children: [{ ...span, text: plain }] }],
    seo: { title: plain, description: plain },
  }, { publish: true });
  const link = { _type: "link", _key: "l", href: text };
  const marked = { _type: "block", _key: "c", style: text, listItem: text, level: text, markDefs: [link, { ...link, _type: text, _key: text }], children: [{ ...span, marks: ["l", text, "strong"] }] };
  const content = JSON.stringify([
    marked, { ...marked, style: "h2" }, { ...marked, style: "blockquote" }, { ...marked, listItem: "bullet", level: 1 },
    { _type: "htmlBlock", html: text }, { _type: "html", html: text }, { _type: text, html: text, text },
    { _type: "code", code: text, language: text },
    { _type: "image", asset: { url: text }, src: text, alt: text, caption: text, link: text },
    { _type: "table", rows: [{ cells: [{ content: [span], isHeader: true }, { content: text }] }] },
    text, null,
  ]);
  const file = await ctx.media.upload("a.png", "image/png", Uint8Array.from("\\x89PNG\\r\\n\\x1a\\n", (char) => char.charCodeAt(0)));
  const image = JSON.stringify({ src: text, alt: text, caption: text, title: text });
  const { db } = ctx;
  await db.batch([
    db.prepare("UPDATE ec_posts SET title = ?, excerpt = ?, featured_image = ?, content = ? WHERE id = ?").bind(text, text, image, content, item.id),
    db.prepare("UPDATE _emdash_seo SET seo_title = ?, seo_description = ?, seo_image = ?, seo_canonical = ? WHERE content_id = ?").bind(text, text, text, text, item.id),
    db.prepare("INSERT INTO taxonomies (id, name, slug, label, translation_group, data) VALUES (?, 'category', ?, ?, ?, ?)").bind("c" + n, "c" + n, text, "c" + n, JSON.stringify({ description: text })),
    db.prepare("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) VALUES ('posts', ?, ?)").bind(item.id, "c" + n),
    db.prepare("UPDATE media SET filename = ?, alt = ?, caption = ?, mime_type = ? WHERE id = ?").bind(text, text, text, text, file.mediaId),
  ]);
  return file.url;
}`;

const META = `async (_, ctx) => {
  const text = (await ctx.kv.get("text")) ?? "";
  return [
    { kind: "meta", name: "author", content: text }, { kind: "meta", name: text, content: "x" },
    { kind: "property", property: "og:title", content: text }, { kind: "property", property: text, content: text },
    { kind: "link", rel: "alternate", href: text }, { kind: "link", rel: text, href: text, hreflang: text },
    { kind: "jsonld", id: "a", graph: { "@type": "Thing", name: text, [text]: text } },
  ];
}`;

const page = async (path: string) => {
  const response = await target.fetch(path);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

describe("a plugin that may write everything", () => {
  beforeAll(async () => {
    await target.reset();
    await install(
      sketch("vandal", {
        capabilities: ["content:write", "content:publish", "media:write"],
        hooks: { "page:metadata": META },
        routes: { write: WRITE },
        manifest: {
          bulkhead: { database: { write: ["ec_posts", "_emdash_seo", "taxonomies", "content_taxonomies", "media"] } },
        },
      }),
    );
  });

  it("has many vectors to try", () => {
    expect(VECTORS.length).toBeGreaterThan(130);
    expect(new Set(VECTORS).size).toBe(VECTORS.length);
  });

  it("puts nothing on a page of the site that acts, in whatever field it stands", async () => {
    for (const [n, vector] of VECTORS.entries()) {
      // A text of half a character is no text of JSON's that arrives; NUL is none that SQLite keeps.
      const text = vector.toWellFormed().replaceAll("\u0000", "");
      const { body } = await callRoute("vandal", "write", { text, n });
      expect({ n, text, success: body["success"] }, JSON.stringify(body)).toMatchObject({ success: true });
      for (const path of [`/posts/p${n}`, `/category/c${n}`]) {
        const { status, headers, text: markup } = await page(path);
        expect({ path, text, status }).toEqual({ path, text, status: 200 });
        expect({ path, text, active: await findActive(markup) }).toEqual({ path, text, active: [] });
        // A script that is data is JSON.
        await readGraphs(markup);
        expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';/);
      }
      const file = await target.fetch(String(body["data"]));
      await file.arrayBuffer();
      expect(file.headers.get("content-type")).toBe("application/octet-stream");
      expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename\*=UTF-8''[\w.!~%-]*$/);
      expect(file.headers.get("content-security-policy")).toMatch(/sandbox$/);
    }
  }, 120_000);

  it("nor in lists, feed or sitemap, where all of them stand", async () => {
    expect(await findActive((await page("/")).text)).toEqual([]);
    for (const path of ["/feed.xml", "/sitemap.xml"]) {
      const { status, text } = await page(path);
      expect(status).toBe(200);
      const tags = [...text.matchAll(/<[/?!]?([^\s/>?]*)/g)].map(([, tag]) => tag ?? "");
      const known =
        "xml feed title id link updated author name entry published summary content urlset url loc lastmod".split(" ");
      expect({ path, tags: [...new Set(tags)].filter((tag) => !known.includes(tag)) }).toEqual({ path, tags: [] });
    }
  });

  it("nor in what administrators are answered: it is JSON that no browser draws", async () => {
    for (const path of ["/api/content/posts", "/api/admin/plugins/vandal", "/api/admin/plugins/vandal/logs"]) {
      const { headers } = await call("GET", path);
      expect(headers.get("content-type")).toMatch(/^application\/json/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});
