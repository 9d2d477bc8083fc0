/** Can a name that means something to JavaScript reach an object's prototype, from any side? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { CONTEXT_METHODS } from "../../host/bridges/table.ts";
import { call, callRoute, createPost, install, must, upload, uploadBytes } from "./client.ts";
import { packRaw, toFile } from "../support/bundle.ts";
import { ALL_POWERS, SITE_POWERS, bridge, probe, sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

/** Own keys that a careless copy would turn into a prototype. */
const POISON = '{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}';

/** Nothing is polluted here, in the host beside the tests or in what it stored. */
async function expectClean(): Promise<void> {
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(([] as unknown as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect((await must<Record<string, unknown>>("GET", "/api/health"))["polluted"]).toBeUndefined();
}

describe("__proto__ and constructor as keys", () => {
  it("in every argument of every bridge method change nothing and are not stored", async () => {
    await install(
      probe("poison", {
        capabilities: SITE_POWERS,
        hosts: ["a.shop.dev"],
        hooks: { cron: `() => {}` },
        manifest: { storage: { items: { indexes: ["name"] } } },
        routes: {
          all: `async ({ input }, ctx) => {
            const poison = JSON.parse(input.text);
            const results = {};
            const calls = {
              kv: () => ctx.kv.set("a", poison), deep: () => ctx.kv.set("deep", { list: [{ in: poison }] }), list: () => ctx.kv.list(poison),
              put: () => ctx.storage.items.put("a", poison), many: () => ctx.storage.items.putMany([{ id: "b", data: poison, ...poison }]),
              query: () => ctx.storage.items.query({ where: poison }), order: () => ctx.storage.items.query({ orderBy: poison }), count: () => ctx.storage.items.count(poison),
              create: () => ctx.content.create("posts", poison), options: () => ctx.content.create("posts", { title: "x" }, poison),
              seo: () => ctx.content.create("posts", { title: "y", seo: poison }), contents: () => ctx.content.list("posts", poison),
              cron: () => ctx.cron.schedule("t", { schedule: "0 6 * * *", data: poison }), headers: () => ctx.http.fetch("https://a.shop.dev/", { headers: poison, secretHeaders: poison }),
              ttl: () => ctx.kv.set("ttl", poison, poison), listPage: () => ctx.kv.list("", poison), kvVersion: () => ctx.kv.getVersioned(poison),
              swap: () => ctx.kv.compareAndSet("swap", null, poison), swapOptions: () => ctx.kv.compareAndSet("swapped", null, 1, poison), unswap: () => ctx.kv.compareAndDelete("swap", poison),
              version: () => ctx.storage.items.getVersioned("a"), set: () => ctx.storage.items.compareAndSet("set", null, poison), unset: () => ctx.storage.items.compareAndDelete("set", "__proto__"),
              filters: () => ctx.content.list("posts", { where: { fieldFilters: poison } }), filter: () => ctx.content.list("posts", { where: { fieldFilters: { title: poison } } }),
              translations: () => ctx.content.getTranslations("posts", "__proto__"), address: () => ctx.content.getPublicUrl("constructor", "x"), revisions: () => ctx.content.listRevisions("posts", "x", poison), revision: () => ctx.content.getRevision("posts", "x", "__proto__"),
              taxonomies: () => ctx.taxonomies.getAll(poison), terms: () => ctx.taxonomies.getTerms("__proto__", poison), entryTerms: () => ctx.taxonomies.getEntryTerms("posts", "x", poison),
              media: () => ctx.media.list(poison), file: () => ctx.media.get("__proto__"), upload: () => ctx.media.upload("__proto__", "constructor", poison), remove: () => ctx.media.delete("constructor"),
              user: () => ctx.users.get("__proto__"), email: () => ctx.users.getByEmail("constructor"), users: () => ctx.users.list(poison),
              setting: () => ctx.settings.get("__proto__"), log: () => ctx.log.info("poison", poison), collection: () => ctx.storage.__proto__.put("a", 1),
            };
            for (const [name, make] of Object.entries(calls)) results[name] = await Promise.resolve().then(make).then(() => "ok", (error) => error.code ?? error.name);
            return results;
          }`,
        },
      }),
    );
    target.internet(() => new Response("ok"));
    const { body } = await callRoute("poison", "all", { text: POISON });
    const results = body["data"] as unknown as Record<string, string>;
    expect(Object.keys(results)).toHaveLength(42);
    // Refused in words or done without those keys; never a failure inside the host.
    expect(Object.values(results)).not.toContain("INTERNAL");
    await expectClean();
    // Read back as text: a parser would drop the keys itself.
    for (const [table, text] of Object.entries(await everything())) {
      if (["_plugin_storage", "ec_posts", "_emdash_seo", "_host_schedules"].includes(table)) {
        expect({ table, text: String(text) }).toEqual({ table, text: expect.not.stringContaining("__proto__") });
      }
    }
    for (const [op, key] of [
      ["kv.get", "a"],
      ["kv.get", "deep"],
      ["kv.getVersioned", "swap"],
      ["storage.items.getVersioned", "set"],
      ["storage.items.get", "a"],
      ["storage.items.get", "b"],
    ] as const) {
      const answer = await bridge("poison", op, key);
      expect(answer.error).toBeUndefined();
      // As text: a parser here would hide the key.
      expect(JSON.stringify(answer)).not.toMatch(/__proto__/);
    }
  });

  it("in any place of the arguments of any method of ctx change nothing", async () => {
    const ops = CONTEXT_METHODS.map(({ name }) => name.replace(/^storage\./, "storage.items."));
    expect(ops.length).toBeGreaterThan(40);
    await install({
      ...probe("spray", {
        capabilities: ALL_POWERS,
        hosts: ["a.shop.dev"],
        hooks: { cron: `() => {}` },
        manifest: {
          storage: { items: { indexes: ["name"] } },
          bulkhead: { database: { write: ["ec_posts"], read: ["ec_posts"] } },
        },
        routes: {
          one: `async ({ input: { op, text } }, ctx) => {
            const p = () => JSON.parse(text);
            const path = op.split("."), method = path.pop(), family = path.reduce((place, name) => place[name], ctx);
            if (typeof family?.[method] !== "function") throw new Error("ctx." + op + " is not there");
            const ends = [];
            for (const args of [[p()], ["posts", p()], ["posts", "x", p()], ["posts", "x", p(), p()], [[p()]], [{ ...p(), sql: "SELECT ?", params: [p()] }], [{ data: p(), where: p(), seo: p(), headers: p(), messages: [p()] }], ["__proto__"], ["constructor", "__proto__", "prototype"]])
              ends.push(await Promise.resolve().then(() => family[method](...args)).then(() => "ok", (error) => error.code ?? error.name));
            return ends;
          }`,
        },
      }),
      files: { "migrations/0001_items.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT);" },
    });
    target.internet(() => new Response("ok"));
    for (const op of ops) {
      const { body } = await callRoute("spray", "one", { op, text: POISON });
      expect({ op, ends: body["data"] }, JSON.stringify(body)).toEqual({ op, ends: expect.any(Array) });
      expect({ op, ends: body["data"] }).toEqual({ op, ends: expect.not.arrayContaining(["INTERNAL"]) });
    }
    await expectClean();
    const tables = await everything();
    for (const [table, text] of Object.entries(tables)) {
      // What was thrown and logged may name the key in words.
      if (!table.startsWith("_host_"))
        expect({ table, text: String(text) }).toEqual({ table, text: expect.not.stringMatching(/"__proto__"\s*:/) });
    }
  });

  it("in what a guest answers, to a route, a filter and a page, change nothing", async () => {
    await install(
      sketch("answers", {
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `({ content }) => Object.assign(JSON.parse('${POISON}'), content)`,
          "page:metadata": `() => JSON.parse('${POISON}')`,
        },
        routes: {
          poison: `() => JSON.parse('${POISON}')`,
          own: `() => { Object.prototype.polluted = "yes"; return {}; }`,
        },
      }),
    );
    const answer = await callRoute("answers", "poison");
    expect(JSON.stringify(answer.body)).not.toContain("__proto__");
    expect(await callRoute("answers", "own")).toMatchObject({ status: 200 });
    expect([201, 422]).toContain((await createPost("Post", { publish: true })).status);
    expect((await call("GET", "/", { as: "visitor" })).status).toBe(200);
    await expectClean();
  });

  it("in what people send, to content, settings, consent, panels and manifests, change nothing", async () => {
    await install(
      sketch("panel", {
        routes: { admin: `() => ({ blocks: [] })` },
        manifest: {
          admin: { pages: [{ path: "/", label: "P" }], settingsSchema: { a: { type: "string", label: "A" } } },
        },
      }),
    );
    const json = { "content-type": "application/json" };
    const sent: readonly (readonly [string, string, string])[] = [
      ["POST", "/api/content/posts", `{"data":${POISON}}`],
      [
        "POST",
        "/api/content/posts",
        `{"data":{"title":"x","content":[{"_type":"block","_key":"a","children":[],"__proto__":{"polluted":1}}]}}`,
      ],
      ["POST", "/api/content/posts", POISON],
      ["PUT", "/api/admin/plugins/panel/settings", `{"values":${POISON}}`],
      ["POST", "/api/admin/plugins/panel/consent", `{"version":"1.0.0","planHash":"x","__proto__":{"enable":false}}`],
      ["POST", "/api/admin/plugins/panel/panel", `{"type":"form_submit","action_id":"a","values":${POISON}}`],
      ["POST", "/api/plugins/panel/admin", POISON],
      ["POST", "/api/auth/session", POISON],
    ];
    for (const [method, path, body] of sent) {
      const { status } = await call(method, path, { body, headers: json });
      expect({ path, status: status < 500 }).toEqual({ path, status: true });
      await expectClean();
    }
    for (const path of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      for (const place of [
        `/api/admin/plugins/${path}`,
        `/api/plugins/${path}/x`,
        `/api/plugins/panel/${path}`,
        `/api/content/${path}`,
        `/api/content/posts/${path}`,
        `/posts/${path}`,
      ]) {
        expect({ place, status: (await call("GET", place)).status }).toEqual({ place, status: 404 });
      }
    }
  });

  it("in a manifest are refused or without effect", async () => {
    for (const manifest of [
      `{"id":"poisoned","version":"1.0.0","__proto__":{"capabilities":["users:read"]}}`,
      `{"id":"poisoned","version":"1.0.0","storage":{"__proto__":{"indexes":[]}}}`,
      `{"id":"poisoned","version":"1.0.0","admin":{"settingsSchema":{"__proto__":{"type":"string","label":"x"}}}}`,
    ]) {
      const archive = await packRaw([toFile("manifest.json", manifest), toFile("backend.js", "export default {};")]);
      const { status, body } = await uploadBytes(archive);
      expect([201, 422]).toContain(status);
      if (status === 201) expect(body["plan"]).toMatchObject({ capabilities: [], settings: [] });
      await expectClean();
    }
    expect(await upload(sketch("constructor", { routes: { valueof: `() => 1` } }))).toMatchObject({
      plugin: { id: "constructor" },
    });
  });
});
