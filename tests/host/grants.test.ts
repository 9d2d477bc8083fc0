/** Does every method ask for its own power and no other? Each with the grant, without it, and with every neighbouring grant. */
import { capabilityNames, describeCapability, withImplied, type Capability } from "@bulkhead/sdk";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGES, CONTEXT_METHODS } from "../../host/bridges/table.ts";
import { BUDGETS } from "../../host/invoke/budgets.ts";
import { call, callRoute, createPost, install, invocations, must, rows, upload } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const HOST = "api.shop.dev";
/** Powers that are asked for by declaring what they reach. */
const declared = (id: string): Readonly<Record<string, object>> => ({
  "database:own": { database: {} },
  "database:read": { database: { read: ["ec_posts"] } },
  "database:drafts": { database: { read: ["ec_posts"], drafts: true } },
  "database:write": { database: { write: ["ec_posts"] } },
  "page:slots": { page: { slots: ["post.after"] } },
  // An address has one plugin, so each asks for its own.
  "page:paths": { page: { paths: [`/${id}.txt`] } },
});
const asking = (id: string, capabilities: readonly string[]) =>
  probe(id, {
    capabilities: capabilities.filter((name) => !Object.hasOwn(declared(id), name)),
    hosts: capabilities.includes("network:request") ? [HOST] : [],
    manifest: { bulkhead: merge(capabilities.map((name) => declared(id)[name] ?? {})) },
  });
const merge = (parts: readonly object[]): Record<string, unknown> => {
  const merged: Record<string, Record<string, unknown>> = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) merged[key] = { ...merged[key], ...(value as object) };
  }
  return merged;
};

/** What is there to be read and changed: a draft and its revision. A user `u1` and a file `m1` are there as well. */
interface Fixture {
  readonly item: string;
  readonly revision: string;
}
const PNG = { bytes: btoa("\x89PNG\r\n\x1a\n") };
/** Arguments with which each guarded method does something, in an order in which it does. */
const CALLS: Readonly<Record<string, (there: Fixture) => readonly unknown[]>> = {
  "content.get": ({ item }) => ["posts", item],
  "content.list": () => ["posts", { limit: 1 }],
  "content.create": () => ["posts", { title: "Made" }],
  "content.update": ({ item }) => ["posts", item, { title: "Changed" }],
  "content.publish": ({ item }) => ["posts", item],
  "content.getPublicUrl": ({ item }) => ["posts", item],
  "content.getTranslations": ({ item }) => ["posts", item],
  "content.listRevisions": ({ item }) => ["posts", item],
  "content.getRevision": ({ item, revision }) => ["posts", item, revision],
  "content.unpublish": ({ item }) => ["posts", item],
  "taxonomies.getAll": () => [],
  "taxonomies.getTerms": () => ["category"],
  "taxonomies.getEntryTerms": ({ item }) => ["posts", item],
  "content.delete": ({ item }) => ["posts", item],
  "media.get": () => ["m1"],
  "media.list": () => [],
  "media.upload": () => ["a.png", "image/png", PNG],
  "media.delete": () => ["nothing"],
  "users.get": () => ["u1"],
  "users.getByEmail": () => ["u1@shop.dev"],
  "users.list": () => [],
  "db.batch": () => [[{ sql: "SELECT 1", params: [] }]],
  "http.fetch": () => [`https://${HOST}/`],
  "email.send": () => [{ to: "ada@shop.dev", subject: "Hello", text: "Hi" }],
  "ai.generate": () => [{ prompt: "Hi" }],
};
/** The same of methods that need no grant. */
const OWN_CALLS: Readonly<Record<string, readonly unknown[]>> = {
  "kv.get": ["a"],
  "kv.set": ["a", 1],
  "kv.delete": ["a"],
  "kv.list": ["", { limit: 1 }],
  "kv.getVersioned": ["a"],
  "kv.compareAndSet": ["a", null, 1],
  "kv.compareAndDelete": ["a", "0123"],
  "storage.get": ["a"],
  "storage.put": ["a", { name: "n" }],
  "storage.delete": ["a"],
  "storage.exists": ["a"],
  "storage.getMany": [["a"]],
  "storage.putMany": [[{ id: "a", data: {} }]],
  "storage.deleteMany": [["a"]],
  "storage.query": [{ limit: 1 }],
  "storage.count": [{}],
  "storage.getVersioned": ["a"],
  "storage.compareAndSet": ["a", null, {}],
  "storage.compareAndDelete": ["a", "0123"],
  "settings.get": ["tone"],
  "settings.all": [],
  "cron.schedule": ["task", { schedule: "0 6 * * *" }],
  "cron.cancel": ["task"],
  "cron.list": [],
  "text.markdownToPortableText": ["# Hi"],
  "text.markdownToHtml": ["# Hi"],
  "text.sanitizeHtml": ["<b>Hi</b>"],
  "text.portableTextToHtml": [[{ _type: "block" }]],
  "text.slugify": ["Hi"],
  "text.similarity": ["Hi", ["Ho"]],
};
async function prepare(): Promise<Fixture> {
  const item = String((await createPost("Draft")).body["id"]);
  await rows("INSERT INTO users (id, email, name, role) VALUES ('u1', 'u1@shop.dev', 'Uma', 40)");
  await rows("INSERT INTO media (id, filename, mime_type, storage_key) VALUES ('m1', 'a.png', 'image/png', 'm1.png')");
  const [revision] = await rows<{ id: string }>("SELECT id FROM revisions WHERE entry_id = ?", item);
  return { item, revision: revision!.id };
}
const guarded = CONTEXT_METHODS.filter((method) => method.capability !== null);
const neighbours = (own: Capability) => capabilityNames().filter((name) => !withImplied([name]).includes(own));

describe("a guarded method", () => {
  it("is in the table above, whatever is added", () => {
    expect(guarded.map(({ name }) => name).toSorted()).toEqual(Object.keys(CALLS).toSorted());
  });

  it("says which collection it means, where its power can be narrowed to some", () => {
    const open = guarded.filter(({ capability, target }) => {
      return describeCapability(capability!).targets === "collections" && target === undefined;
    });
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it("works with its capability alone", async () => {
    target.internet(() => Response.json({ choices: [{ message: { content: "yes" } }] }));
    const there = await prepare();
    for (const name of Object.keys(CALLS)) {
      const capability = BRIDGES.get(name)!.capability!;
      const id = `with-${capability.replaceAll(":", "-")}`;
      if ((await call("GET", `/api/admin/plugins/${id}`)).status === 404) await install(asking(id, [capability]));
      // A mail that was sent is nothing to look at, as in EmDash.
      const value: unknown = name === "email.send" ? null : expect.anything();
      expect({ name, ...(await bridge(id, name, ...CALLS[name]!(there))) }).toEqual({ name, value });
    }
  });

  it("is refused without it, by name and with the fix, and all other grants together do not help", async () => {
    target.internet(() => new Response("yes"));
    const there = await prepare();
    const stored = async () => [
      await rows("SELECT title, status, deleted_at FROM ec_posts"),
      await rows("SELECT id FROM media"),
      (await target.env.BUNDLES.list({ prefix: "media/" })).objects,
    ];
    const before = await stored();
    await install(asking("nothing", []));
    for (const { name, capability } of guarded) {
      const id = `without-${capability!.replaceAll(":", "-")}`;
      if ((await call("GET", `/api/admin/plugins/${id}`)).status === 404)
        await install(asking(id, neighbours(capability!)));
      for (const plugin of ["nothing", id]) {
        expect({ plugin, name, ...(await bridge(plugin, name, ...CALLS[name]!(there))) }).toEqual({
          plugin,
          name,
          error: {
            name: "BridgeError",
            code: "DENIED",
            message: `Missing capability: ${capability}. Add "${capability}" to "capabilities" in the manifest.`,
          },
        });
      }
    }
    expect(await stored()).toEqual(before);
  });

  it("to create published needs the power to publish as well", async () => {
    await install(asking("writer", ["content:write"]));
    await install(asking("publisher", ["content:write", "content:publish"]));
    const args = ["posts", { title: "Now" }, { publish: true }] as const;
    expect((await bridge("writer", "content.create", ...args)).error?.message).toMatch(
      /^Missing capability: content:publish/,
    );
    expect(await rows("SELECT * FROM ec_posts")).toEqual([]);
    expect(await bridge("publisher", "content.create", ...args)).toMatchObject({ value: { status: "published" } });
  });

  it("does not exist under another spelling", async () => {
    await install(asking("spelling", []));
    await install(
      sketch("raw", {
        routes: { keys: `(_, ctx) => Object.keys(ctx).sort()`, http: `(_, ctx) => Reflect.ownKeys(ctx.http)` },
      }),
    );
    expect((await callRoute("raw", "http")).body["data"]).toEqual(["fetch"]);
    for (const op of [
      "content.drop",
      "kv.__proto__",
      "constructor.constructor",
      "http.request",
      "kv.get.call",
      "http.readBody",
      "http.writeBody",
    ]) {
      expect(await bridge("spelling", op, "x")).toMatchObject({ error: { name: expect.any(String) } });
    }
    expect((await callRoute("raw", "keys")).body["data"]).toEqual([
      "ai",
      "content",
      "cron",
      "db",
      "email",
      "http",
      "kv",
      "log",
      "media",
      "plugin",
      "settings",
      "site",
      "storage",
      "taxonomies",
      "text",
      "url",
      "users",
    ]);
  });
});

describe("a plugin that can read and send", () => {
  const SENDS = [
    ["network:request", `and send data to ${HOST}.`],
    ["network:request:unrestricted", "and send data to any host."],
    ["email:send", "and send it by e-mail to anybody."],
    ["ai:generate", "and pass it on to your AI provider."],
  ] as const;
  const READS = [
    ["content:read", "It can read all content, drafts included"],
    ["users:read", "It can read user accounts"],
    ["media:read", "It can read the media library"],
    ["database:drafts", "It can read every row and column of tables of your site"],
  ] as const;
  it("has a sentence for each pair of powers, whatever is added to the table of powers", () => {
    const others = {
      reads: [
        // What visitors can read anyway, what brings one of the above along, and what is not delivered here.
        "taxonomies:read",
        "database:read",
        "content:revisions:read",
        "hooks.email-events:register",
      ],
      sends: ["hooks.email-transport:register"],
    };
    for (const [group, known] of [
      ["reads", READS],
      ["sends", SENDS],
    ] as const)
      expect(
        capabilityNames()
          .filter((name) => describeCapability(name).group === group)
          .toSorted(),
      ).toEqual([...known.map(([name]) => name), ...others[group]].toSorted());
  });

  it.each(SENDS)("with %s is said to, for each thing it can read, before anybody consents", async (sends, words) => {
    const found = async (id: string, capabilities: readonly string[]) =>
      ((await upload(asking(id, capabilities)))["findings"] as unknown as { code: string; message: string }[])
        .filter(({ code }) => code === "reads-and-sends")
        .map(({ message }) => message);
    const readers = READS.map(([name]) => name);
    expect(await found("both", [sends, ...readers])).toEqual(READS.map(([, sentence]) => `${sentence} ${words}`));
    for (const [n, [reads, sentence]] of READS.entries())
      expect(await found(`pair-${n}`, [sends, reads])).toEqual([`${sentence} ${words}`]);
    expect(await found("sends", [sends])).toEqual([]);
    expect(await found("reads", readers)).toEqual([]);
  });
});

describe("wrong arguments", () => {
  it("of any method are a typed error, whatever is added", async () => {
    const source = asking(
      "wrong",
      capabilityNames().filter((name) => name !== "network:request:unrestricted"),
    );
    await install({ ...source, manifest: { ...source.manifest, storage: { items: { indexes: [] } } } });
    for (const { name } of CONTEXT_METHODS) {
      // The guest's half makes requests and statements of what it is given; those are in the table below and in requests.test.ts.
      if (/^(http|db)\./.test(name)) continue;
      const { error } = await bridge("wrong", name.replace(/^storage\./, "storage.items."), 7, 7, 7, 7, 7);
      expect({ name, code: error?.code }).toEqual({ name, code: "INVALID_ARGUMENT" });
      expect(error!.message).toMatch(new RegExp(`^Cannot call ctx\\.${name.replace(".", "\\.")}: argument`));
    }
  });

  it.each([
    ["content.get", [1, "x"], /argument 0/],
    ["content.get", ["posts"], /argument/],
    ["content.list", ["posts", { limit: 0 }], /argument 1\.limit/],
    ["content.list", ["posts", { sql: 1 }], /argument 1/],
    ["content.create", ["posts", "title"], /argument 1/],
    ["content.create", ["posts", {}, { idempotencyKey: "x".repeat(201) }], /argument 2\.idempotencyKey/],
    ["cron.schedule", ["has space", { schedule: "0 6 * * *" }], /argument 0/],
    ["cron.schedule", ["ok", { schedule: "soon" }], /not a schedule/],
    ["cron.schedule", ["ok", { schedule: "2020-01-01T00:00:00Z" }], /in the past/],
    ["cron.schedule", ["ok", {}], /argument 1\.schedule/],
    ["db.batch", [[{ sql: 1, params: [] }]], /argument 0\.0\.sql/],
    ["db.batch", [[{ sql: "SELECT ?", params: [{}] }]], /argument 0\.0\.params\.0/],
    [
      "content.list",
      ["posts", { where: { fieldFilters: { title: { like: "%" } } } }],
      /argument 1\.where\.fieldFilters\.title/,
    ],
    ["content.list", ["posts", { where: { fieldFilters: ["title"] } }], /argument 1\.where\.fieldFilters/],
    ["content.getTranslations", ["posts", ""], /argument 1/],
    ["content.getPublicUrl", ["posts", 7], /argument 1/],
    ["content.listRevisions", ["posts", "x", { limit: 0 }], /argument 2\.limit/],
    ["content.getRevision", ["posts", "x"], /argument/],
    ["taxonomies.getAll", [{ locale: 5 }], /argument 0\.locale/],
    ["taxonomies.getTerms", [""], /argument 0/],
    ["taxonomies.getEntryTerms", ["posts", "x".repeat(65)], /argument 1/],
    ["media.get", [null], /argument 0/],
    ["media.list", [{ limit: 1.5 }], /argument 0\.limit/],
    ["media.list", [{ mimeType: ["image/"] }], /argument 0\.mimeType/],
    ["media.upload", ["a.png", "image/png", "iVBORw0KGgo="], /argument 2: Expected the bytes as an ArrayBuffer/],
    ["media.upload", ["a.png", "image/png", { base64: "no base64" }], /argument 2/],
    ["media.upload", ["x".repeat(256), "image/png", PNG], /argument 0/],
    ["media.delete", [], /argument/],
    ["users.get", [{}], /argument 0/],
    ["users.getByEmail", ["x".repeat(321)], /argument 0/],
    ["users.list", [{ role: "admin" }], /argument 0\.role/],
    ["users.list", [{ password: 1 }], /argument 0/],
    ["kv.set", ["k", 1, { ttlSeconds: 0 }], /argument 2\.ttlSeconds/],
    ["kv.list", ["", { cursor: 5 }], /argument 1\.cursor/],
    ["kv.getVersioned", [""], /argument 0/],
    ["kv.compareAndSet", ["k", 5, 1], /argument 1/],
    ["kv.compareAndSet", ["k", "", 1], /argument 1/],
    ["kv.compareAndDelete", ["k", null], /argument 1/],
    ["text.markdownToPortableText", [5], /argument 0/],
    ["text.slugify", ["x".repeat(1_001)], /argument 0/],
    ["text.markdownToHtml", [null], /argument 0/],
    ["text.sanitizeHtml", [{}], /argument 0/],
    ["text.portableTextToHtml", ["text"], /argument 0/],
    ["email.send", ["ada@shop.dev", "Hello", "Hi"], /argument/],
    ["email.send", [{ to: "ada@shop.dev", subject: "Hello" }], /argument 0\.text/],
    ["ai.generate", ["Hi"], /argument 0/],
    ["ai.generate", [{}], /either prompt or messages/],
    ["settings.get", [{}], /argument 0/],
  ] as const)("of %s %j are a typed error that names the argument", async (op, args, words) => {
    const powers = [
      "content:write",
      "content:revisions:read",
      "taxonomies:read",
      "media:write",
      "users:read",
      "database:own",
      "email:send",
      "ai:generate",
    ];
    await install(asking("wrong", powers));
    expect(await bridge("wrong", op, ...args)).toEqual({
      error: { name: "BridgeError", code: "INVALID_ARGUMENT", message: expect.stringMatching(words) },
    });
  });

  it("that the content service refuses come back in its words, not as an internal error", async () => {
    await install(asking("wrong", ["content:write"]));
    for (const args of [
      ["nowhere", { title: "x" }],
      ["posts", { nonsense: 1 }],
      ["posts", { title: 5 }],
      ["posts", { title: "x", content: "text" }],
    ]) {
      const { error } = await bridge("wrong", "content.create", ...args);
      expect({ args, code: error?.code }).toEqual({
        args,
        code: expect.stringMatching(/^(CONTENT_INVALID|NOT_FOUND)$/),
      });
    }
    expect(await rows("SELECT * FROM ec_posts")).toEqual([]);
  });
});

describe("an invocation's budget", () => {
  it("ends with a typed error per kind of call; what was done before stands, and the next invocation has its own", async () => {
    target.internet(() => new Response("ok"));
    const flood = (call: string) =>
      `async (_, ctx) => { for (let i = 1; ; i++) try { await ${call}; } catch (error) { return [i, error.code, error.message]; } }`;
    await install(
      sketch("flood", {
        capabilities: ["network:request"],
        hosts: [HOST],
        routes: {
          data: flood(`ctx.kv.set("n", i)`),
          requests: flood(`ctx.http.fetch("https://${HOST}/")`),
          compute: flood(`ctx.text.slugify("a".repeat(1_000))`),
        },
      }),
    );
    const { hostCalls, requests } = BUDGETS.paid.route;
    for (const [name, count, words] of [
      ["data", hostCalls, `may make ${hostCalls} data calls`],
      ["requests", requests, `may make ${requests} request calls`],
      ["compute", 100, "this invocation may"],
    ] as const) {
      const ends = [];
      for (let time = 0; time < 2; time++) ends.push((await callRoute("flood", name)).body["data"]);
      const [calls, code, message] = ends[0] as unknown as [number, string, string];
      expect(ends[1]).toEqual(ends[0]);
      expect({ name, code, isEnough: calls > count }).toEqual({ name, code: "BUDGET_EXCEEDED", isEnough: true });
      // What only computes may be counted by size; the others are counted one by one.
      if (name !== "compute") expect(calls).toBe(count + 1);
      expect(message).toContain(words);
    }
    expect(await rows("SELECT data FROM _plugin_storage")).toEqual([{ data: String(hostCalls) }]);
    await invocations("flood", 6);
  });

  it("that is used up refuses every method of its kind by a typed error, whatever is added, and nothing is done", async () => {
    const sent: string[] = [];
    target.internet((request) => {
      sent.push(request.url);
      return new Response("ok");
    });
    const nowhere = { item: "nothing", revision: "nothing" };
    const calls: Readonly<Record<string, readonly unknown[]>> = {
      ...OWN_CALLS,
      ...Object.fromEntries(Object.entries(CALLS).map(([name, make]) => [name, make(nowhere)])),
    };
    expect(Object.keys(calls).toSorted()).toEqual(CONTEXT_METHODS.map(({ name }) => name).toSorted());
    const source = asking(
      "spent",
      capabilityNames().filter((name) => name !== "network:request:unrestricted"),
    );
    const spent = sketch("spent", {
      routes: {
        spends: `async ({ input: { kind, op, args } }, ctx) => {
          const fill = {
            data: () => ctx.kv.get("a"),
            request: () => ctx.http.fetch("https://${HOST}/fill"),
            compute: () => ctx.text.slugify("a".repeat(1_000)),
          }[kind];
          for (let i = 0; i < 500; i += 1) try { await fill(); } catch (error) { if (error.code === "BUDGET_EXCEEDED") break; throw error; }
          const path = op.split("."), method = path.pop();
          const family = path.reduce((place, name) => place[name], ctx);
          const given = args.map((arg) =>
            typeof arg?.bytes === "string" ? Uint8Array.from(atob(arg.bytes), (char) => char.charCodeAt(0)) : arg);
          return Promise.resolve(family[method](...given)).then(() => "done", (error) => error.code + " " + error.message);
        }`,
      },
    });
    await install({
      ...source,
      backend: spent.backend,
      manifest: {
        ...source.manifest,
        routes: ["spends"],
        storage: { items: { indexes: [] } },
        bulkhead: {
          ...(source.manifest["bulkhead"] as object),
          budgets: { route: { hostCalls: 1, requests: 1 } },
        },
      },
    });
    for (const { name, kind } of CONTEXT_METHODS) {
      const input = { kind, op: name.replace(/^storage\./, "storage.items."), args: calls[name] };
      const words = `BUDGET_EXCEEDED Cannot call ctx.${name}: this invocation may `;
      expect({ name, end: (await callRoute("spent", "spends", input)).body["data"] }).toEqual({
        name,
        end: expect.stringContaining(words),
      });
    }
    expect(new Set(sent)).toEqual(new Set([`https://${HOST}/fill`]));
    for (const table of ["_plugin_storage", "ec_posts", "media", "_host_email_usage", "_host_ai_usage"])
      expect({ table, there: await rows(`SELECT * FROM ${table}`) }).toEqual({ table, there: [] });
    expect(await rows("SELECT * FROM _host_schedules")).toEqual([]);
  });

  it("rises to what the manifest asks for, up to the ceiling", async () => {
    const count = `async (_, ctx) => { for (let i = 1; ; i++) try { await ctx.kv.get("n"); } catch { return i - 1; } }`;
    for (const [wanted, got] of [
      [150, 150],
      [100_000, 400],
    ] as const) {
      await install(
        sketch(`asks-${wanted}`, {
          routes: { count },
          manifest: { bulkhead: { budgets: { route: { hostCalls: wanted } } } },
        }),
      );
      expect((await callRoute(`asks-${wanted}`, "count")).body["data"]).toBe(got);
    }
  });
});

describe("content and text", () => {
  it("created twice under one idempotency key is one post; another plugin's same key is another", async () => {
    await install(asking("a", ["content:write"]));
    await install(asking("b", ["content:write"]));
    const args = ["posts", { title: "Once", seo: { title: "SEO" } }, { idempotencyKey: "2026-11-23" }] as const;
    const first = await bridge("a", "content.create", ...args);
    expect((await bridge("a", "content.create", ...args)).value?.["id"]).toBe(first.value?.["id"]);
    expect((await bridge("b", "content.create", ...args)).value?.["id"]).not.toBe(first.value?.["id"]);
    const racing = await Promise.all(
      [1, 2, 3, 4].map(() => bridge("a", "content.create", "posts", { title: "Race" }, { idempotencyKey: "race" })),
    );
    expect(new Set(racing.map(({ value }) => value?.["id"])).size).toBe(1);
    expect(await rows("SELECT title FROM ec_posts ORDER BY title")).toEqual([
      { title: "Once" },
      { title: "Once" },
      { title: "Race" },
    ]);
  });

  it("from Markdown is Portable Text in which HTML stays text", async () => {
    await install(asking("text", []));
    const { value } = await bridge(
      "text",
      "text.markdownToPortableText",
      "# Hi\n\n**bold** <script>alert(1)</script> [x](javascript:alert(1))",
    );
    expect(value).toMatchObject([{ _type: "block", style: "h1" }, { _type: "block" }]);
    expect(JSON.stringify(value)).not.toMatch(/"href":"javascript:/);
    expect(await bridge("text", "text.slugify", "Über uns & Co.")).toEqual({ value: "uber-uns-co" });
    const plugins = await must<{ items: unknown[] }>("GET", "/api/admin/plugins");
    expect(plugins.items).toHaveLength(1);
  });
});
