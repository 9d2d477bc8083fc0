/** What does plugin SQL reach? Its own tables, and of the site's tables what was granted: on a real D1, before and after. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import {
  call,
  callRoute,
  consent,
  createPost,
  eventually,
  install,
  invocations,
  must,
  rows,
  show,
  upload,
  uploadBytes,
  type Json,
} from "./client.ts";
import { packPlugin, type PluginSource } from "../support/bundle.ts";
import { bridge, probe, type PluginSketch } from "./plugins.ts";
import { everything, everythingBesidesRecords } from "./stored.ts";

beforeEach(() => target.reset());

const ITEMS = "CREATE TABLE items (id INTEGER PRIMARY KEY, k TEXT UNIQUE, v TEXT); CREATE INDEX by_v ON items (v);";

/** A plugin with migrations. `sql` of its routes runs what it is sent. */
function withSql(
  id: string,
  files: Readonly<Record<string, string>> = { "migrations/0001_items.sql": ITEMS },
  more: PluginSketch = {},
): PluginSource {
  return { ...probe(id, more), files };
}
const database = (more: object): PluginSketch => ({ manifest: { bulkhead: { database: more } } });

/** Runs one statement inside the plugin; rows as objects. */
async function sql(id: string, text: string, ...params: unknown[]) {
  const { value, error } = await bridge(id, "db.batch", [{ sql: text, params }]);
  return error ? { error } : { rows: (value as unknown as readonly { results: readonly Json[] }[])[0]!.results };
}
const refused = (words: RegExp) => ({
  error: { name: "BridgeError", code: expect.any(String), message: expect.stringMatching(words) },
});

describe("a plugin's own tables", () => {
  it("are made when it goes live, answer as D1 does, and go with it", async () => {
    const plan = await upload(withSql("own"));
    expect(plan).toMatchObject({ tables: ["items"], capabilities: [{ name: "database:own" }] });
    expect(await rows("SELECT name FROM _host_tables")).toEqual([]);
    expect((await consent(plan)).status).toBe(200);
    expect(await sql("own", "INSERT INTO items (k, v) VALUES (?, ?), (?, ?)", "a", "1", "b", null)).toEqual({
      rows: [],
    });
    expect(await sql("own", "SELECT k, v, 1.5 AS half, NULL AS none FROM items ORDER BY k DESC")).toEqual({
      rows: [
        { k: "b", v: null, half: 1.5, none: null },
        { k: "a", v: "1", half: 1.5, none: null },
      ],
    });
    const { removed } = await must<{ removed: Json }>("DELETE", "/api/admin/plugins/own?data=delete");
    expect(removed).toMatchObject({ tables: 1 });
    expect(await rows("SELECT name FROM sqlite_master WHERE name LIKE 'p!_%' ESCAPE '!'")).toEqual([]);
    expect(await rows("SELECT * FROM _host_migrations")).toEqual([]);
  });

  it("wait for the plugin to be enabled", async () => {
    await consent(await upload(withSql("later")), { enable: false });
    expect(await rows("SELECT name FROM _host_tables")).toEqual([]);
    await must("POST", "/api/admin/plugins/later/enable");
    expect(await sql("later", "SELECT count(*) AS n FROM items")).toEqual({ rows: [{ n: 0 }] });
  });

  it("are kept with the rest where the data is kept, and found again", async () => {
    await install(withSql("kept"));
    await sql("kept", "INSERT INTO items (k) VALUES ('here')");
    await must("DELETE", "/api/admin/plugins/kept?data=keep");
    await install(withSql("kept"));
    expect(await sql("kept", "SELECT k FROM items")).toEqual({ rows: [{ k: "here" }] });
  });

  it("speak D1's language in the guest", async () => {
    const source = withSql("shapes", undefined, {
      routes: {
        go: `async (_, { db }) => {
          const one = await db.prepare("INSERT INTO items (k, v) VALUES (?1, ?2)").bind("x", new Uint8Array([1, 2, 255])).run();
          const all = await db.prepare("SELECT k, v FROM items WHERE k = ?").bind("x").all();
          const first = await db.prepare("SELECT k FROM items").first();
          const cell = await db.prepare("SELECT k FROM items").first("k");
          const none = await db.prepare("SELECT k FROM items WHERE k = 'nobody'").first();
          const raw = await db.prepare("SELECT k, id FROM items").raw({ columnNames: true });
          const batch = await db.batch([
            db.prepare("UPDATE items SET v = ? WHERE k = ?").bind("new", "x"),
            db.prepare("SELECT v FROM items"),
          ]);
          return { one, all: all.results, first, cell, none, raw, batch: batch.map((each) => each.results), changes: batch[0].meta.changes };
        }`,
      },
    });
    await install(source);
    expect((await callRoute("shapes", "go")).body["data"]).toEqual({
      one: {
        success: true,
        results: [],
        meta: { changes: 1, last_row_id: 1, rows_read: expect.any(Number), rows_written: expect.any(Number) },
      },
      all: [{ k: "x", v: [1, 2, 255] }],
      first: { k: "x" },
      cell: "x",
      none: null,
      raw: [
        ["k", "id"],
        ["x", 1],
      ],
      batch: [[], [{ v: "new" }]],
      changes: 1,
    });
  });

  it("change together or not at all", async () => {
    await install(withSql("atomic"));
    const { error } = await bridge("atomic", "db.batch", [
      { sql: "INSERT INTO items (k) VALUES ('one')", params: [] },
      { sql: "INSERT INTO items (k) VALUES ('one')", params: [] },
    ]);
    expect(error).toEqual({
      name: "BridgeError",
      code: "FAILED",
      message: expect.stringMatching(/^UNIQUE constraint failed: items\.k$/),
    });
    expect(await sql("atomic", "SELECT k FROM items")).toEqual({ rows: [] });
  });

  it.each([
    [
      "text that is JSON",
      `SELECT json_array(1, 2) AS x, json_extract('{"a":[1]}', '$.a') AS y`,
      { x: "[1,2]", y: "[1]" },
    ],
    ["two columns of one name", "SELECT 1 AS a, 2 AS a", { a: 1, "a:1": 2 }],
    ["no column name", "SELECT 1 + 1", { "1 + 1": 2 }],
    ["a name like a prototype's", "SELECT 1 AS constructor, 2 AS toString", { constructor: 1, toString: 2 }],
    ["values", "VALUES (1, 'x')", { column1: 1, column2: "x" }],
    ["a large integer", "SELECT 9007199254740991 AS n", { n: 9_007_199_254_740_991 }],
    ["signs", `SELECT '"\\' || char(10) || '€😀' AS s`, { s: '"\\\n€😀' }],
    [
      "order",
      "WITH t(n) AS (VALUES (2), (3), (1)) SELECT group_concat(n) AS x FROM (SELECT n FROM t ORDER BY n)",
      { x: "1,2,3" },
    ],
  ])("answer %s", async (_, text, row) => {
    await install(withSql("answers"));
    expect(await sql("answers", text)).toEqual({ rows: [row] });
  });

  it("find by full text", async () => {
    await install(
      withSql("search", { "migrations/0001_docs.sql": "CREATE VIRTUAL TABLE docs USING fts5(title, body);" }),
    );
    await sql("search", "INSERT INTO docs (title, body) VALUES ('A', 'red apples'), ('B', 'green pears')");
    expect(await sql("search", "SELECT title FROM docs WHERE docs MATCH ?", "pears")).toEqual({
      rows: [{ title: "B" }],
    });
  });

  it("are nobody else's: ids that would collide meet nowhere", async () => {
    await install(withSql("a", { "migrations/0001_x.sql": "CREATE TABLE b_c (v TEXT);" }));
    await install(withSql("a_b", { "migrations/0001_x.sql": "CREATE TABLE c (v TEXT);" }));
    await install(withSql("a-b", { "migrations/0001_x.sql": "CREATE TABLE c (v TEXT);" }));
    for (const [id, table] of [
      ["a", "b_c"],
      ["a_b", "c"],
      ["a-b", "c"],
    ] as const)
      await sql(id, `INSERT INTO ${table} VALUES (?)`, id);
    expect(await sql("a", "SELECT v FROM b_c")).toEqual({ rows: [{ v: "a" }] });
    expect(await sql("a_b", "SELECT v FROM c")).toEqual({ rows: [{ v: "a_b" }] });
    const [other] = await rows<{ physical: string }>("SELECT physical FROM _host_tables WHERE plugin_id = 'a-b'");
    expect(await sql("a_b", `SELECT v FROM ${other!.physical}`)).toEqual(refused(/^Cannot run SQL/));
  });
});

describe("a table of the site", () => {
  const reading = (id: string, more: object) => withSql(id, {}, database(more));

  it("is read where it is asked for and granted, published rows and public columns alone", async () => {
    const { body: draft } = await createPost("Draft secret");
    const { body: live } = await createPost("Live");
    await must("POST", `/api/content/posts/${String(live["id"])}/publish`);
    await install(reading("reader", { read: ["ec_posts", "_emdash_seo"] }));
    expect(await sql("reader", "SELECT title FROM ec_posts")).toEqual({ rows: [{ title: "Live" }] });
    expect(await sql("reader", "SELECT author_id FROM ec_posts")).toEqual(refused(/no such column/));
    expect(await sql("reader", "SELECT * FROM ec_posts WHERE id = ?", draft["id"])).toEqual({ rows: [] });
    expect(await sql("reader", "SELECT title FROM media")).toEqual(refused(/media/));
    expect(await sql("reader", "UPDATE ec_posts SET title = 'x'")).toEqual(refused(/ec_posts/));
  });

  it("shows nothing of a draft through what belongs to it", async () => {
    const { body: draft } = await createPost("Draft", { seo: { title: "Hidden words" } });
    const { body: live } = await createPost("Live", { seo: { title: "Seen words" } });
    await must("POST", `/api/content/posts/${String(live["id"])}/publish`);
    await target.env.DB.prepare("INSERT INTO content_taxonomies VALUES ('posts', ?, 't'), ('posts', ?, 't')")
      .bind(draft["id"], live["id"])
      .run();
    await install(reading("reader", { read: ["_emdash_seo", "content_taxonomies"] }));
    expect(await sql("reader", "SELECT seo_title FROM _emdash_seo")).toEqual({ rows: [{ seo_title: "Seen words" }] });
    expect(await sql("reader", "SELECT entry_id FROM content_taxonomies")).toEqual({
      rows: [{ entry_id: live["id"] }],
    });
  });

  it("shows drafts and every column where that is granted, and not once it is denied", async () => {
    await createPost("Draft");
    await install(reading("drafts", { read: ["ec_posts"], drafts: true }));
    expect(await sql("drafts", "SELECT title, status FROM ec_posts")).toEqual({
      rows: [{ title: "Draft", status: "draft" }],
    });
    await call("PUT", "/api/admin/plugins/drafts/grants", {
      body: { grants: [{ capability: "database:drafts", allowed: false }] },
    });
    expect(await sql("drafts", "SELECT title FROM ec_posts")).toEqual({ rows: [] });
  });

  it("counts as a use of the power over drafts where a table of the site is read, tried out as well, and where none is it does not", async () => {
    const uses = async () =>
      rows(
        "SELECT plugin_id, calls, reported FROM _host_usage WHERE capability = 'database:drafts' ORDER BY plugin_id",
      );
    await install(withSql("drafts", undefined, database({ read: ["ec_posts"], drafts: true })));
    await install(reading("trial", { read: ["ec_posts"], drafts: true }), {
      deny: ["database:drafts"],
      report: ["database:drafts"],
    });
    await sql("drafts", "SELECT k FROM items");
    await invocations("drafts", 1);
    expect(await uses()).toEqual([]);
    await sql("drafts", "SELECT title FROM ec_posts");
    await sql("trial", "SELECT title FROM ec_posts");
    await eventually(async () =>
      expect(await uses()).toEqual([
        { plugin_id: "drafts", calls: 1, reported: 0 },
        { plugin_id: "trial", calls: 1, reported: 1 },
      ]),
    );
  });

  it("is refused once its grant is narrowed, for reading and writing apart", async () => {
    await createPost("One");
    await install(reading("narrow", { read: ["ec_posts", "taxonomies"], drafts: true, write: ["media"] }));
    const change = (...grants: object[]) => call("PUT", "/api/admin/plugins/narrow/grants", { body: { grants } });
    expect(await sql("narrow", "UPDATE media SET alt = 'x'")).toEqual({ rows: [] });
    expect((await change({ capability: "database:write", tables: [] })).status).toBe(200);
    expect(await sql("narrow", "UPDATE media SET alt = 'x'")).toEqual(
      refused(/^Table not allowed: media\. Granted: none/),
    );
    expect(await sql("narrow", "SELECT title FROM ec_posts")).toEqual({ rows: [{ title: "One" }] });
    await change({ capability: "database:read", tables: ["taxonomies"] });
    expect(await sql("narrow", "SELECT title FROM ec_posts")).toEqual(
      refused(/^Table not allowed: ec_posts\. Granted: taxonomies/),
    );
    expect((await change({ capability: "database:read", tables: ["users"] })).status).toBe(422);
    await change({ capability: "database:own", paused: true });
    expect((await show("narrow"))["state"]).toBe("enabled");
  });

  it("is changed where that is granted, and what used it is counted by table", async () => {
    const { body } = await createPost("Before");
    await install(reading("writer", { write: ["ec_posts"] }));
    expect(await sql("writer", "UPDATE ec_posts SET excerpt = ? WHERE id = ?", "by writer", body["id"])).toEqual({
      rows: [],
    });
    expect(await rows("SELECT excerpt FROM ec_posts")).toEqual([{ excerpt: "by writer" }]);
    await expect
      .poll(() => rows("SELECT capability, target, calls FROM _host_usage WHERE capability = 'database:write'"))
      .toEqual([{ capability: "database:write", target: "ec_posts", calls: 1 }]);
  });
});

describe("SQL is refused, and nothing is changed, for", () => {
  it.each([
    ["another's table", "SELECT * FROM _host_grants", /_host_grants/],
    ["users", "SELECT * FROM users", /users/],
    ["two statements", "SELECT 1; DELETE FROM items", /one statement|statement/i],
    ["a pragma", "PRAGMA table_info(items)", /./],
    ["a definition at run time", "CREATE TABLE more (a)", /./],
    [
      "answers of writes that nothing bounds",
      "UPDATE items SET v = 'x' RETURNING *",
      /RETURNING is for an INSERT of one row/,
    ],
    ["the answers of a DELETE", "DELETE FROM items RETURNING k", /RETURNING is for an INSERT of one row/],
    [
      "answers of many rows",
      "INSERT INTO items (k) VALUES ('x'), ('y') RETURNING k",
      /RETURNING is for an INSERT of one row/,
    ],
    [
      "answers made of columns",
      "INSERT INTO items (k) VALUES ('x') RETURNING v || v",
      /RETURNING is for an INSERT of one row/,
    ],
    [
      "one column many times",
      "INSERT INTO items (k) VALUES ('x') RETURNING v, v",
      /RETURNING is for an INSERT of one row/,
    ],
    ["a value too few", "SELECT ?", /bound/],
    ["an endless counter", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c", /./],
  ])("%s", async (_, text, words) => {
    await install(withSql("hostile"));
    await sql("hostile", "INSERT INTO items (k, v) VALUES ('k', 'v')");
    const before = await everythingBesidesRecords();
    expect(await sql("hostile", text)).toEqual(refused(words));
    expect(await everythingBesidesRecords()).toEqual(before);
  });
});

describe("limits", () => {
  it("of rows: a thousand are answered, one more is refused", async () => {
    await install(withSql("many"));
    const numbers = JSON.stringify(Array.from({ length: 1_001 }, (_, n) => n));
    await sql("many", "INSERT INTO items (k) SELECT value FROM json_each(?)", numbers);
    expect((await sql("many", "SELECT k FROM items LIMIT 1000")).rows).toHaveLength(1_000);
    for (const text of ["SELECT k FROM items", "SELECT k FROM items LIMIT 5000"])
      expect(await sql("many", text)).toEqual(refused(/more than 1000 rows/));
  });

  it("of rows: a million that a join would make are not fetched", async () => {
    await install(withSql("million"));
    const numbers = JSON.stringify(Array.from({ length: 1_000 }, (_, n) => n));
    await sql("million", "INSERT INTO items (k, v) SELECT value, 'same' FROM json_each(?)", numbers);
    for (const text of [
      "SELECT a.k FROM items a JOIN items b ON a.v = b.v",
      "SELECT a.k, b.k FROM items a, items b WHERE a.v = b.v LIMIT 1000000",
    ])
      expect(await sql("million", text)).toEqual(refused(/more than 1000 rows/));
    expect((await sql("million", "SELECT count(*) AS n FROM items a JOIN items b ON a.id = b.id")).rows).toEqual([
      { n: 1_000 },
    ]);
  });

  it("of size: rows that would fill the Worker come to an error of the database", async () => {
    await install(withSql("large"));
    for (let n = 0; n < 4; n += 1)
      await sql("large", "INSERT INTO items (k, v) VALUES (?, ?)", String(n), "x".repeat(250_000));
    const once = "(SELECT group_concat(v, '') FROM items)";
    expect(await sql("large", `SELECT ${once} || ${once} || ${once} AS a FROM items`)).toEqual(
      refused(/too large|too big/),
    );
    expect((await sql("large", "SELECT length(v) AS n FROM items LIMIT 1")).rows).toEqual([{ n: 250_000 }]);
  });

  it("of writes that answer a row: four in a batch, and not one more", async () => {
    await install(withSql("answering"));
    const of = (count: number) =>
      Array.from({ length: count }, () => ({ sql: "INSERT INTO items (v) VALUES ('x') RETURNING id, v", params: [] }));
    const { value } = await bridge("answering", "db.batch", of(4));
    expect(value).toMatchObject([{ results: [{ id: 1, v: "x" }] }, {}, {}, { results: [{ id: 4, v: "x" }] }]);
    expect((await bridge("answering", "db.batch", of(5))).error?.message).toMatch(/at most 4 statements/);
  });

  it("of a bound text: 256 KiB of characters, and not one more", async () => {
    await install(withSql("bound"));
    expect(await sql("bound", "SELECT length(?) AS n", "x".repeat(262_144))).toEqual({ rows: [{ n: 262_144 }] });
    expect(await sql("bound", "SELECT length(?) AS n", "x".repeat(262_145))).toEqual(refused(/262144 characters/));
  });

  it("of a batch: fifty statements, and not one more", async () => {
    await install(withSql("batch"));
    const of = (count: number) => Array.from({ length: count }, () => ({ sql: "SELECT 1", params: [] }));
    expect((await bridge("batch", "db.batch", of(50))).value).toHaveLength(50);
    expect((await bridge("batch", "db.batch", of(51))).error?.message).toMatch(/at most 50 statements/);
    expect((await bridge("batch", "db.batch", [])).error?.message).toMatch(/at least one/);
  });

  it("of calls: each statement counts", async () => {
    await install(
      withSql("calls", undefined, {
        routes: {
          go: `async (_, { db }) => {
            const ones = Array.from({ length: 50 }, () => db.prepare("SELECT 1"));
            const done = [];
            for (let i = 0; i < 3; i += 1) done.push(await db.batch(ones).then(() => "ok", (error) => error.code));
            return done;
          }`,
        },
      }),
    );
    expect((await callRoute("calls", "go")).body["data"]).toEqual(["ok", "ok", "BUDGET_EXCEEDED"]);
  });
});

describe("migrations", () => {
  const uploadSql = async (files: Readonly<Record<string, string>>, version = "1.0.0") =>
    uploadBytes(await packPlugin(withSql("moving", files, { version })));

  it.each([
    ["another's table", "\n\nDROP TABLE ec_posts;", 3],
    ["a trigger", "CREATE TABLE t (a);\nCREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM users; END;", 2],
    ["a view", "CREATE VIEW v AS SELECT * FROM users;", 1],
    ["a foreign key to the site", "CREATE TABLE t (a REFERENCES users (id));", 1],
    ["rows of the site", "CREATE TABLE t AS SELECT * FROM users;", 1],
    ["a syntax error", "CREATE TABLE t (a;", 1],
  ])("that reach %s are refused at upload, with file and line", async (_, text, line) => {
    const { status, body } = await uploadSql({ "migrations/0001_x.sql": text });
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "MIGRATION_INVALID" });
    expect(body["detail"]).toContain(`migrations/0001_x.sql:${line}:`);
    expect(await rows("SELECT * FROM _host_versions")).toEqual([]);
  });

  it("run once each, in order, over what is there", async () => {
    await install(withSql("moving"));
    await sql("moving", "INSERT INTO items (k) VALUES ('old')");
    const second = {
      "migrations/0001_items.sql": ITEMS,
      "migrations/0002_more.sql": "ALTER TABLE items ADD COLUMN w TEXT DEFAULT 'w';",
    };
    await install(withSql("moving", second, { version: "1.1.0" }));
    expect(await sql("moving", "SELECT k, w FROM items")).toEqual({ rows: [{ k: "old", w: "w" }] });
    expect(await rows("SELECT name FROM _host_migrations ORDER BY name")).toEqual([
      { name: "migrations/0001_items.sql" },
      { name: "migrations/0002_more.sql" },
    ]);
  });

  it("that have run never change, and none comes before one that has", async () => {
    await install(withSql("moving", { "migrations/0002_items.sql": ITEMS }));
    const changed = await uploadSql({ "migrations/0002_items.sql": `${ITEMS} ` }, "1.1.0");
    expect(changed.body["detail"]).toMatch(/has run already and says something else now/);
    const earlier = await uploadSql(
      { "migrations/0001_early.sql": "CREATE TABLE e (a);", "migrations/0002_items.sql": ITEMS },
      "1.1.0",
    );
    expect(earlier.body["detail"]).toMatch(/comes before migrations\/0002_items\.sql/);
  });

  it("are all taken back when one fails, and the plugin stays as it was", async () => {
    await install(withSql("moving"));
    await sql("moving", "INSERT INTO items (k, v) VALUES ('a', 'same'), ('b', 'same')");
    const failing = {
      "migrations/0001_items.sql": ITEMS,
      "migrations/0002_more.sql": "CREATE TABLE more (a); CREATE UNIQUE INDEX one_v ON items (v);",
    };
    const plan = await upload(withSql("moving", failing, { version: "2.0.0" }));
    const before = await everything();
    const { status, body } = await consent(plan);
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "MIGRATION_INVALID" });
    expect(body["detail"]).toMatch(/0002_more\.sql.*taken back whole: UNIQUE constraint failed/);
    expect(await everything()).toEqual(before);
    expect(await sql("moving", "SELECT count(*) AS n FROM items")).toEqual({ rows: [{ n: 2 }] });
  });
});
