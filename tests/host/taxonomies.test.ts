/** Does a plugin find the taxonomies, their terms and those of an item, in one locale and in all? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { call, createPost, install, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(async () => {
  await target.reset();
  await install(probe("reader", { capabilities: ["taxonomies:read"] }));
});

const addTerm = (id: string, name: string, label: string, locale = "en", group: string | null = id) =>
  rows(
    `INSERT INTO taxonomies (id, name, slug, label, parent_id, data, locale, translation_group)
     VALUES (?, ?, ?, ?, NULL, '{"description":"d"}', ?, ?)`,
    id,
    name,
    label.toLowerCase(),
    label,
    locale,
    group,
  );
const link = (item: string, term: string) =>
  rows("INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) VALUES ('posts', ?, ?)", item, term);
const ids = async (op: string, ...args: unknown[]) =>
  ((await bridge("reader", op, ...args)).value as unknown as { id: string }[]).map(({ id }) => id);

describe("ctx.taxonomies", () => {
  it("lists the taxonomies with the collections they are for", async () => {
    const category = {
      name: "category",
      label: "Categories",
      labelSingular: "Category",
      hierarchical: true,
      collections: ["posts"],
      locale: "en",
    };
    const tag = { ...category, name: "tag", label: "Tags", labelSingular: "Tag", hierarchical: false };
    expect(await bridge("reader", "taxonomies.getAll")).toEqual({ value: [category, tag] });
    expect(await bridge("reader", "taxonomies.getAll", { locale: "en" })).toEqual({ value: [category, tag] });
    expect(await bridge("reader", "taxonomies.getAll", { locale: "de" })).toEqual({ value: [] });
  });

  it("lists terms by label in EmDash's shape", async () => {
    await addTerm("t2", "category", "Bread");
    await addTerm("t1", "category", "Apples");
    await addTerm("t3", "tag", "Apples");
    await addTerm("t4", "category", "Brot", "de", "t2");
    await rows("UPDATE taxonomies SET parent_id = 't1', data = 'no json' WHERE id = 't2'");
    expect(await ids("taxonomies.getTerms", "category")).toEqual(["t4", "t1", "t2"]);
    expect(await bridge("reader", "taxonomies.getTerms", "category", { locale: "en" })).toEqual({
      value: [
        {
          id: "t1",
          taxonomy: "category",
          slug: "apples",
          label: "Apples",
          parentId: null,
          data: { description: "d" },
          locale: "en",
          translationGroup: "t1",
        },
        {
          id: "t2",
          taxonomy: "category",
          slug: "bread",
          label: "Bread",
          parentId: "t1",
          data: null,
          locale: "en",
          translationGroup: "t2",
        },
      ],
    });
    for (const name of ["nothing", "%", "categor_", "category' OR 1=1 --"]) {
      expect(await bridge("reader", "taxonomies.getTerms", name)).toEqual({ value: [] });
    }
  });

  it("lists an item's terms, linked by id or by translation group, and none of a deleted item", async () => {
    await addTerm("t1", "category", "Apples");
    await addTerm("t2", "tag", "Bread");
    await addTerm("t3", "tag", "Brot", "de", "t2");
    await addTerm("t4", "tag", "Other");
    const id = String((await createPost("Post")).body["id"]);
    await rows("UPDATE ec_posts SET translation_group = 'group' WHERE id = ?", id);
    await link(id, "t1");
    await link("group", "t2");
    await link("another", "t4");
    expect(await ids("taxonomies.getEntryTerms", "posts", id)).toEqual(["t3", "t1", "t2"]);
    expect(await ids("taxonomies.getEntryTerms", "posts", id, { locale: "en" })).toEqual(["t1", "t2"]);
    expect(await ids("taxonomies.getEntryTerms", "posts", id, { taxonomy: "tag" })).toEqual(["t3", "t2"]);
    expect(await ids("taxonomies.getEntryTerms", "posts", id, { taxonomy: "tag", locale: "en" })).toEqual(["t2"]);
    expect(await ids("taxonomies.getEntryTerms", "posts", "another")).toEqual([]);
    expect(await bridge("reader", "taxonomies.getEntryTerms", "users", id)).toMatchObject({
      error: { code: "NOT_FOUND" },
    });
    expect((await call("DELETE", `/api/content/posts/${id}`)).status).toBe(204);
    expect(await ids("taxonomies.getEntryTerms", "posts", id)).toEqual([]);
  });

  it("refuses by size what a result may not have", async () => {
    await addTerm("t1", "category", "Apples");
    await addTerm("t2", "category", "Bread", "de");
    const { resultBytes } = BRIDGE_LIMITS;
    await rows("UPDATE taxonomies SET data = '{\"x\":\"' || hex(zeroblob(?)) || '\"}'", resultBytes / 4 - 1_000);
    expect(await ids("taxonomies.getTerms", "category")).toEqual(["t2", "t1"]);
    await rows("UPDATE taxonomies SET data = data || 'xxxxxxxxxx' || hex(zeroblob(2000)) WHERE id = 't1'");
    expect(await bridge("reader", "taxonomies.getTerms", "category")).toEqual({
      error: {
        name: "BridgeError",
        code: "INVALID_ARGUMENT",
        message: `The result has more than ${resultBytes} bytes. Ask for one locale, or one taxonomy.`,
      },
    });
    expect(await ids("taxonomies.getTerms", "category", { locale: "de" })).toEqual(["t2"]);
  });
});
