/** Is what runs what was meant, under physical names, and does SQLite take it? */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkStatement } from "../../host/sql/check-statement.ts";
import { judge } from "../../host/sql/judge.ts";
import { readStatement } from "../../host/sql/read.ts";
import { judged } from "./judged.ts";
import { createOracle, type Oracle } from "./oracle.ts";
import { POLICY } from "./policy.ts";

let oracle: Oracle;
beforeAll(async () => {
  oracle = await createOracle();
});
afterAll(() => oracle.close());

const ITEMS = 'main."p_3f9c_items" AS "items"';
const POSTS = "(SELECT id, k, v, title FROM ec_posts WHERE status = 'published')";

const REWRITES: readonly (readonly [sql: string, text: string])[] = [
  ["SELECT k FROM items", `SELECT k FROM ${ITEMS}`],
  ["SELECT items.k, main.items.v FROM main.items", `SELECT items.k, items.v FROM ${ITEMS}`],
  ['SELECT i.k FROM "ITEMS" i', 'SELECT i.k FROM main."p_3f9c_items" i'],
  ["SELECT i.k FROM items AS i", 'SELECT i.k FROM main."p_3f9c_items" AS i'],
  ["SELECT items.* FROM ITEMS", 'SELECT items.* FROM main."p_3f9c_items" AS "ITEMS"'],
  ["SELECT title FROM ec_posts", `SELECT title FROM ${POSTS} AS "ec_posts"`],
  ["SELECT main.ec_posts.title FROM main.ec_posts", `SELECT ec_posts.title FROM ${POSTS} AS "ec_posts"`],
  ["SELECT p.title FROM ec_posts p", `SELECT p.title FROM ${POSTS} p`],
  [
    "SELECT id FROM items WHERE (id, k, v, title) IN ec_posts",
    `SELECT id FROM ${ITEMS} WHERE (id, k, v, title) IN ${POSTS}`,
  ],
  [
    "WITH Recent(a) AS (SELECT id FROM items) SELECT recent.a FROM recent, log WHERE log.id = a",
    `WITH "_cte_recent"(a) AS (SELECT id FROM ${ITEMS}) SELECT recent.a FROM "_cte_recent" AS "recent", main."p_3f9c_log" AS "log" WHERE log.id = a`,
  ],
  [
    "WITH a AS (SELECT 1) SELECT 1 IN a FROM a x",
    'WITH "_cte_a" AS (SELECT 1) SELECT 1 IN "_cte_a" AS "1 IN a" FROM "_cte_a" x',
  ],
  [
    "INSERT INTO items(k) VALUES (?) RETURNING items.id, k",
    `INSERT INTO ${ITEMS}(k) VALUES (?) RETURNING "p_3f9c_items".id, k`,
  ],
  [
    "INSERT INTO items(k, v) VALUES (1, 2) ON CONFLICT(k) DO UPDATE SET v = items.v || excluded.v",
    `INSERT INTO ${ITEMS}(k, v) VALUES (1, 2) ON CONFLICT(k) DO UPDATE SET v = items.v || excluded.v`,
  ],
  ["UPDATE items AS i SET v = i.k WHERE i.id = 1", 'UPDATE main."p_3f9c_items" AS i SET v = i.k WHERE i.id = 1'],
  ["UPDATE items SET v = items.k RETURNING main.items.v", `UPDATE ${ITEMS} SET v = items.k RETURNING "p_3f9c_items".v`],
  [
    "DELETE FROM items WHERE items.id = 9 RETURNING items.id, (SELECT count(*) FROM log WHERE log.item_id = items.id)",
    `DELETE FROM ${ITEMS} WHERE items.id = 9 RETURNING "p_3f9c_items".id, (SELECT count(*) FROM main."p_3f9c_log" AS "log" WHERE log.item_id = "p_3f9c_items".id) AS "(SELECT count(*) FROM log WHERE log.item_id = items.id)"`,
  ],
  ["SELECT k FROM fts WHERE fts MATCH ?", 'SELECT k FROM main."p_3f9c_fts" AS "fts" WHERE [p_3f9c_fts] MATCH ?'],
  [
    "SELECT f.k FROM fts f WHERE f.fts MATCH 'x'",
    "SELECT f.k FROM main.\"p_3f9c_fts\" f WHERE f.[p_3f9c_fts] MATCH 'x'",
  ],
  ["SELECT k FROM fts WHERE k MATCH 'x'", 'SELECT k FROM main."p_3f9c_fts" AS "fts" WHERE k MATCH \'x\''],
  [
    "SELECT snippet(fts, 0, '', '', '', 5) FROM fts WHERE fts MATCH 'x' ORDER BY bm25(fts)",
    "SELECT snippet([p_3f9c_fts], 0, '', '', '', 5) AS \"snippet(fts, 0, '', '', '', 5)\" FROM main.\"p_3f9c_fts\" AS \"fts\" WHERE [p_3f9c_fts] MATCH 'x' ORDER BY bm25([p_3f9c_fts])",
  ],
  [
    "INSERT INTO fts(fts) VALUES ('optimize')",
    'INSERT INTO main."p_3f9c_fts" AS "fts"([p_3f9c_fts]) VALUES (\'optimize\')',
  ],
  ["INSERT INTO fts(k, v) VALUES (1, 2)", 'INSERT INTO main."p_3f9c_fts" AS "fts"(k, v) VALUES (1, 2)'],
  [
    "UPDATE _emdash_seo SET title = 1 WHERE id = 2",
    'UPDATE main."_emdash_seo" AS "_emdash_seo" SET title = 1 WHERE id = 2',
  ],
  ["SELECT max( id ), count(*)  FROM items", `SELECT max( id ), count(*)  FROM ${ITEMS}`],
  [
    "UPDATE items SET v = 1 RETURNING (SELECT items.k FROM items WHERE items.id = 1)",
    `UPDATE ${ITEMS} SET v = 1 RETURNING (SELECT items.k FROM ${ITEMS} WHERE items.id = 1) AS "(SELECT items.k FROM items WHERE items.id = 1)"`,
  ],
];

describe("a statement", () => {
  it.each(REWRITES)("%s", (sql, text) => {
    expect(judged(sql)).toBe(text);
    const checked = checkStatement(sql, POLICY);
    expect(checked.ok && oracle.ask(checked.value)).toEqual({ kind: "agreed" });
  });

  it("keeps what its results are called", () => {
    expect(judged('SELECT (SELECT "a""b" /* ; */ FROM items)')).toBe(
      `SELECT (SELECT "a""b" FROM ${ITEMS}) AS "(SELECT ""a""""b"" FROM items)"`,
    );
  });

  it("says what it touches", () => {
    const touched = (sql: string) => {
      const checked = checkStatement(sql, POLICY);
      if (!checked.ok) throw new Error(checked.reason.message);
      const { kind, isSelect, returnsRows, reads, writes, parameters } = checked.value;
      return { kind, isSelect, returnsRows, reads, writes, parameters };
    };
    expect(touched("SELECT ?2 FROM ITEMS i JOIN main.items j USING (id) JOIN Ec_Posts USING (id)")).toEqual({
      kind: "select",
      isSelect: true,
      returnsRows: true,
      reads: ["items", "ec_posts"],
      writes: [],
      parameters: 2,
    });
    expect(touched("WITH a AS (SELECT id FROM log) INSERT INTO _emdash_seo(id) SELECT id FROM a WHERE id = ?")).toEqual(
      {
        kind: "insert",
        isSelect: false,
        returnsRows: false,
        reads: ["log"],
        writes: ["_emdash_seo"],
        parameters: 1,
      },
    );
    expect(touched("DELETE FROM items RETURNING id")).toMatchObject({
      kind: "delete",
      returnsRows: true,
      writes: ["items"],
    });
  });
});

describe("a limit of rows", () => {
  it.each([
    ["SELECT k FROM items", `SELECT k FROM ${ITEMS} LIMIT 11`],
    ["SELECT k FROM items ORDER BY k;", `SELECT k FROM ${ITEMS} ORDER BY k LIMIT 11`],
    ["SELECT k FROM items -- x", `SELECT k FROM ${ITEMS} LIMIT 11`],
    ["SELECT 1 UNION SELECT 2", "SELECT 1 UNION SELECT 2 LIMIT 11"],
    ["SELECT 1 IN items", 'SELECT 1 IN main."p_3f9c_items" AS "1 IN items" LIMIT 11'],
    ["SELECT k FROM items LIMIT 500", `SELECT k FROM ${ITEMS} LIMIT 500`],
    ["SELECT k FROM (SELECT k FROM items LIMIT 3)", `SELECT k FROM (SELECT k FROM ${ITEMS} LIMIT 3) LIMIT 11`],
    ["VALUES (1), (2)", "VALUES (1), (2)"],
    ["SELECT 1 UNION ALL VALUES (2)", "SELECT 1 UNION ALL VALUES (2)"],
    ["DELETE FROM items RETURNING id", `DELETE FROM ${ITEMS} RETURNING id`],
  ])("is put where there is none: %s", (sql, text) => {
    const checked = checkStatement(sql, POLICY, { rowLimit: 11 });
    expect(checked).toMatchObject({ ok: true, value: { text } });
    expect(checked.ok && oracle.ask(checked.value).kind).not.toBe("disagreed");
  });
});

describe("what came out", () => {
  const book = { own: new Map(), readable: new Map(), writable: new Map() };
  const again = (text: string, trusted: { offset: number; length: number }[] = []) => {
    const read = readStatement(text, { bytes: 1000, tokens: 1000 });
    if (!read.ok) throw new Error(read.reason.what);
    return judge(read.value, { book, names: "physical", trusted, rowLimit: undefined });
  };

  it("is judged again, by physical names alone", () => {
    expect(again('SELECT 1 FROM main."p_3f9c_items"')).toMatchObject({ ok: false, reason: { code: "table" } });
    expect(again("WITH users AS (SELECT 1) SELECT 1 FROM users")).toMatchObject({
      ok: false,
      reason: { code: "name" },
    });
    expect(again('WITH "_cte_users" AS (SELECT 1) SELECT 1 FROM "_cte_users"')).toMatchObject({ ok: true });
  });

  it("is judged again, and a select is the host's only where the host put it", () => {
    const text = "SELECT 1 FROM (SELECT pw FROM users) AS u";
    expect(again(text)).toMatchObject({ ok: false, reason: { code: "table" } });
    expect(again(text, [{ offset: 15, length: 20 }])).toMatchObject({ ok: true });
    for (const moved of [
      { offset: 14, length: 20 },
      { offset: 15, length: 21 },
      { offset: 15, length: 19 },
    ]) {
      expect(again(text, [moved])).toMatchObject({ ok: false });
    }
    // One that is not met stands nowhere a select stands.
    expect(again("SELECT 'x'", [{ offset: 7, length: 3 }])).toMatchObject({ ok: false });
  });
});
