/** Do the public pages show what is published, nothing else, and nothing that could act? */
import { env } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { CONTENT_LIMITS } from "../../host/content/limits.ts";
import { SITE_LIMITS } from "../../host/site/limits.ts";
import { escapeMarkup } from "../../host/site/text.ts";
import {
  count,
  createTestHooks,
  createTestHost,
  EDITOR,
  paragraph,
  post,
  resetDatabase,
  type TestHost,
} from "./harness.ts";
import { decodeMarkup, findActive, readElements, readGraphs } from "./inspect.ts";

beforeEach(resetDatabase);

const read = async (host: TestHost, path: string): Promise<string> =>
  (await host.request(path, { role: "visitor" })).text();

/** Puts a post into a category of this name; both slugs are taken as they are. */
async function categorise(id: string, slug: string, label: string): Promise<void> {
  await env.DB.batch([
    env.DB.prepare(
      "INSERT INTO taxonomies (id, name, slug, label, translation_group) VALUES (?1, 'category', ?1, ?2, ?1)",
    ).bind(slug, label),
    env.DB.prepare("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) VALUES ('posts', ?, ?)").bind(
      id,
      slug,
    ),
  ]);
}

describe("a first visit", () => {
  it("shows what to do, and points to the dashboard", async () => {
    const host = createTestHost();
    const page = await read(host, "/");
    expect(page).toContain("Nothing is published here yet");
    expect(
      (await readElements(page)).some(({ tag, attributes }) => tag === "a" && attributes["href"] === "/admin/"),
    ).toBe(true);
    await host.content.create("posts", post("A draft is no post yet"), EDITOR);
    expect(await read(host, "/")).toContain("Nothing is published here yet");
    await host.content.create("posts", post("First light", { publish: true }), EDITOR);
    const after = await read(host, "/");
    expect(after).toContain("First light");
    expect(after).not.toContain("Nothing is published here yet");
  });
});

describe("no draft leaks", () => {
  it("on any public path, nor to plugins, while its published neighbour is everywhere", async () => {
    const hooks = createTestHooks();
    const host = createTestHost({ hooks });
    const { content } = host;
    const make = async (title: string, publish: boolean, locale = "en"): Promise<string> => {
      const data = { title, excerpt: `About ${title}`, content: [paragraph(`Text of ${title}`)] };
      const item = await content.create(
        "posts",
        { data, publish, locale, seo: { description: `Seo ${title}` } },
        EDITOR,
      );
      await env.DB.prepare("INSERT INTO content_taxonomies VALUES ('posts', ?, 'c')").bind(item.id).run();
      return item.id;
    };
    await env.DB.prepare(
      "INSERT INTO taxonomies (id, name, slug, label, translation_group) VALUES ('c', 'category', 'c', 'C', 'c')",
    ).run();
    await make("Neighbour", true);
    await make("Secret draft", false);
    const scheduled = await make("Secret scheduled", true);
    const archived = await make("Secret archived", true);
    await env.DB.prepare("UPDATE ec_posts SET status = 'scheduled', scheduled_at = '2000-01-01' WHERE id = ?")
      .bind(scheduled)
      .run();
    await env.DB.prepare("UPDATE ec_posts SET status = 'archived' WHERE id = ?").bind(archived).run();
    await content.unpublish("posts", await make("Secret withdrawn", true), EDITOR);
    await content.delete("posts", await make("Secret deleted", true), EDITOR);
    await make("Secret foreign", true, "de");
    hooks.fired.length = 0;

    const showing = ["/", "/?page=1", "/category/c", "/posts/neighbour", "/feed.xml", "/sitemap.xml"];
    const hiding = ["draft", "scheduled", "archived", "withdrawn", "deleted", "foreign"].map(
      (name) => `/posts/secret-${name}`,
    );
    for (const path of [...showing, ...hiding, "/robots.txt", "/posts/", "/posts/%00", "/category/c?page=2"]) {
      const response = await host.request(path, { role: "visitor" });
      const page = await response.text();
      expect(page.replaceAll(path, ""), path).not.toMatch(/secret/i);
      expect(response.status, path).toBe(showing.includes(path) || path === "/robots.txt" ? 200 : 404);
      if (showing.includes(path)) expect(page, path).toMatch(/neighbour/i);
    }
    expect(hooks.fired).toHaveLength(4);
    expect(JSON.stringify(hooks.fired)).not.toMatch(/secret/i);
  });
});

/** What attackers write. Each is placed into every field, past the API's checks. */
const PAYLOADS = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)' x='`,
  `</title></head><body onload=alert(1)>`,
  `</script><script>alert(1)</script>`,
  `<!--<script>`,
  `]]><script>alert(1)</script>`,
  `&lt;script&gt;alert(1)&lt;/script&gt;`,
  `javascript:alert(1)`,
  `JaVaScRiPt:alert(1)`,
  `java\tscript:alert(1)`,
  ` \u0001javascript:alert(1)`,
  `data:text/html,<script>alert(1)</script>`,
  `vbscript:msgbox(1)`,
  `\\\\evil.test/x`,
  `//evil.test/"onclick="alert(1)`,
  `https://a.test/"><svg onload=alert(1)>`,
  `\u2028</script>\u0000\ud800<svg/onload=alert(1)>`,
  `constructor`,
  `__proto__`,
] as const;

describe("stored XSS", () => {
  const hostileContent = (payload: string): unknown => {
    const span = { _type: "span", text: payload, marks: ["link", payload, "constructor", "strong"] };
    const markDefs = [
      { _type: "link", _key: "link", href: payload },
      { _type: payload, _key: payload, href: payload },
      { _type: "link", _key: "constructor", href: payload },
    ];
    const block = { _type: "block", children: [span], markDefs };
    return [
      { ...block, style: "h1" },
      { ...block, style: payload },
      { ...block, listItem: payload, level: 1 },
      { ...block, listItem: "bullet", level: 1e9 },
      { ...block, listItem: "number", level: payload },
      { ...block, style: "blockquote", children: [{ _type: payload, html: payload }, span] },
      { _type: "htmlBlock", html: payload },
      { _type: "html", html: payload },
      { _type: payload, html: payload, text: payload },
      { _type: "@list", listItem: "bullet", children: [block] },
      { _type: "@span", markType: payload, children: [{ _type: "@text", text: payload }] },
      { _type: "code", code: payload, language: payload },
      { _type: "image", asset: { url: payload }, src: payload, alt: payload, caption: payload },
      { _type: "table", rows: [{ cells: [{ content: [span], markDefs, isHeader: true }, { content: payload }] }] },
      payload,
      null,
      [block],
    ];
  };

  it.each(PAYLOADS)("%j", async (payload) => {
    const collected = [
      { kind: "meta", name: "author", content: payload },
      { kind: "meta", name: payload, content: "x" },
      { kind: "property", property: "og:title", content: payload },
      { kind: "property", property: payload, content: "x" },
      { kind: "link", rel: "alternate", href: payload },
      { kind: "link", rel: "author", href: "https://a.test/", hreflang: payload },
      { kind: "jsonld", id: "a", graph: { "@type": "Thing", name: payload, [payload]: payload } },
    ];
    const host = createTestHost({ hooks: createTestHooks({ metadata: [{ plugin: "hostile", value: collected }] }) });
    const item = await host.content.create(
      "posts",
      { data: { title: "x" }, slug: "hit", publish: true, seo: { title: "x" } },
      EDITOR,
    );
    await categorise(item.id, "cat", payload);
    await env.DB.prepare("UPDATE ec_posts SET title = ?1, excerpt = ?1, featured_image = ?2, content = ?3")
      .bind(payload, JSON.stringify({ src: payload, alt: payload }), JSON.stringify(hostileContent(payload)))
      .run();
    await env.DB.prepare(
      "UPDATE _emdash_seo SET seo_title = ?1, seo_description = ?1, seo_image = ?1, seo_canonical = ?1",
    )
      .bind(payload)
      .run();

    for (const path of ["/", "/posts/hit", "/category/cat"]) {
      const response = await host.request(path, { role: "visitor" });
      expect(response.status, path).toBe(200);
      const page = await response.text();
      expect(await findActive(page), path).toEqual([]);
      // Shown as the text it is, not swallowed.
      expect(page, path).toContain(escapeMarkup(payload).trim());
      const graphs = await readGraphs(page);
      expect(graphs).toHaveLength(2);
    }
    await expectInertFeed(host);

    // The same in the slug, which stands in addresses, too.
    await env.DB.prepare("UPDATE ec_posts SET slug = ?").bind(payload.replaceAll("\u0000", "")).run();
    for (const path of ["/", "/category/cat"]) expect(await findActive(await read(host, path)), path).toEqual([]);
    await expectInertFeed(host);
  });

  it("content that is no list, or no JSON at all, shows an empty post", async () => {
    const host = createTestHost();
    await host.content.create("posts", post("Bare", { publish: true }), EDITOR);
    for (const content of ["<script>", "{}", "[[[", "7", '"<b>"', '{"length":1e9}', "[]"]) {
      await env.DB.prepare("UPDATE ec_posts SET content = ?").bind(content).run();
      for (const path of ["/", "/posts/bare", "/feed.xml"]) {
        const response = await host.request(path);
        expect([response.status, (await response.text()).includes("<b>")], `${path} ${content}`).toEqual([200, false]);
      }
    }
  });

  it("sizes of hostile blocks are bounded, and no word is lost", async () => {
    const host = createTestHost();
    const many = SITE_LIMITS.spans + 1;
    const spans = Array.from({ length: many }, (_, index) => ({
      _type: "span",
      text: `w${index} `,
      marks: ["strong"],
    }));
    const marks = Array.from({ length: 5_000 }, (_, index) => ["strong", "em", "u", `m${index}`]).flat();
    const markDefs = Array.from({ length: 400 }, (_, index) => ({
      _type: "link",
      _key: `m${index}`,
      href: `/deep-${index}`,
    }));
    const content = [
      { _type: "block", children: spans },
      { _type: "block", children: [{ _type: "span", text: "deep", marks }], markDefs },
      ...Array.from({ length: 4_000 }, (_, index) => paragraph("level", { listItem: "bullet", level: index + 1 })),
      { _type: "block", listItem: "bullet", level: 1e9, children: [{ _type: "span", text: "level" }] },
    ];
    await host.content.create("posts", { data: { title: "Big", content }, publish: true }, EDITOR);
    const page = await read(host, "/posts/big");
    expect(page).toContain(`w${many - 1} `);
    const tags = (await readElements(page)).map(({ tag }) => tag);
    expect(tags.filter((tag) => tag === "ul")).toHaveLength(SITE_LIMITS.listLevel);
    expect(tags.filter((tag) => tag === "em")).toHaveLength(1);
    expect(page.match(/href="\/deep-/g)).toHaveLength(1);
  });

  it("sizes of hostile blocks are bounded: cells of all tables together", async () => {
    const host = createTestHost();
    const row = { cells: Array.from({ length: SITE_LIMITS.tableColumns + 1 }, () => ({})) };
    const table = { _type: "table", rows: Array.from({ length: SITE_LIMITS.tableRows }, () => row) };
    const content = [table, table, paragraph("after")];
    await host.content.create("posts", { data: { title: "Wide", content }, publish: true }, EDITOR);
    const page = await read(host, "/posts/wide");
    expect(page.match(/<td>/g)).toHaveLength(SITE_LIMITS.tableCells);
    expect(page).toContain("after");
  });

  async function expectInertFeed(host: TestHost): Promise<void> {
    for (const path of ["/feed.xml", "/sitemap.xml"]) {
      const response = await host.request(path, { role: "visitor" });
      expect(response.status).toBe(200);
      const xml = await response.text();
      const tags = [...xml.matchAll(/<[/?!]?([^\s/>?]*)/g)].map(([, tag]) => tag);
      const known =
        "xml feed title id link updated author name entry published summary content urlset url loc lastmod".split(" ");
      expect(
        [...new Set(tags)].filter((tag) => !known.includes(tag ?? "")),
        path,
      ).toEqual([]);
      expect(xml).not.toMatch(/(?![\t\n\r])[\p{Cc}\uFFFE\uFFFF]/u);
      expect(xml.isWellFormed()).toBe(true);
      for (const [, content] of xml.matchAll(/<content type="html">([^<]*)<\/content>/g)) {
        expect(await findActive(decodeMarkup(content ?? ""))).toEqual([]);
      }
    }
  }
});

describe("contributions", () => {
  const show = async (...metadata: { readonly plugin: string; readonly value: unknown }[]) => {
    const host = createTestHost({ hooks: createTestHooks({ metadata }), siteUrl: "https://site.example/" });
    await host.content.create(
      "posts",
      { ...post("Page", { publish: true }), seo: { description: "Host's own" } },
      EDITOR,
    );
    const page = await read(host, "/posts/page");
    const elements = await readElements(page.slice(0, page.indexOf("</head>")));
    const tags = elements.filter(({ tag }) => tag === "meta" || tag === "link").map(({ attributes }) => attributes);
    return { host, page, tags, graphs: await readGraphs(page) };
  };

  it("none: the host's defaults stand", async () => {
    const { tags, graphs, page } = await show();
    expect(page).toContain("<title>Page · Tidewrack</title>");
    expect(tags).toEqual(
      expect.arrayContaining([
        { name: "description", content: "Host's own".replace("'", "&#39;") },
        { rel: "canonical", href: "https://site.example/posts/page" },
        { property: "og:type", content: "article" },
        { property: "og:title", content: "Page" },
        { property: "og:site_name", content: "Tidewrack" },
        { name: "twitter:card", content: "summary" },
      ]),
    );
    expect(graphs).toMatchObject([
      { "@type": "BlogPosting", headline: "Page", url: "https://site.example/posts/page" },
    ]);
  });

  it("replace the host's of the same key, and the first plugin wins", async () => {
    const { tags, graphs } = await show(
      {
        plugin: "first",
        value: [
          { kind: "meta", name: "description", content: "First's" },
          { kind: "link", rel: "canonical", href: "https://first.example/" },
          { kind: "jsonld", id: "primary", graph: { name: "first" } },
          { kind: "property", property: "article:tag", content: "a", key: "tag-a" },
          { kind: "property", property: "article:tag", content: "b", key: "tag-b" },
        ],
      },
      {
        plugin: "second",
        value: [
          { kind: "meta", name: "Description", content: "Second's" },
          { kind: "link", rel: "canonical", href: "https://second.example/" },
          { kind: "jsonld", id: "primary", graph: { name: "second" } },
          { kind: "jsonld", graph: { name: "without id" } },
        ],
      },
      { plugin: "third", value: { kind: "meta", name: "generator", content: "one, not a list" } },
      { plugin: "fourth", value: null },
      { plugin: "fifth", value: undefined },
    );
    const of = (name: string, value: string) => tags.filter((tag) => tag[name]?.toLowerCase() === value);
    expect(of("name", "description")).toEqual([{ name: "description", content: "First&#39;s" }]);
    expect(of("rel", "canonical")).toEqual([{ rel: "canonical", href: "https://first.example/" }]);
    expect(of("property", "article:tag").map((tag) => tag["content"])).toEqual(["a", "b"]);
    expect(of("name", "generator")).toHaveLength(1);
    expect(of("property", "og:title")).toHaveLength(1);
    expect(graphs).toEqual([{ name: "first" }, { name: "without id" }]);
  });

  const nested = (levels: number): unknown => {
    let graph: unknown = {};
    for (let level = 0; level < levels; level += 1) graph = { a: graph };
    return graph;
  };
  const refused: readonly (readonly [string, unknown])[] = [
    ["a stylesheet", { kind: "link", rel: "stylesheet", href: "https://evil.test/x.css" }],
    ["a preload", { kind: "link", rel: "preload", href: "https://evil.test/x" }],
    ["a manifest", { kind: "link", rel: "manifest", href: "/x" }],
    ["rel in capitals", { kind: "link", rel: "STYLESHEET", href: "https://evil.test/x.css" }],
    ["two rels", { kind: "link", rel: "alternate stylesheet", href: "https://evil.test/x.css" }],
    ["a link to a script", { kind: "link", rel: "author", href: "javascript:alert(1)" }],
    ["a referrer policy", { kind: "meta", name: "referrer", content: "unsafe-url" }],
    ["a referrer policy in capitals", { kind: "meta", name: "Referrer", content: "unsafe-url" }],
    ["a viewport", { kind: "meta", name: "viewport", content: "width=1" }],
    ["http-equiv", { kind: "http-equiv", name: "refresh", content: "0;url=//evil.test" }],
    [
      "http-equiv beside a name that is none",
      { kind: "meta", name: 'x" http-equiv="refresh', content: "0;url=//evil.test" },
    ],
    ["a script", { kind: "script", src: "https://evil.test/x.js" }],
    ["an inline script", { kind: "inline-script", code: "alert(1)" }],
    ["HTML", { kind: "html", html: "<script>alert(1)</script>" }],
    ["too long a text", { kind: "meta", name: "author", content: "x".repeat(SITE_LIMITS.contributionChars + 1) }],
    ["JSON-LD that is a text", { kind: "jsonld", graph: "</script><script>alert(1)</script>" }],
    ["too large JSON-LD", { kind: "jsonld", graph: { name: "x".repeat(SITE_LIMITS.jsonLdBytes) } }],
    ["deep JSON-LD", { kind: "jsonld", graph: nested(CONTENT_LIMITS.depth + 1) }],
    ["no contribution", "<script>alert(1)</script>"],
    ["a number", 7],
    ["a list within the list", [[{ kind: "meta", name: "author", content: "x" }]]],
  ];
  it.each(refused)("%s is left out, logged with its plugin, and its neighbours stay", async (_name, contribution) => {
    const neighbour = { kind: "meta", name: "author", content: "Neighbour" };
    const { host, page, tags, graphs } = await show({ plugin: "hostile", value: [contribution, neighbour].flat() });
    expect(tags.filter((tag) => tag["name"] === "author")).toEqual([{ name: "author", content: "Neighbour" }]);
    expect(graphs).toHaveLength(1);
    expect(await findActive(page)).toEqual([]);
    expect(page).not.toMatch(/evil\.test|unsafe-url|alert\(1\)/);
    expect(host.log).toEqual([
      {
        level: "warn",
        message: "Left out contributions to page:metadata",
        data: { path: "/posts/page", dropped: [{ plugin: "hostile", reason: expect.any(String) }] },
      },
    ]);
  });

  it("are taken up to the limits exactly", async () => {
    const texts = Array.from({ length: SITE_LIMITS.contributions + 1 }, (_, index) => ({
      kind: "meta",
      name: `n${index}`,
      content: "x",
    }));
    const { host, tags } = await show(
      { plugin: "many", value: texts },
      { plugin: "long", value: { kind: "meta", name: "long", content: "x".repeat(SITE_LIMITS.contributionChars) } },
    );
    expect(tags.filter((tag) => /^n\d+$/.test(tag["name"] ?? ""))).toHaveLength(SITE_LIMITS.contributions);
    expect(tags.some((tag) => tag["name"] === "long")).toBe(true);
    expect(host.log).toHaveLength(1);
  });

  it("are asked for with the page, on posts and on lists", async () => {
    const hooks = createTestHooks();
    const host = createTestHost({ hooks });
    const data = { title: "Told", excerpt: "E", featured_image: { src: "/media/x.png" }, content: [paragraph("T")] };
    const item = await host.content.create(
      "posts",
      { data, publish: true, seo: { title: "S", noIndex: true, canonical: "/other" } },
      EDITOR,
    );
    hooks.fired.length = 0;
    const page = await read(host, "/posts/told");
    await read(host, "/");
    await read(host, "/nothing-here");
    const [first, second, ...rest] = hooks.fired.map(({ hook, event }) => ({ hook, page: event["page"] }));
    expect(rest).toEqual([]);
    expect(first).toEqual({
      hook: "page:metadata",
      page: {
        kind: "content",
        path: "/posts/told",
        url: "https://tidewrack.test/posts/told",
        title: "S",
        description: "E",
        locale: "en",
        image: "https://tidewrack.test/media/x.png",
        canonical: "https://tidewrack.test/other",
        pageType: "article",
        content: { collection: "posts", id: item.id, slug: "told" },
        seo: { ogTitle: "S", ogDescription: null, ogImage: "https://tidewrack.test/media/x.png", robots: "noindex" },
        articleMeta: { publishedTime: item.publishedAt, modifiedTime: item.updatedAt },
        siteName: "Tidewrack",
      },
    });
    expect(second).toMatchObject({ page: { kind: "list", path: "/", title: "Tidewrack", pageType: "website" } });
    expect(page).toContain('<meta name="robots" content="noindex" />');
  });
});

describe("pages", () => {
  it("of the list are numbered, newest first, and end where the posts do", async () => {
    const host = createTestHost();
    for (let index = 0; index <= SITE_LIMITS.listPosts; index += 1) {
      await host.content.create("posts", post(`Number ${index}.`, { publish: true }), EDITOR);
    }
    const titles = (page: string): readonly string[] =>
      [...page.matchAll(/>(Number \d+)\./g)].map(([, title]) => title ?? "");
    const newest = Array.from(
      { length: SITE_LIMITS.listPosts },
      (_, index) => `Number ${SITE_LIMITS.listPosts - index}`,
    );
    const [first, second] = [await read(host, "/"), await read(host, "/?page=2")];
    expect(titles(first)).toEqual(newest);
    expect(titles(second)).toEqual(["Number 0"]);
    expect(first).toContain('href="/?page=2"');
    expect(first).not.toContain('rel="prev"');
    expect(second).toMatch(/rel="prev" href="\/"/);
    expect(second).not.toContain('rel="next"');
    expect(second).toContain('<link rel="canonical" href="https://tidewrack.test/?page=2" />');
    for (const page of ["3", "0", "-1", "1.5", "x", "", "99999", "1e3"]) {
      expect((await host.request(`/?page=${page}`)).status, page).toBe(404);
    }
  });

  it("of a category hold its posts alone", async () => {
    const host = createTestHost();
    const item = await host.content.create("posts", post("Inside", { publish: true }), EDITOR);
    await host.content.create("posts", post("Outside", { publish: true }), EDITOR);
    await categorise(item.id, "größe", "Größe");
    const page = await read(host, "/category/gr%C3%B6%C3%9Fe");
    expect(page).toContain("Inside");
    expect(page).toContain('<h1 dir="auto">Größe</h1>');
    expect(page).not.toContain("Outside");
    expect(await read(host, "/posts/inside")).toContain('href="/category/gr%C3%B6%C3%9Fe"');
    expect(await read(host, "/posts/outside")).not.toContain("/category/");
    expect((await host.request("/category/none")).status).toBe(404);
  });

  it("of posts show every kind of block", async () => {
    const host = createTestHost();
    const link = { _type: "link", _key: "l", href: "https://a.test/?a=1&b=2" };
    const content = [
      {
        ...paragraph("One"),
        children: [{ _type: "span", text: "bold  and\nlinked", marks: ["strong", "l"] }],
        markDefs: [link],
      },
      paragraph("Head", { style: "h1" }),
      paragraph("Q1", { style: "blockquote" }),
      paragraph("Q2", { style: "blockquote" }),
      paragraph("a", { listItem: "bullet", level: 1 }),
      paragraph("b", { listItem: "number", level: 2 }),
      { _type: "code", code: "<b>", language: "html" },
      { _type: "image", asset: { url: "https://a.test/i.png" }, alt: "Alt", caption: "Cap" },
      { _type: "break" },
      { _type: "table", rows: [{ cells: [{ isHeader: true, content: [{ _type: "span", text: "H" }] }] }] },
      { _type: "unknown", text: "never" },
    ];
    await host.content.create("posts", { data: { title: "Blocks", content }, publish: true }, EDITOR);
    const page = await read(host, "/posts/blocks");
    const start = page.indexOf('<div class="prose">') + '<div class="prose">'.length;
    expect(page.slice(start, page.indexOf("</div>\n", start))).toBe(
      [
        '<p><a href="https://a.test/?a=1&amp;b=2" rel="nofollow ugc noopener"><strong>bold&nbsp; and<br>linked</strong></a></p>',
        "<h2>Head</h2>",
        "<blockquote><p>Q1</p><p>Q2</p></blockquote>",
        "<ul><li>a<ol><li>b</li></ol></li></ul>",
        '<pre tabindex="0"><code class="language-html">&lt;b&gt;</code></pre>',
        '<figure><img src="https://a.test/i.png" alt="Alt" loading="lazy" decoding="async"><figcaption>Cap</figcaption></figure>',
        "<hr>",
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table><tr><th scope="col">H</th></tr></table></div>',
      ].join(""),
    );
  });

  it("that are not there answer 404: a page to visitors, a problem to programs", async () => {
    const host = createTestHost();
    for (const path of ["/nothing", "/posts/nothing", "/posts/a/b", "/admin", "/sitemap-1.xml.bak", "/%E0%A4%A"]) {
      const response = await host.request(path);
      expect([response.status, response.headers.get("content-type")], path).toEqual([404, "text/html; charset=UTF-8"]);
      expect(await response.text()).toContain("There is no page here");
    }
    for (const [method, path] of [
      ["GET", "/api/nothing"],
      ["GET", "/_emdash/api/x"],
      ["POST", "/"],
      ["DELETE", "/posts/x"],
    ] as const) {
      const response = await host.request(path, { method });
      expect([response.status, response.headers.get("content-type")], path).toEqual([404, "application/problem+json"]);
    }
  });

  it("that fail say nothing of the cause, which is logged", async () => {
    const broken = new Proxy(env.DB, {
      get: () => () => {
        throw new Error("D1_ERROR: secret detail");
      },
    });
    const host = createTestHost({ db: broken });
    for (const path of ["/", "/posts/x", "/feed.xml", "/sitemap.xml"]) {
      const response = await host.request(path);
      expect(response.status, path).toBe(500);
      expect(await response.text()).not.toContain("secret detail");
    }
    expect(host.log).toHaveLength(4);
    expect(host.log[0]).toMatchObject({ level: "error", data: { error: "Error: D1_ERROR: secret detail" } });
  });

  it("carry the headers, all of them", async () => {
    const host = createTestHost();
    await host.content.create("posts", post("Headed", { publish: true }), EDITOR);
    for (const path of ["/", "/posts/headed", "/nothing", "/feed.xml", "/sitemap.xml", "/robots.txt", "/site.css"]) {
      const { headers } = await host.request(path);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).not.toMatch(/script-src|unsafe|\*/);
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("x-frame-options"), path).toBe("DENY");
      expect(headers.get("cache-control"), path).toBe("no-cache");
      expect(headers.get("set-cookie"), path).toBeNull();
    }
    const page = await read(host, "/");
    expect(page).not.toMatch(/<style|style="/);
    const [, style] = /href="(\/site\.css\?v=[0-9a-f]+)"/.exec(page) ?? [];
    const sheet = await host.request(style ?? "");
    expect([sheet.status, sheet.headers.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
    expect(sheet.headers.get("cache-control")).toContain("immutable");
    expect((await host.request("/site.css?v=old")).headers.get("cache-control")).toBe("no-cache");
  });
});

describe("for machines", () => {
  it("robots.txt points to the sitemap at the site's address", async () => {
    expect(await read(createTestHost({ siteUrl: "https://site.example/" }), "/robots.txt")).toBe(
      "User-agent: *\nDisallow: /admin\nDisallow: /api\n\nSitemap: https://site.example/sitemap.xml\n",
    );
    expect(await read(createTestHost(), "/robots.txt")).toContain("Sitemap: https://tidewrack.test/sitemap.xml");
  });

  it("the sitemap leaves out what must not be indexed, escapes, and tells the last change", async () => {
    const host = createTestHost();
    const item = await host.content.create("posts", post("Größe & Maß", { publish: true }), EDITOR);
    await host.content.create("posts", post("Hidden", { publish: true, seo: { noIndex: true } }), EDITOR);
    await env.DB.prepare("UPDATE ec_posts SET updated_at = '2020-01-02 03:04:05' WHERE id = ?").bind(item.id).run();
    const response = await host.request("/sitemap.xml");
    expect(response.headers.get("content-type")).toBe("application/xml; charset=utf-8");
    expect(await response.text()).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
        "<url><loc>https://tidewrack.test/</loc></url>",
        "<url><loc>https://tidewrack.test/posts/grosse-mass</loc><lastmod>2020-01-02T03:04:05.000Z</lastmod></url>",
        "</urlset>\n",
      ].join("\n"),
    );
    expect((await host.request("/sitemap-1.xml")).status).toBe(200);
    expect((await host.request("/sitemap-2.xml")).status).toBe(404);
  });

  it("the sitemap is one file up to 50,000 addresses and an index beyond, and no address is lost", async () => {
    const host = createTestHost();
    const insert = async (from: number, to: number): Promise<void> => {
      await env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
         INSERT INTO ec_posts (id, slug, status, title) SELECT printf('P%06d', i), printf('p%d', i), 'published', 'P' FROM n`,
      )
        .bind(from, to)
        .run();
    };
    await insert(1, SITE_LIMITS.sitemapUrls - 1);
    const whole = await read(host, "/sitemap.xml");
    expect(whole.match(/<url>/g)).toHaveLength(SITE_LIMITS.sitemapUrls);
    await insert(SITE_LIMITS.sitemapUrls, SITE_LIMITS.sitemapUrls);
    expect(await count("ec_posts")).toBe(SITE_LIMITS.sitemapUrls);
    const index = await read(host, "/sitemap.xml");
    expect([...index.matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, address]) => address)).toEqual([
      "https://tidewrack.test/sitemap-1.xml",
      "https://tidewrack.test/sitemap-2.xml",
    ]);
    const [first, second] = [await read(host, "/sitemap-1.xml"), await read(host, "/sitemap-2.xml")];
    expect(first).toBe(whole);
    expect([...second.matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, address]) => address)).toEqual([
      `https://tidewrack.test/posts/p${SITE_LIMITS.sitemapUrls}`,
    ]);
    expect((await host.request("/sitemap-3.xml")).status).toBe(404);
  });

  it("the feed holds whole posts with absolute addresses, newest first", async () => {
    const host = createTestHost();
    const link = { _type: "link", _key: "l", href: "/about" };
    const content = [
      { ...paragraph(""), children: [{ _type: "span", text: "About <us>", marks: ["l"] }], markDefs: [link] },
    ];
    await host.content.create("posts", { data: { title: "Old", content }, publish: true }, EDITOR);
    await host.content.create("posts", post("New", { publish: true }), EDITOR);
    const feed = await read(host, "/feed.xml");
    expect([...feed.matchAll(/<entry>\n<title>([^<]*)/g)].map(([, title]) => title)).toEqual(["New", "Old"]);
    const [, html] = [...feed.matchAll(/<content type="html">([^<]*)/g)].map(([, text]) => decodeMarkup(text ?? ""));
    expect(html).toBe('<p><a href="https://tidewrack.test/about">About &lt;us&gt;</a></p>');
    const empty = createTestHost();
    await resetDatabase();
    expect(await read(empty, "/feed.xml")).toMatch(/<updated>2026-/);
  });
});
