/** Who hears of an event, in which order, with which value, and whose answer counts? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { call, createPost, eventually, install, invocations, must, rows } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const append = (id: string) => `({ content }) => ({ ...content, excerpt: (content.excerpt ?? "") + "${id} " })`;
/** Writes the event's name and what matters of it to the plugin's own keys, numbered in order. */
const note = (name: string, of = "null") =>
  `async (event, ctx) => { const seen = (await ctx.kv.list()).length; await ctx.kv.set(String(seen).padStart(3, "0") + " ${name}", ${of}); }`;
const heard = async (id: string) => {
  const { value } = await bridge(id, "kv.list");
  return (value as unknown as { key: string; value: unknown }[]).map(
    ({ key, value }) => [key.slice(4), value] as const,
  );
};

describe("a filter", () => {
  it("runs by dependencies, then priority, then id, and each gets what the one before answered", async () => {
    const with_ = (id: string, options: string) =>
      sketch(id, {
        capabilities: ["content:write"],
        hooks: { "content:beforeSave": `{ handler: ${append(id)}, ${options} }` },
      });
    await install(with_("zeta", "priority: 10"));
    await install(with_("late", "priority: 200"));
    await install(with_("beta", "priority: 50"));
    await install(with_("alpha", "priority: 50"));
    // Would come first by priority, but waits for one that comes last; what is not installed is no obstacle.
    await install(with_("waits", `priority: 1, dependencies: ["late", "not-installed"]`));
    const { body } = await createPost("Order");
    expect(body["data"]!["excerpt"]).toBe("zeta alpha beta late waits ");
    expect((await must<{ data: unknown }>("GET", `/api/content/posts/${String(body["id"])}`)).data).toMatchObject({
      excerpt: "zeta alpha beta late waits ",
    });
  });

  it("of two that depend on each other still runs both, once", async () => {
    const with_ = (id: string, other: string) =>
      sketch(id, {
        capabilities: ["content:write"],
        hooks: { "content:beforeSave": `{ handler: ${append(id)}, dependencies: ["${other}"] }` },
      });
    await install(with_("b", "a"));
    await install(with_("a", "b"));
    expect((await createPost("Cycle")).body["data"]!["excerpt"]).toBe("a b ");
  });

  it("by a plugin that may only read watches: its answer and its throw are ignored", async () => {
    await install(
      probe("watcher", {
        capabilities: ["content:read"],
        hooks: {
          "content:beforeSave": `async ({ content }, ctx) => { await ctx.kv.set("saw", content.title); return { title: "changed" }; }`,
        },
      }),
    );
    await install(
      sketch("thrower", {
        capabilities: ["content:read"],
        hooks: { "content:beforeSave": `() => { throw new Error("no"); }` },
      }),
    );
    const { status, body } = await createPost("Watched");
    expect({ status, title: body["data"]!["title"] }).toEqual({ status: 201, title: "Watched" });
    expect(await bridge("watcher", "kv.get", "saw")).toEqual({ value: "Watched" });
  });

  it("sees an update with its id, and whether the item is new", async () => {
    await install(
      probe("seer", {
        capabilities: ["content:read"],
        hooks: { "content:beforeSave": note("save", "[event.isNew, event.collection, event.content.id ?? null]") },
      }),
    );
    const { body } = await createPost("First");
    await must("PATCH", `/api/content/posts/${String(body["id"])}`, { body: { data: { title: "Second" } } });
    expect(await heard("seer")).toEqual([
      ["save", [true, "posts", null]],
      ["save", [false, "posts", body["id"]]],
    ]);
  });
});

describe("a veto", () => {
  const guard = (capability: string) =>
    sketch("guard", { capabilities: [capability], hooks: { "content:beforeDelete": `() => false` } });

  it("keeps the item, and names the plugin; afterDelete is not fired", async () => {
    await install(guard("content:write"));
    await install(probe("ear", { capabilities: ["content:read"], hooks: { "content:afterDelete": note("deleted") } }));
    const id = String((await createPost("Kept")).body["id"]);
    const { status, body } = await call("DELETE", `/api/content/posts/${id}`);
    expect({ status, code: body["code"], detail: body["detail"] }).toEqual({
      status: 422,
      code: "REFUSED_BY_PLUGIN",
      detail: "guard (guard) refused this.",
    });
    expect((await call("GET", `/api/content/posts/${id}`)).status).toBe(200);
    await invocations("guard", 1);
    expect(await heard("ear")).toEqual([]);
    await must("POST", "/api/admin/plugins/guard/disable");
    expect((await call("DELETE", `/api/content/posts/${id}`)).status).toBe(204);
    await eventually(async () => expect(await heard("ear")).toEqual([["deleted", null]]));
  });
});

describe("actions", () => {
  it("after save, publish and unpublish are delivered with the stored item, and no other hook fires", async () => {
    const names = [
      "content:beforeSave",
      "content:afterSave",
      "content:beforeDelete",
      "content:afterDelete",
      "content:afterPublish",
      "content:afterUnpublish",
      "plugin:install",
      "plugin:activate",
      "cron",
      "page:metadata",
    ];
    await install(
      probe("ear", {
        capabilities: ["content:read"],
        hooks: Object.fromEntries(names.map((name) => [name, note(name, "event.content?.status ?? null")])),
      }),
    );
    const id = String((await createPost("Life")).body["id"]);
    await eventually(async () => expect(await heard("ear")).toHaveLength(4));
    await must("POST", `/api/content/posts/${id}/publish`);
    await eventually(async () => expect(await heard("ear")).toHaveLength(5));
    await must("POST", `/api/content/posts/${id}/unpublish`);
    await eventually(async () => expect(await heard("ear")).toHaveLength(6));
    expect(await heard("ear")).toEqual([
      ["plugin:install", null],
      ["plugin:activate", null],
      ["content:beforeSave", null],
      ["content:afterSave", "draft"],
      ["content:afterPublish", "published"],
      ["content:afterUnpublish", "draft"],
    ]);
  });

  it("without their grant are not delivered, the granted neighbour's are", async () => {
    const ear = (id: string) =>
      probe(id, {
        capabilities: ["content:read"],
        hooks: {
          "content:beforeSave": note("before"),
          "content:afterSave": note("after"),
          "content:beforeDelete": `() => false`,
        },
      });
    await install(ear("denied"), { deny: ["content:read"] });
    await install(ear("granted"));
    const id = String((await createPost("Quiet")).body["id"]);
    await eventually(async () =>
      expect(await heard("granted")).toEqual([
        ["before", null],
        ["after", null],
      ]),
    );
    expect(await heard("denied")).toEqual([]);
    await must("POST", "/api/admin/plugins/granted/disable");
    expect((await call("DELETE", `/api/content/posts/${id}`)).status).toBe(204);
  });

  it("of one save share a VM with its filter, and the next save starts pristine", async () => {
    await install(
      probe("memory", {
        capabilities: ["content:read"],
        top: `let count = 0; globalThis.left = []; Array.prototype.seen ??= 0;`,
        hooks: {
          "content:beforeSave": `({ content }) => { count++; Array.prototype.seen++; left.push(content.title); }`,
          "content:afterSave": `async ({ content }, ctx) => ctx.kv.set(content.data.title, [count, left, [].seen])`,
        },
      }),
    );
    for (const title of ["One", "Two"]) {
      await createPost(title);
      await eventually(async () => expect(await bridge("memory", "kv.get", title)).toEqual({ value: [1, [title], 1] }));
    }
  });
});

describe("a plugin that saves from within", () => {
  it("hears nothing of its own saves; others do, one level deep", async () => {
    const echo = (id: string, title: string) =>
      probe(id, {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": append(id),
          "content:afterSave": `async ({ content }, ctx) => {
            await ctx.kv.set("heard " + content.data.title, 1);
            await ctx.content.create("posts", { title: "${title} of " + content.data.title });
          }`,
        },
      });
    await install(echo("a", "A"));
    await install(echo("b", "B"));
    const ear = { "content:beforeSave": append("c"), "content:afterSave": `() => {}` };
    await install(sketch("c", { capabilities: ["content:write"], hooks: ear }));
    await createPost("Start");
    await invocations("a", 4);
    await invocations("b", 4);
    await invocations("c", 6);
    const posts = await rows<{ title: string; excerpt: string | null }>(
      "SELECT title, excerpt FROM ec_posts ORDER BY title",
    );
    // The person's save: everybody. What a makes of it is heard by b and c, and what b makes of that by nobody.
    expect(posts).toEqual([
      { title: "A of B of Start", excerpt: null },
      { title: "A of Start", excerpt: "b c " },
      { title: "B of A of Start", excerpt: null },
      { title: "B of Start", excerpt: "a c " },
      { title: "Start", excerpt: "a b c " },
    ]);
    const keys = async (id: string) => (await heard(id)).length;
    expect([await keys("a"), await keys("b")]).toEqual([2, 2]);
  });
});

describe("a plugin that changes what was changed", () => {
  it("stops at the first change, alone and with another that does the same", async () => {
    const changer = (id: string) =>
      probe(id, {
        capabilities: ["content:write"],
        hooks: {
          "content:afterSave": `async ({ content }, ctx) => {
            await ctx.content.update("posts", content.id, { excerpt: (content.data.excerpt ?? "") + "${id}" });
          }`,
        },
      });
    const excerpt = async () => (await rows<{ excerpt: string | null }>("SELECT excerpt FROM ec_posts"))[0]!.excerpt;
    await install(changer("a"));
    const { body } = await createPost("Loop");
    await invocations("a", 1);
    expect(await excerpt()).toBe("a");
    await install(changer("b"));
    await must("PATCH", `/api/content/posts/${String(body["id"])}`, { body: { data: { excerpt: "-" } } });
    // The person's change is heard by both; what one makes of it, by the other; what that makes of it, by nobody.
    await invocations("a", 3);
    await invocations("b", 2);
    expect((await excerpt())!.length).toBeLessThanOrEqual(3);
  });
});

describe("page:metadata", () => {
  it("is visible on the public page, and gone at the next view after disabling", async () => {
    await install(
      sketch("seo", {
        hooks: {
          "page:metadata": `({ page }) => [
      { kind: "meta", name: "x-kind", content: page.kind + " " + (page.content?.slug ?? "none") },
      { kind: "jsonld", id: "seo", graph: { name: "</script><script>alert(1)</script>" } },
    ]`,
        },
      }),
    );
    await createPost("Shown", { publish: true });
    const page = async (path: string) => (await call<string>("GET", path, { as: "visitor" })).body;
    expect(await page("/posts/shown")).toContain('<meta name="x-kind" content="content shown"');
    expect(await page("/posts/shown")).not.toContain("<script>alert(1)");
    expect(await page("/")).toContain('content="list none"');
    await must("POST", "/api/admin/plugins/seo/disable");
    expect(await page("/posts/shown")).not.toContain("x-kind");
    expect(await page("/")).not.toContain("x-kind");
  });
});
