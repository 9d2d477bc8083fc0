/** Does a plugin find content by its fields, its earlier versions, its translations and its address, and nothing hidden? */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { CONTENT_LIMITS } from "../../host/content/limits.ts";
import { call, createPost, install, must, ORIGIN, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

/** A collection with a field of every plain type, beside the blog's. */
const THINGS = [
  ["name", "string", "TEXT"],
  ["note", "text", "TEXT"],
  ["price", "number", "REAL"],
  ["count", "integer", "INTEGER"],
  ["sold", "boolean", "INTEGER"],
  ["day", "datetime", "TEXT"],
  ["tags", "multiSelect", "TEXT"],
  ["body", "portableText", "TEXT"],
] as const;

beforeAll(async () => {
  await target.reset();
  await rows("INSERT INTO _emdash_collections (id, slug, label) VALUES ('things', 'things', 'Things')");
  for (const [name, type, column] of THINGS) {
    await rows(
      "INSERT INTO _emdash_fields (id, collection_id, slug, label, type, column_type) VALUES (?1, 'things', ?1, ?1, ?2, ?3)",
      name,
      type,
      column,
    );
  }
  await rows(
    `CREATE TABLE ec_things (id TEXT PRIMARY KEY, slug TEXT, status TEXT DEFAULT 'draft', author_id TEXT, created_at TEXT,
     updated_at TEXT, published_at TEXT, scheduled_at TEXT, deleted_at TEXT, version INTEGER DEFAULT 1, live_revision_id TEXT,
     locale TEXT NOT NULL DEFAULT 'en', translation_group TEXT, ${THINGS.map(([name, , type]) => `"${name}" ${type}`).join(", ")})`,
  );
});
afterAll(async () => {
  await rows("DROP TABLE ec_things");
  await rows("DELETE FROM _emdash_fields WHERE collection_id = 'things'");
  await rows("DELETE FROM _emdash_collections WHERE id = 'things'");
});
beforeEach(async () => {
  await target.reset();
  await rows("DELETE FROM ec_things");
  await install(probe("reader", { capabilities: ["content:write", "content:publish", "content:revisions:read"] }));
});

const content = (method: string, ...args: unknown[]) => bridge("reader", `content.${method}`, ...args);
const refused = (code: string, words: RegExp) => ({
  error: { name: "BridgeError", code, message: expect.stringMatching(words) },
});

describe("fieldFilters", () => {
  const find = async (fieldFilters: unknown, more: Readonly<Record<string, unknown>> = {}) => {
    const { value, error } = await content("list", "things", {
      where: { fieldFilters, ...more },
      orderBy: { id: "asc" },
    });
    if (error) return { error };
    return (value as unknown as { items: { data: { name: string } }[] }).items.map(({ data }) => data.name).join("");
  };
  const fill = async () => {
    for (const data of [
      { name: "a", price: 1.5, count: 3, sold: true, day: "2026-01-01", note: "x%" },
      { name: "b", price: 2, count: 2, sold: false, day: "2026-01-02", note: "x_" },
      { name: "c", price: 3, count: 1, sold: false, day: "2026-02-01" },
      { name: "d" },
    ]) {
      expect(await content("create", "things", data)).toMatchObject({ value: { data } });
    }
  };

  it("find by every operator, all of them together, beside status and locale", async () => {
    await fill();
    const cases: readonly (readonly [unknown, string])[] = [
      [{}, "abcd"],
      [{ name: "b" }, "b"],
      [{ name: "B" }, ""],
      [{ note: "x%" }, "a"],
      [{ note: null }, "cd"],
      [{ sold: true }, "a"],
      [{ sold: false }, "bc"],
      [{ sold: { in: [true, false] } }, "abc"],
      [{ price: { gt: 1.5 } }, "bc"],
      [{ price: { gte: 1.5, lt: 3 } }, "ab"],
      [{ count: { lte: 2 } }, "bc"],
      [{ count: { in: [1, 3, 9] } }, "ac"],
      [{ day: { gte: "2026-01-02" }, sold: false, count: { gt: 1 } }, "b"],
      [{ name: "' OR 1=1 --" }, ""],
      [{ name: { in: ["a", "x' OR 'a'='a"] } }, "a"],
    ];
    for (const [filters, found] of cases) expect({ filters, found: await find(filters) }).toEqual({ filters, found });
    expect(await find({ sold: false }, { status: "published" })).toBe("");
    expect(await find({ sold: false }, { status: "draft", locale: "en" })).toBe("bc");
    const page = await content("list", "things", { where: { fieldFilters: { sold: false } }, limit: 1 });
    expect(page).toMatchObject({ value: { items: [{ data: { name: "c" } }], hasMore: true } });
    const next = { where: { fieldFilters: { sold: false } }, limit: 1, cursor: page.value?.["cursor"] };
    expect(await content("list", "things", next)).toMatchObject({
      value: { items: [{ data: { name: "b" } }], hasMore: false },
    });
  });

  it("refuse what is no field of the collection or has no plain value, and values of another type", async () => {
    for (const name of ["missing", "tags", "body", "author_id", "status", 'name" OR 1=1 --', "constructor", ""]) {
      expect({ name, ...(await content("list", "things", { where: { fieldFilters: { [name]: "x" } } })) }).toEqual({
        name,
        ...refused(
          "BAD_REQUEST",
          /is not a field with one plain value\. Filter by count, day, name, note, price, sold\./,
        ),
      });
    }
    for (const [filters, words] of [
      [{ name: 5 }, /"name" is compared with a number; expected a string/],
      [{ price: "1" }, /expected a number/],
      [{ sold: 1 }, /expected a boolean/],
      [{ sold: { gt: 1 } }, /expected a boolean/],
      [{ price: { in: [1, "2"] } }, /expected a number/],
      [{ price: {} }, /compared with nothing/],
      [{ name: { in: [] } }, /a list of 0/],
    ] as const) {
      expect({ filters, found: await find(filters) }).toEqual({
        filters,
        found: { error: refused("BAD_REQUEST", words).error },
      });
    }
  });

  it("take as many as the limits say and not one more", async () => {
    const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
    const { filters, filterIn, filterOperands, lineChars } = CONTENT_LIMITS;
    expect(await find({ name: { in: values(filterIn) } })).toBe("");
    expect(await find({ name: { in: values(filterIn + 1) } })).toMatchObject({
      error: refused("BAD_REQUEST", /a list of 51; expected 1 to 50/).error,
    });
    const wide = (count: number) => ({
      name: { in: values(count - 3) },
      price: { gt: 1, lt: 2 },
      sold: true,
      note: null,
    });
    expect(await find(wide(filterOperands))).toBe("");
    expect(await find(wide(filterOperands + 1))).toMatchObject({
      error: refused("BAD_REQUEST", /compares with 51 values; at most 50/).error,
    });
    const names = (count: number) => Object.fromEntries(values(count).map((name) => [name, 1]));
    expect(await find(names(filters))).toMatchObject({ error: { message: expect.stringMatching(/is not a field/) } });
    expect(await find(names(filters + 1))).toMatchObject({
      error: refused("BAD_REQUEST", /21 fields are compared; at most 20/).error,
    });
    expect(await find({ name: "x".repeat(lineChars) })).toBe("");
    expect(await find({ name: "x".repeat(lineChars + 1) })).toMatchObject({ error: { code: "BAD_REQUEST" } });
  });
});

describe("revisions", () => {
  it("are what the item was after each save, the latest first, without who saved it", async () => {
    const id = String((await createPost("One")).body["id"]);
    await must("PATCH", `/api/content/posts/${id}`, { body: { data: { title: "Two" } } });
    const { value } = await content("listRevisions", "posts", id);
    const shape = (title: string) => ({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      collection: "posts",
      entryId: id,
      data: expect.objectContaining({ title }),
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(value).toEqual([shape("Two"), shape("One")]);
    const [two, one] = value as unknown as { id: string }[];
    expect(await content("listRevisions", "posts", id, { limit: 1 })).toEqual({ value: [two] });
    expect(await content("getRevision", "posts", id, one!.id)).toEqual({ value: one });
  });

  it("are not those of another item, collection or a deleted one", async () => {
    const id = String((await createPost("Mine")).body["id"]);
    const other = String((await createPost("Other")).body["id"]);
    const [revision] = await rows<{ id: string }>("SELECT id FROM revisions WHERE entry_id = ?", id);
    expect(await content("getRevision", "posts", id, revision!.id)).toMatchObject({ value: { entryId: id } });
    expect(await content("getRevision", "posts", other, revision!.id)).toEqual({ value: null });
    expect(await content("getRevision", "things", id, revision!.id)).toEqual({ value: null });
    expect(await content("listRevisions", "things", id)).toEqual({ value: [] });
    expect(await content("listRevisions", "users", id)).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect((await call("DELETE", `/api/content/posts/${id}`)).status).toBe(204);
    expect(await content("getRevision", "posts", id, revision!.id)).toEqual({ value: null });
    expect(await content("listRevisions", "posts", id)).toEqual({ value: [] });
  });

  it("are fifty where no number is given, a hundred at most, and refused by size before they are read", async () => {
    const id = String((await createPost("Long")).body["id"]);
    await rows(
      `INSERT INTO revisions (id, collection, entry_id, data, created_at)
       WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 220) SELECT 'r' || i, 'posts', ?, 'no json', '2020' FROM n`,
      id,
    );
    const { most, default: usual } = BRIDGE_LIMITS.revisions;
    for (const [options, length] of [
      [undefined, usual],
      [{ limit: most }, most],
      [{ limit: most + 1 }, most],
    ] as const) {
      expect(await content("listRevisions", "posts", id, options)).toMatchObject({ value: { length } });
    }
    expect(await content("getRevision", "posts", id, "r100")).toMatchObject({ value: { data: {} } });
    await rows(
      "UPDATE revisions SET data = hex(zeroblob(?)) WHERE id IN ('r219', 'r220')",
      CONTENT_LIMITS.pageBytes / 4,
    );
    expect(await content("listRevisions", "posts", id, { limit: 3 })).toEqual(
      refused("BAD_REQUEST", /more than 3000000 bytes together\. Ask for fewer with limit/),
    );
    expect(await content("listRevisions", "posts", id, { limit: 2 })).toMatchObject({ value: { length: 2 } });
  });

  it("need a power of their own, which brings reading along", async () => {
    const id = String((await createPost("One")).body["id"]);
    await install(probe("reads", { capabilities: ["content:write", "content:publish"] }));
    expect((await bridge("reads", "content.listRevisions", "posts", id)).error?.message).toMatch(
      /^Missing capability: content:revisions:read/,
    );
    await install(probe("looks-back", { capabilities: ["content:revisions:read"] }));
    expect(await bridge("looks-back", "content.get", "posts", id)).toMatchObject({ value: { id } });
  });
});

describe("a grant narrowed to a collection", () => {
  it("holds for what was and for translations and addresses as well", async () => {
    const source = probe("narrow", { capabilities: ["content:revisions:read"] });
    await install(source, { collections: ["things"] });
    const id = String((await createPost("Post", { publish: true })).body["id"]);
    const [revision] = await rows<{ id: string }>("SELECT id FROM revisions WHERE entry_id = ?", id);
    for (const [method, ...args] of [
      ["listRevisions", "posts", id],
      ["getRevision", "posts", id, revision!.id],
      ["getTranslations", "posts", id],
      ["getPublicUrl", "posts", id],
      ["list", "posts", { where: { fieldFilters: { title: "Post" } } }],
    ] as const) {
      expect({ method, ...(await bridge("narrow", `content.${method}`, ...args)) }).toEqual({
        method,
        ...refused("DENIED", /^Collection not allowed: posts\. Granted: things/),
      });
    }
    expect(await bridge("narrow", "content.listRevisions", "things", id)).toEqual({ value: [] });
    expect(await bridge("narrow", "content.list", "things")).toMatchObject({ value: { items: [] } });
  });
});

describe("translations and addresses", () => {
  it("are answered for what is there", async () => {
    const id = String((await createPost("Hello", { publish: true })).body["id"]);
    const de = await content("create", "posts", { title: "Hallo" }, { locale: "de", publish: true });
    await rows("UPDATE ec_posts SET translation_group = ? WHERE id = ?", id, de.value?.["id"]);
    const shape = (locale: string, slug: string) => ({
      id: expect.any(String),
      locale,
      slug,
      status: "published",
      updatedAt: expect.stringMatching(/Z$/),
    });
    const both = { translationGroup: id, translations: [shape("de", "hallo"), shape("en", "hello")] };
    expect(await content("getTranslations", "posts", id)).toEqual({ value: both });
    expect(await content("getTranslations", "posts", de.value?.["id"])).toEqual({ value: both });
    const alone = String((await createPost("Alone")).body["id"]);
    await rows("UPDATE ec_posts SET translation_group = NULL WHERE id = ?", alone);
    expect(await content("getTranslations", "posts", alone)).toMatchObject({
      value: { translationGroup: alone, translations: [{ id: alone }] },
    });
    expect(await content("getTranslations", "posts", "missing")).toEqual(
      refused("NOT_FOUND", /no posts item "missing"/),
    );
    expect((await call("DELETE", `/api/content/posts/${id}`)).status).toBe(204);
    expect(await content("getTranslations", "posts", id)).toMatchObject({ error: { code: "NOT_FOUND" } });
    expect(await content("getTranslations", "posts", de.value?.["id"])).toMatchObject({
      value: { translations: [{ locale: "de" }] },
    });
  });

  it("an address is one at which visitors find the item, or null", async () => {
    const id = String((await createPost("Ünïcode?", { publish: true, slug: "привет" })).body["id"]);
    const { value } = await content("getPublicUrl", "posts", id);
    expect(value).toBe(`${ORIGIN}/posts/${encodeURIComponent("привет")}`);
    expect((await target.fetch(String(value).slice(ORIGIN.length))).status).toBe(200);
    const draft = String((await createPost("Draft")).body["id"]);
    const de = await content("create", "posts", { title: "Hallo" }, { locale: "de", publish: true });
    const thing = await content("create", "things", { name: "x" }, { publish: true });
    for (const [collection, item] of [
      ["posts", draft],
      ["posts", de.value?.["id"]],
      ["things", thing.value?.["id"]],
      ["posts", "missing"],
    ]) {
      expect({ item, ...(await content("getPublicUrl", collection, item)) }).toEqual({ item, value: null });
    }
  });
});

describe("a create with everything", () => {
  const args = [
    "posts",
    { title: "All", slug: "all", seo: { title: "SEO" } },
    { idempotencyKey: "once", publish: true },
  ] as const;
  const counts = async () =>
    (
      await rows<Record<string, number>>(
        `SELECT (SELECT count(*) FROM ec_posts) AS posts, (SELECT count(*) FROM revisions) AS revisions,
         (SELECT count(*) FROM _emdash_seo) AS seo, (SELECT count(*) FROM _host_idempotency) AS keys`,
      )
    )[0];

  it("of which one part fails leaves nothing, and can be made again", async () => {
    for (const table of ["_emdash_seo", "ec_posts", "revisions", "_host_idempotency"]) {
      await rows(`CREATE TRIGGER fails BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
      try {
        expect({ table, ...(await content("create", ...args)) }).toEqual({
          table,
          ...refused("INTERNAL", /^ctx\.content\.create failed inside the host/),
        });
      } finally {
        await rows("DROP TRIGGER fails");
      }
      expect({ table, ...(await counts()) }).toEqual({ table, posts: 0, revisions: 0, seo: 0, keys: 0 });
    }
    const { value } = await content("create", ...args);
    expect(value).toMatchObject({ status: "published", slug: "all", seo: { title: "SEO" } });
    expect(await counts()).toEqual({ posts: 1, revisions: 1, seo: 1, keys: 1 });
    expect((await content("create", ...args)).value?.["id"]).toBe(value?.["id"]);
    expect(await counts()).toEqual({ posts: 1, revisions: 1, seo: 1, keys: 1 });
  });

  it("is seen by the hooks of others, once", async () => {
    await install(
      probe("ear", {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `({ content }) => ({ ...content, excerpt: "heard" })`,
          "content:afterPublish": `async ({ content }, ctx) => ctx.kv.set(content.id, content.data.excerpt)`,
        },
      }),
    );
    const { value } = await content("create", ...args);
    expect(value).toMatchObject({ data: { excerpt: "heard" } });
    await content("create", ...args);
    expect(await bridge("ear", "kv.list")).toEqual({ value: [{ key: value?.["id"], value: "heard" }] });
  });
});

describe("ctx.site", () => {
  it("has EmDash's members and no other", async () => {
    await install(probe("sites", { routes: { site: `(_, ctx) => ctx.site` } }));
    const site = (await must("POST", "/api/plugins/sites/site"))["data"];
    expect(site).toEqual({ name: expect.any(String), url: ORIGIN, locale: "en", trailingSlash: "never" });
    expect((await target.fetch("/posts/any/", { redirect: "manual" })).status).toBe(404);
  });
});
