/** Is it one statement, of a kind plugins may run, made of parts they may use? */
import { describe, expect, it } from "vitest";
import { judged, verdict } from "./judged.ts";

describe("one statement", () => {
  it.each([
    "SELECT 1; DELETE FROM items",
    "SELECT 1;SELECT 1",
    "SELECT 1;;; SELECT 1",
    "SELECT ';'; SELECT 1",
    "SELECT 1; -- x\n DELETE FROM items",
    "SELECT 1; EXPLAIN SELECT 1",
    "SELECT 1; x",
    "DELETE FROM items; DELETE FROM log;",
  ])("is not %s", (sql) => {
    expect(verdict(sql)).toBe("statement");
  });

  it.each([
    "",
    "  ",
    ";",
    ";;;",
    "-- nothing",
    "/* nothing",
    "SELECT",
    "SELEC 1",
    "SELECT 'x",
    'SELECT "x',
    "SELECT [x",
    "SELECT 1 1 1",
    "UPDATE items SET k = 1 ORDER BY id LIMIT 1",
    "DELETE FROM items LIMIT 1",
  ])("is not %j either", (sql) => {
    expect(verdict(sql)).toBe("syntax");
  });

  it("ends where it ends", () => {
    expect(judged("SELECT 1;")).toBe("SELECT 1");
    expect(judged(" ;; SELECT 1 ; ; -- x")).toBe("SELECT 1");
    expect(judged("SELECT 1 /* never closed; DELETE FROM items")).toBe("SELECT 1");
    expect(judged("SELECT k--;\n FROM/*;*/items")).toBe('SELECT k FROM main."p_3f9c_items" AS "items"');
    expect(judged("SELECT ';', \";\" FROM items")).toBe('SELECT \';\', ";" FROM main."p_3f9c_items" AS "items"');
  });
});

describe("the kind", () => {
  it.each([
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY PLAN SELECT 1",
    "EXPLAIN DELETE FROM items",
    "EXPLAIN PRAGMA case_sensitive_like = 1",
    "PRAGMA foreign_keys = 0",
    "PRAGMA table_info(items)",
    "PRAGMA main.user_version",
    "ATTACH 'x' AS y",
    "DETACH y",
    "VACUUM",
    "VACUUM INTO 'x'",
    "ANALYZE",
    "ANALYZE items",
    "REINDEX",
    "REINDEX items",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT a",
    "RELEASE a",
    "ROLLBACK TO a",
    "CREATE TABLE x(a)",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE items(a)",
    "CREATE VIEW x AS SELECT 1",
    "CREATE TEMP VIEW items AS SELECT 1",
    "CREATE INDEX x ON items(k)",
    "CREATE TRIGGER x AFTER INSERT ON items BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE x USING fts5(a)",
    "DROP TABLE items",
    "DROP INDEX x",
    "DROP VIEW x",
    "DROP TRIGGER x",
    "ALTER TABLE items ADD COLUMN x",
    "ALTER TABLE items RENAME TO x",
  ])("is not %s", (sql) => {
    expect(verdict(sql)).toBe("statement");
  });

  it.each([
    "SELECT 1",
    "VALUES (1), (2)",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "INSERT INTO items DEFAULT VALUES",
    "INSERT OR IGNORE INTO items(k) VALUES (1)",
    "INSERT OR REPLACE INTO items(k) VALUES (1)",
    "REPLACE INTO items(k) VALUES (1)",
    "INSERT INTO items(k) VALUES (1) ON CONFLICT DO NOTHING",
    "UPDATE OR FAIL items SET k = 1",
    "DELETE FROM items WHERE id = 1 RETURNING *",
  ])("may be %s", (sql) => {
    expect(verdict(sql)).toBe("passes");
  });

  it("is named where it is refused", () => {
    expect(judged("  EXPLAIN QUERY PLAN SELECT 1")).toBe(
      "statement: Cannot run SQL (line 1, column 3): EXPLAIN is not for plugins. " +
        "Use SELECT, INSERT, UPDATE, DELETE or REPLACE; tables are made in migrations/*.sql.",
    );
  });
});

describe("the parts", () => {
  it.each([
    ["INSERT OR ROLLBACK INTO items(k) VALUES (1)", "INSERT OR ABORT INTO items(k) VALUES (1)"],
    ["UPDATE OR ROLLBACK items SET k = 1", "UPDATE OR IGNORE items SET k = 1"],
    ["SELECT * FROM items INDEXED BY p_3f9c_ix", "SELECT * FROM items WHERE +v = 1"],
    ["SELECT * FROM items NOT INDEXED", "SELECT * FROM items"],
    ["UPDATE items INDEXED BY p_3f9c_ix SET k = 1", "UPDATE items SET k = 1"],
    ["SELECT RAISE(ABORT, 'x')", "SELECT 'x'"],
    ["SELECT k REGEXP 'x' FROM items", "SELECT k GLOB 'x*' FROM items"],
    ["SELECT k COLLATE other FROM items", "SELECT k COLLATE nocase FROM items"],
    ["SELECT :name", "SELECT ?1"],
    ["SELECT @name", "SELECT ?"],
    ["SELECT $name", "SELECT ?, ?2"],
    ["SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY id) FROM items", "SELECT avg(id) FROM items"],
  ])("refuses %s and allows %s", (refused, allowed) => {
    expect({ refused, verdict: verdict(refused) }).toEqual({ refused, verdict: "feature" });
    expect({ allowed, verdict: verdict(allowed) }).toEqual({ allowed, verdict: "passes" });
  });
});

describe("a join", () => {
  it.each([
    "SELECT 1 FROM items, log",
    "SELECT 1 FROM items CROSS JOIN log",
    "SELECT 1 FROM items JOIN log",
    "SELECT 1 FROM items, log, users WHERE items.id = log.item_id",
    "SELECT 1 FROM items a, items b, items c",
    "SELECT 1 FROM items NATURAL JOIN log",
    "SELECT 1 FROM items JOIN log ON 1",
    "SELECT 1 FROM items JOIN log ON true",
    "SELECT 1 FROM items, (log CROSS JOIN users)",
    "SELECT 1 FROM (items, log)",
    "SELECT 1 FROM items, json_each('[1,2]')",
    "SELECT 1 FROM items, log WHERE items.id = 1",
    "SELECT 1 FROM items, log WHERE items.id = log.item_id OR 1",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM items, log)",
    "UPDATE items SET v = 1 FROM log, users",
  ])("without a constraint is refused: %s", (sql) => {
    expect(verdict(sql)).toBe("join");
  });

  it.each([
    "SELECT 1 FROM items JOIN log ON log.item_id = items.id",
    "SELECT 1 FROM items LEFT JOIN log USING (id)",
    "SELECT 1 FROM items, log WHERE items.id = log.item_id AND log.k LIKE 'x%'",
    "SELECT 1 FROM items CROSS JOIN log WHERE items.id = log.item_id",
    "SELECT 1 FROM items, json_each(items.v)",
    "SELECT 1 FROM items LEFT JOIN users u ON u.k = 'admin'",
    "SELECT 1 FROM items a, items b, items c WHERE a.id = b.id AND (b.id = c.id)",
    "UPDATE items SET v = log.v FROM log WHERE log.item_id = items.id",
  ])("with one is allowed: %s", (sql) => {
    expect(verdict(sql)).toBe("passes");
  });
});
