/** Is every table of a statement the plugin's own or granted, however it is written and wherever it stands? */
import { describe, expect, it } from "vitest";
import type { SqlPolicy } from "../../host/sql/policy.ts";
import { judged, verdict } from "./judged.ts";
import { POLICY } from "./policy.ts";

describe("a table", () => {
  const WAYS: readonly (readonly [name: string, ways: (name: string) => string])[] = [
    ["bare", (name) => name],
    ["in upper case", (name) => name.toUpperCase()],
    ["in double quotes", (name) => `"${name}"`],
    ["in brackets", (name) => `[${name}]`],
    ["in backticks", (name) => `\`${name}\``],
    ["as a text", (name) => `'${name}'`],
    ["of main", (name) => `main.${name}`],
    ["of main, in quotes", (name) => `"main"."${name}"`],
    ["of main, as texts, in upper case", (name) => `'MAIN'.'${name.toUpperCase()}'`],
    ["between comments", (name) => `/* ; */${name}-- x\n`],
    ["in parentheses", (name) => `((${name}))`],
    ["with an alias", (name) => `${name} AS items`],
  ];
  it.each(WAYS)("is found %s", (_, way) => {
    for (const name of ["ec_users", "_host_secrets", "p_other_items", "p_3f9c_items", "sqlite_schema", "_emdash_seo"]) {
      expect({ name, verdict: verdict(`SELECT * FROM ${way(name)}`) }).toEqual({ name, verdict: "table" });
    }
    for (const name of ["items", "log", "fts", "ec_posts", "users"]) {
      expect({ name, verdict: verdict(`SELECT * FROM ${way(name)}`) }).toEqual({ name, verdict: "passes" });
    }
  });

  const PLACES: readonly (readonly [string, (table: string) => string])[] = [
    ["a join", (t) => `SELECT 1 FROM items i JOIN ${t} x ON x.id = i.id`],
    ["a comma join", (t) => `SELECT 1 FROM items i, ${t} x WHERE x.id = i.id`],
    ["USING", (t) => `SELECT 1 FROM items LEFT JOIN ${t} USING (id)`],
    ["a select in FROM", (t) => `SELECT 1 FROM (SELECT id FROM ${t})`],
    ["a common table expression", (t) => `WITH c AS (SELECT id FROM ${t}) SELECT 1 FROM c`],
    ["one that is not used", (t) => `WITH c AS (SELECT id FROM ${t}) SELECT 1`],
    ["a result", (t) => `SELECT (SELECT id FROM ${t})`],
    ["EXISTS", (t) => `SELECT 1 WHERE EXISTS (SELECT 1 FROM ${t})`],
    ["IN with a select", (t) => `SELECT 1 WHERE 1 IN (SELECT id FROM ${t})`],
    ["IN with a table", (t) => `SELECT 1 WHERE 1 IN ${t}`],
    ["ORDER BY", (t) => `SELECT k FROM items ORDER BY (SELECT id FROM ${t})`],
    ["GROUP BY", (t) => `SELECT k FROM items GROUP BY (SELECT id FROM ${t})`],
    ["HAVING", (t) => `SELECT k FROM items GROUP BY k HAVING (SELECT id FROM ${t})`],
    ["LIMIT", (t) => `SELECT k FROM items LIMIT (SELECT id FROM ${t})`],
    ["OFFSET", (t) => `SELECT k FROM items LIMIT 1 OFFSET (SELECT id FROM ${t})`],
    ["UNION", (t) => `SELECT k FROM items UNION SELECT id FROM ${t}`],
    ["VALUES", (t) => `VALUES ((SELECT id FROM ${t}))`],
    ["CASE", (t) => `SELECT CASE WHEN 1 THEN (SELECT id FROM ${t}) END`],
    ["an argument", (t) => `SELECT abs((SELECT id FROM ${t}))`],
    ["FILTER", (t) => `SELECT count(*) FILTER (WHERE (SELECT id FROM ${t})) FROM items`],
    ["a window", (t) => `SELECT sum(id) OVER (PARTITION BY (SELECT id FROM ${t})) FROM items`],
    ["a named window", (t) => `SELECT sum(id) OVER w FROM items WINDOW w AS (ORDER BY (SELECT id FROM ${t}))`],
    ["a frame", (t) => `SELECT sum(id) OVER (ROWS (SELECT id FROM ${t}) PRECEDING) FROM items`],
    ["ORDER BY of an aggregate", (t) => `SELECT group_concat(k, ',' ORDER BY (SELECT id FROM ${t})) FROM items`],
    ["an argument of json_each", (t) => `SELECT * FROM json_each((SELECT id FROM ${t}))`],
    ["MATCH", (t) => `SELECT * FROM fts WHERE fts MATCH (SELECT id FROM ${t})`],
    ["INSERT ... SELECT", (t) => `INSERT INTO items(k) SELECT id FROM ${t}`],
    ["an inserted value", (t) => `INSERT INTO items(k) VALUES ((SELECT id FROM ${t}))`],
    ["an upsert", (t) => `INSERT INTO items(k) VALUES (1) ON CONFLICT(k) DO UPDATE SET v = (SELECT id FROM ${t})`],
    ["RETURNING", (t) => `INSERT INTO items(k) VALUES (1) RETURNING (SELECT id FROM ${t})`],
    ["SET", (t) => `UPDATE items SET v = (SELECT id FROM ${t})`],
    ["SET of several", (t) => `UPDATE items SET (k, v) = (SELECT id, id FROM ${t})`],
    ["UPDATE ... FROM", (t) => `UPDATE items SET v = x.id FROM ${t} x WHERE x.id = items.id`],
    ["WHERE of UPDATE", (t) => `UPDATE items SET v = 1 WHERE id IN (SELECT id FROM ${t})`],
    ["WHERE of DELETE", (t) => `DELETE FROM items WHERE id IN (SELECT id FROM ${t})`],
  ];
  it.each(PLACES)("is found in %s", (_, statement) => {
    expect(judged(statement("ec_users"))).toMatch(/^table: .*table "ec_users" is neither an own table nor granted/);
    expect(verdict(statement("main.[_host_secrets]"))).toBe("table");
    expect(verdict(statement("log"))).toBe("passes");
    expect(verdict(statement("ec_posts"))).toBe("passes");
  });

  it("is said with what is there and what to do", () => {
    expect(judged("SELECT *\nFROM ec_users")).toBe(
      'table: Cannot run SQL (line 2, column 6): table "ec_users" is neither an own table nor granted. ' +
        "Own tables: items, log, fts. Core tables that may be read: ec_posts, users. " +
        'Make it in a migration, or add it to "bulkhead.database.read" in the manifest.',
    );
  });

  it("of another database is refused", () => {
    expect(verdict("SELECT * FROM temp.items")).toBe("table");
    expect(verdict("SELECT * FROM other.items")).toBe("table");
    expect(verdict("SELECT temp.items.k FROM items")).toBe("table");
    expect(verdict("SELECT main.items.k FROM main.items")).toBe("passes");
  });

  it("that looks like an own one is another", () => {
    // A Cyrillic letter, the Kelvin sign that toLowerCase makes a k, a full-width letter.
    for (const name of ['"\u{456}tems"', '"lo\u{261}"', '"item\u{ff53}"', '"I\u{54}EMS "', '"items "', '" items"']) {
      expect({ name, verdict: verdict(`SELECT * FROM ${name}`) }).toEqual({ name, verdict: "table" });
    }
    const policy: SqlPolicy = { ...POLICY, own: new Map([["k", "p_3f9c_items"]]) };
    expect(verdict("SELECT * FROM K", policy)).toBe("passes");
    expect(verdict('SELECT * FROM "\u{212a}"', policy)).toBe("table");
  });

  it("of a plugin whose id and names run together is another's", () => {
    // Plugin a with a table b_c, and plugin a_b with a table c.
    const a: SqlPolicy = { ...POLICY, own: new Map([["b_c", "p_11_b_c"]]) };
    const ab: SqlPolicy = { ...POLICY, own: new Map([["c", "p_22_c"]]) };
    expect(judged("SELECT * FROM b_c", a)).toContain('main."p_11_b_c"');
    expect(judged("SELECT * FROM c", ab)).toContain('main."p_22_c"');
    expect([verdict("SELECT * FROM c", a), verdict("SELECT * FROM b_c", ab)]).toEqual(["table", "table"]);
    expect([verdict("SELECT * FROM p_22_c", a), verdict("SELECT * FROM p_11_b_c", ab)]).toEqual(["table", "table"]);
  });

  it("that a function stands for is json_each or json_tree", () => {
    expect(verdict("SELECT value FROM json_each(?)")).toBe("passes");
    expect(verdict("SELECT value FROM JSON_TREE('[1]')")).toBe("passes");
    for (const call of [
      "pragma_table_info('users')",
      "pragma_table_list()",
      "generate_series(1, 9)",
      "fts('x')",
      "items(1)",
      "main.json_each('[1]')",
      "dbstat()",
      "fts5vocab('a', 'row')",
    ]) {
      expect({ call, verdict: verdict(`SELECT * FROM ${call}`) }).toEqual({ call, verdict: "table" });
      expect({ call, verdict: verdict(`SELECT 1 WHERE 1 IN ${call}`) }).toEqual({ call, verdict: "table" });
    }
    expect(verdict("SELECT * FROM json_each")).toBe("table");
  });

  it("is written only where that is granted", () => {
    for (const [table, expected] of [
      ["items", "passes"],
      ["ec_posts", "passes"],
      ["users", "table"],
      ["ec_users", "table"],
      ["sqlite_sequence", "table"],
      ["p_3f9c_fts_data", "table"],
      ["json_each", "table"],
    ] as const) {
      for (const sql of [
        `INSERT INTO ${table}(k) VALUES (1)`,
        `REPLACE INTO main.${table}(k) VALUES (1)`,
        `UPDATE ${table} SET k = 1`,
        `DELETE FROM "${table}"`,
        `WITH c AS (SELECT 1) UPDATE ${table} AS x SET k = 1`,
      ]) {
        expect({ sql, verdict: verdict(sql) }).toEqual({ sql, verdict: expected });
      }
    }
  });
});

describe("a common table expression", () => {
  it("does not shadow a table", () => {
    for (const name of [
      "items",
      "ITEMS",
      '"items"',
      "ec_posts",
      "_emdash_seo",
      "ec_anything",
      "p_3f9c_items",
      "_cte_x",
      "_host_secrets",
      "sqlite_master",
      "SQLITE_SCHEMA",
      "_cf_KV",
      "d1_migrations",
      "pragma_table_list",
      "json_each",
    ]) {
      const sql = `WITH ${name} AS (SELECT 1 a) SELECT * FROM ${name}`;
      expect({ name, verdict: verdict(sql) }).toEqual({ name, verdict: "name" });
    }
    expect(verdict("WITH recent AS (SELECT 1 a) SELECT * FROM recent")).toBe("passes");
  });

  it("has a name in the database that no table has, in its scope and outside", () => {
    // options is a table of the host that the policy does not know.
    expect(judged("WITH options AS (SELECT 1 a) SELECT a FROM options")).toBe(
      'WITH "_cte_options" AS (SELECT 1 a) SELECT a FROM "_cte_options" AS "options"',
    );
    expect(judged("SELECT (WITH options AS (SELECT 1) SELECT 1), value FROM options")).toMatch(/FROM "_cte_options"/);
    expect(verdict("WITH options AS (SELECT 1 a) SELECT a FROM main.options")).toBe("table");
    expect(verdict("SELECT value FROM options")).toBe("table");
  });

  it("has its name alone", () => {
    expect(verdict("WITH a AS (SELECT 1), A AS (SELECT 2) SELECT * FROM a")).toBe("name");
    expect(verdict("WITH a AS (WITH a AS (SELECT 1) SELECT 1) SELECT * FROM a")).toBe("name");
    expect(verdict("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b")).toBe("passes");
  });

  it("is no place to write to", () => {
    expect(verdict("WITH recent AS (SELECT 1 a) DELETE FROM recent")).toBe("table");
    expect(verdict("WITH recent AS (SELECT 1 a) INSERT INTO recent VALUES (1)")).toBe("table");
  });
});

it("nothing may be called like a table of SQLite, Cloudflare or the host, not even in passing", () => {
  for (const name of ["sqlite_master", "_host_secrets", '"_CF_kv"', "[d1_x]", "'pragma_x'"]) {
    expect({ name, verdict: verdict(`SELECT * FROM items AS ${name}`) }).toEqual({ name, verdict: "name" });
    expect({ name, verdict: verdict(`SELECT 1 AS ${name}`) }).toEqual({ name, verdict: "name" });
    expect({ name, verdict: verdict(`UPDATE items AS ${name} SET k = 1`) }).toEqual({ name, verdict: "name" });
  }
  expect(verdict("SELECT k AS sqlite FROM items AS ec_posts")).toBe("passes");
});
