/** Do a plugin's migrations make and change its own tables, under names of the host's choice, and nothing else? */
import { describe, expect, it } from "vitest";
import { checkMigration, type MigrationOptions } from "../../host/sql/check-migration.ts";
import { judgeDefinition } from "../../host/sql/definition.ts";
import { MIGRATION_LIMITS } from "../../host/sql/limits.ts";
import type { MigrationFile } from "../../host/sql/migration-files.ts";
import { readStatement } from "../../host/sql/read.ts";
import { createOracle } from "./oracle.ts";

const OPTIONS: MigrationOptions = {
  existing: new Map([
    ["items", "p_3f9c_items"],
    ["log", "p_3f9c_log"],
    ["fts", "p_3f9c_fts"],
  ]),
  fullText: new Set(["fts"]),
  core: new Set(["users", "media"]),
  toPhysical: (name) => `p_3f9c_${name}`,
};
const PATH = "migrations/0001_a.sql";
const check = (sql: string, options: MigrationOptions = OPTIONS) => checkMigration([{ path: PATH, sql }], options);
const texts = (sql: string): readonly string[] => {
  const checked = check(sql);
  if (!checked.ok) throw new Error(checked.reason.message);
  return checked.value.statements.map(({ text }) => text);
};
const verdict = (sql: string): string => {
  const checked = check(sql);
  return checked.ok ? "passes" : checked.reason.code;
};

describe("a migration may", () => {
  it.each([
    ["CREATE TABLE a (x)", 'CREATE TABLE main."p_3f9c_a" (x)'],
    ['CREATE TABLE main."A" (x, CHECK (a.x > 0))', 'CREATE TABLE main."p_3f9c_a" (x, CHECK ("p_3f9c_a".x > 0))'],
    [
      "CREATE TABLE IF NOT EXISTS a(x) STRICT, WITHOUT ROWID",
      'CREATE TABLE IF NOT EXISTS main."p_3f9c_a"(x) STRICT, WITHOUT ROWID',
    ],
    [
      "CREATE TABLE a (x REFERENCES items(id) ON DELETE SET NULL, y REFERENCES a, FOREIGN KEY (x, y) REFERENCES log (id, k))",
      'CREATE TABLE main."p_3f9c_a" (x REFERENCES "p_3f9c_items"(id) ON DELETE SET NULL, y REFERENCES "p_3f9c_a", FOREIGN KEY (x, y) REFERENCES "p_3f9c_log" (id, k))',
    ],
    [
      "CREATE TABLE a (x DEFAULT (datetime('now')), y DEFAULT CURRENT_TIMESTAMP, z DEFAULT -1)",
      "CREATE TABLE main.\"p_3f9c_a\" (x DEFAULT (datetime('now')), y DEFAULT CURRENT_TIMESTAMP, z DEFAULT -1)",
    ],
    [
      "CREATE UNIQUE INDEX ix ON items (lower(k) DESC) WHERE v > 1",
      'CREATE UNIQUE INDEX main."p_3f9c_ix" ON "p_3f9c_items" (lower(k) DESC) WHERE v > 1',
    ],
    ["DROP INDEX IF EXISTS ix", 'DROP INDEX IF EXISTS main."p_3f9c_ix"'],
    ["DROP TABLE log", 'DROP TABLE main."p_3f9c_log"'],
    ["ALTER TABLE items RENAME TO things", 'ALTER TABLE main."p_3f9c_items" RENAME TO "p_3f9c_things"'],
    ["ALTER TABLE items ADD x TEXT DEFAULT 'y'", "ALTER TABLE main.\"p_3f9c_items\" ADD x TEXT DEFAULT 'y'"],
    ["ALTER TABLE items RENAME k TO kk", 'ALTER TABLE main."p_3f9c_items" RENAME k TO kk'],
    ["ALTER TABLE items DROP COLUMN v", 'ALTER TABLE main."p_3f9c_items" DROP COLUMN v'],
    [
      "INSERT INTO items (k) SELECT k FROM log",
      'INSERT INTO main."p_3f9c_items" AS "items" (k) SELECT k FROM main."p_3f9c_log" AS "log"',
    ],
    ["UPDATE items SET v = 1 /* ; */", 'UPDATE main."p_3f9c_items" AS "items" SET v = 1'],
    ["DELETE FROM items", 'DELETE FROM main."p_3f9c_items" AS "items"'],
    [
      'CREATE VIRTUAL TABLE s USING FTS5(a, "b" unindexed)',
      'CREATE VIRTUAL TABLE main."p_3f9c_s" USING fts5("a", "b" UNINDEXED)',
    ],
    [
      "CREATE VIRTUAL TABLE s USING fts5(a, content = 'items', content_rowid=id, prefix='2 3', detail=none)",
      "CREATE VIRTUAL TABLE main.\"p_3f9c_s\" USING fts5(\"a\", content='p_3f9c_items', content_rowid='id', prefix='2 3', detail='none')",
    ],
    [
      "CREATE VIRTUAL TABLE s USING fts5(a, content='', contentless_delete=1)",
      "CREATE VIRTUAL TABLE main.\"p_3f9c_s\" USING fts5(\"a\", content='', contentless_delete='1')",
    ],
    [
      "CREATE VIRTUAL TABLE s USING fts5(a, tokenize = \"unicode61 remove_diacritics 2 tokenchars '-_'\")",
      "CREATE VIRTUAL TABLE main.\"p_3f9c_s\" USING fts5(\"a\", tokenize='unicode61 remove_diacritics 2 tokenchars ''-_''')",
    ],
  ])("%s", (sql, text) => {
    expect(texts(sql)).toEqual([text]);
  });

  it("have many statements, of which each sees what those before it made", () => {
    const checked = checkMigration(
      [
        {
          path: "migrations/0001_a.sql",
          sql: "\n-- first;\nCREATE TABLE a (x); INSERT INTO a VALUES (';');\n\nCREATE INDEX i ON a (x);;",
        },
        {
          path: "migrations/0002_b.sql",
          sql: "ALTER TABLE a RENAME TO b; CREATE TABLE a (y REFERENCES b); DROP TABLE log",
        },
        { path: "migrations/0003_c.sql", sql: "/* nothing */" },
      ],
      OPTIONS,
    );
    if (!checked.ok) throw new Error(checked.reason.message);
    expect(checked.value.statements.map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([
      'migrations/0001_a.sql:3 CREATE TABLE main."p_3f9c_a" (x)',
      'migrations/0001_a.sql:3 INSERT INTO main."p_3f9c_a" AS "a" VALUES (\';\')',
      'migrations/0001_a.sql:5 CREATE INDEX main."p_3f9c_i" ON "p_3f9c_a" (x)',
      'migrations/0002_b.sql:1 ALTER TABLE main."p_3f9c_a" RENAME TO "p_3f9c_b"',
      'migrations/0002_b.sql:1 CREATE TABLE main."p_3f9c_a" (y REFERENCES "p_3f9c_b")',
      'migrations/0002_b.sql:1 DROP TABLE main."p_3f9c_log"',
    ]);
    expect([...checked.value.tables]).toEqual([
      ["items", "p_3f9c_items"],
      ["fts", "p_3f9c_fts"],
      ["b", "p_3f9c_b"],
      ["a", "p_3f9c_a"],
    ]);
    expect([...checked.value.fullText]).toEqual(["fts"]);
  });
});

describe("a migration may not", () => {
  it.each([
    ["statement", "SELECT 1"],
    ["statement", "PRAGMA foreign_keys = 0"],
    ["statement", "EXPLAIN CREATE TABLE a (x)"],
    ["statement", "BEGIN"],
    ["statement", "COMMIT"],
    ["statement", "ATTACH 'x' AS y"],
    ["statement", "VACUUM"],
    ["statement", "ANALYZE items"],
    ["statement", "REINDEX items"],
    ["statement", "CREATE VIEW a AS SELECT 1"],
    ["statement", "CREATE TEMP VIEW items AS SELECT 1"],
    ["statement", "CREATE TRIGGER a AFTER INSERT ON items BEGIN SELECT 1; DELETE FROM users; END"],
    ["statement", "DROP VIEW ec_v"],
    ["statement", "DROP TRIGGER _host_audit_no_update"],
    ["feature", "CREATE TEMP TABLE a (x)"],
    ["feature", "CREATE TABLE a AS SELECT * FROM items"],
    ["feature", "CREATE TABLE a AS SELECT * FROM users"],
    ["feature", "ALTER TABLE items ALTER COLUMN k DROP NOT NULL"],
    ["feature", "CREATE TABLE a (x NOT NULL ON CONFLICT ROLLBACK)"],
    ["feature", "CREATE TABLE a (x, UNIQUE (x) ON CONFLICT ROLLBACK)"],
    ["feature", "INSERT OR ROLLBACK INTO items(k) VALUES (1)"],
    ["feature", "CREATE TABLE a (x COLLATE other)"],
    ["feature", "CREATE INDEX i ON items (k COLLATE other)"],
    ["feature", "CREATE TABLE a (x, PRIMARY KEY (x COLLATE other))"],
    ["table", "CREATE TABLE temp.a (x)"],
    ["table", "CREATE TABLE other.a (x)"],
    ["table", "CREATE INDEX temp.i ON items (k)"],
    ["table", "CREATE INDEX i ON users (pw)"],
    ["table", "CREATE INDEX i ON p_3f9c_items (k)"],
    ["table", "ALTER TABLE users ADD COLUMN x"],
    ["table", "ALTER TABLE main.users RENAME TO a"],
    ["table", "ALTER TABLE sqlite_schema ADD x"],
    ["table", "ALTER TABLE p_3f9c_fts_data ADD x"],
    ["table", "DROP TABLE users"],
    ["table", "DROP TABLE IF EXISTS _host_audit"],
    ["table", "DROP TABLE p_3f9c_items"],
    ["table", "CREATE TABLE a (x REFERENCES users)"],
    ["table", "CREATE TABLE a (x, FOREIGN KEY (x) REFERENCES ec_posts (id) ON DELETE CASCADE)"],
    ["table", "CREATE TABLE a (x REFERENCES later); CREATE TABLE later (x)"],
    ["table", "ALTER TABLE items ADD COLUMN x REFERENCES users"],
    ["table", "CREATE TABLE a (x, CHECK (users.pw > x))"],
    ["table", "CREATE TABLE a (x, CHECK (main.a.x > 0))"],
    ["table", "CREATE INDEX i ON items (k) WHERE log.k = 1"],
    ["table", "INSERT INTO users(k) VALUES (1)"],
    ["table", "INSERT INTO items(k) SELECT pw FROM users"],
    ["table", "UPDATE items SET v = (SELECT pw FROM users)"],
    ["table", "DELETE FROM ec_posts"],
    ["table", "DROP TABLE log; DELETE FROM log"],
    ["name", "CREATE TABLE items (x)"],
    ["name", "CREATE TABLE IF NOT EXISTS ITEMS (x)"],
    ["name", "CREATE TABLE users (x)"],
    ["name", "CREATE TABLE Media (x)"],
    ["name", "CREATE TABLE ec_a (x)"],
    ["name", "CREATE TABLE p_3f9c_a (x)"],
    ["name", "CREATE TABLE _a (x)"],
    ["name", "CREATE TABLE sqlite_a (x)"],
    ["name", "CREATE TABLE d1_a (x)"],
    ["name", "CREATE TABLE pragma_a (x)"],
    ["name", "CREATE TABLE json_each (x)"],
    ["name", 'CREATE TABLE "a b" (x)'],
    ["name", 'CREATE TABLE "a""b" (x)'],
    ["name", 'CREATE TABLE "größe" (x)'],
    ["name", "CREATE TABLE '' (x)"],
    ["name", "CREATE TABLE '1a' (x)"],
    ["name", "ALTER TABLE items RENAME TO users"],
    ["name", "ALTER TABLE items RENAME TO log"],
    ["name", "ALTER TABLE items RENAME TO ec_items"],
    ["name", "CREATE INDEX items ON log (k)"],
    ["name", "CREATE INDEX _i ON log (k)"],
    ["name", "DROP INDEX ec_posts_ix"],
    ["name", "CREATE TABLE fts_data (x)"],
    ["name", "CREATE TABLE s_config (x); CREATE VIRTUAL TABLE s USING fts5(a)"],
    ["name", "ALTER TABLE items RENAME TO fts_idx"],
    ["parameters", "INSERT INTO items(k) VALUES (?)"],
    ["syntax", "CREATE TABLE a ("],
    ["syntax", "CREATE TABLE a (x); nonsense"],
    ["character", "CREATE TABLE a\u{200b} (x)"],
    ["character", "CREATE TABLE a (x)\0"],
  ])("%s: %s", (code, sql) => {
    expect(verdict(sql)).toBe(code);
  });

  describe("call other functions than statements may, wherever an expression may stand", () => {
    const PLACES: readonly ((call: string) => string)[] = [
      (call) => `CREATE TABLE a (x DEFAULT (${call}))`,
      (call) => `CREATE TABLE a (x CHECK (${call}))`,
      (call) => `CREATE TABLE a (x, CHECK (${call}))`,
      (call) => `CREATE TABLE a (x, y AS (${call}))`,
      (call) => `CREATE TABLE a (x, y GENERATED ALWAYS AS (${call}) STORED)`,
      (call) => `CREATE INDEX i ON items (${call})`,
      (call) => `CREATE INDEX i ON items (k) WHERE ${call}`,
      (call) => `ALTER TABLE items ADD COLUMN x DEFAULT (${call})`,
      (call) => `ALTER TABLE items ADD COLUMN x CHECK (${call})`,
      (call) => `INSERT INTO items(k) VALUES (${call})`,
      (call) => `UPDATE items SET v = 1 WHERE ${call}`,
    ];
    it.each(PLACES.map((place) => [place("f()"), place] as const))("%s", (_, place) => {
      for (const call of ["zeroblob(1e9)", "load_extension('x')", "printf('%9999999d', 1)", "changes()"]) {
        expect({ call, verdict: verdict(place(call)) }).toEqual({ call, verdict: "function" });
      }
      expect(verdict(place("abs(1)"))).toBe("passes");
    });

    it.each(PLACES.slice(0, 9).map((place) => [place("..."), place] as const))("nor select: %s", (_, place) => {
      expect(verdict(place("(SELECT pw FROM users)"))).toBe("feature");
      expect(verdict(place("1 IN (SELECT 1)"))).toBe("feature");
      expect(verdict(place("1 IN items"))).toBe("feature");
      expect(verdict(place("?"))).toBe("feature");
      expect(verdict(place("k MATCH 'x'"))).toBe("feature");
    });
  });

  describe("make other virtual tables", () => {
    it.each([
      ["feature", "CREATE VIRTUAL TABLE a USING fts5vocab('users', 'row')"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts4(x)"],
      ["feature", "CREATE VIRTUAL TABLE a USING rtree(id, x, y)"],
      ["feature", "CREATE VIRTUAL TABLE a USING dbstat(main)"],
      ["feature", "CREATE VIRTUAL TABLE a USING json_each"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5()"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x,)"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x y)"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(rank)"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, rowid)"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, nosuch=1)"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, __proto__='x')"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, constructor='x')"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, content='users; x')"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, content='main.users')"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, tokenize='mine')"],
      ["feature", "CREATE VIRTUAL TABLE a USING fts5(x, content_rowid='id from users --')"],
      ["table", "CREATE VIRTUAL TABLE a USING fts5(x, content=users)"],
      ["table", "CREATE VIRTUAL TABLE a USING fts5(x, content='users')"],
      ["table", 'CREATE VIRTUAL TABLE a USING fts5(x, content="ec_posts")'],
      ["table", "CREATE VIRTUAL TABLE a USING fts5(x, CONTENT = [users])"],
      ["table", "CREATE VIRTUAL TABLE a USING fts5(x, content/**/=/**/users)"],
      ["table", "CREATE VIRTUAL TABLE a USING fts5(x, content='p_3f9c_items')"],
      ["table", "CREATE VIRTUAL TABLE a USING fts5(x, content=fts)"],
      ["table", "CREATE VIRTUAL TABLE temp.a USING fts5(x)"],
      ["name", "CREATE VIRTUAL TABLE users USING fts5(x)"],
    ])("%s: %s", (code, sql) => {
      expect(verdict(sql)).toBe(code);
    });
  });
});

describe("a refusal", () => {
  it("says file, line, column, what and the fix", () => {
    expect(check("CREATE TABLE a (x);\n\n  CREATE INDEX i ON users (pw);")).toEqual({
      ok: false,
      reason: {
        code: "table",
        file: PATH,
        line: 3,
        column: 21,
        message:
          `Cannot apply ${PATH}:3:21: table "users" is no table of the plugin. ` +
          "Own tables at this point: items, log, fts, a. Migrations touch no others.",
      },
    });
    expect(check("CREATE TABLE a (x);\nUPDATE a SET x = 1;\nDELETE FROM users;")).toMatchObject({
      reason: { line: 3, column: 13 },
    });
    expect(check("CREATE TABLE a (x);\nCREATE NONSENSE;")).toMatchObject({ reason: { code: "syntax", line: 2 } });
  });

  it("is a bug of the host where its names are unfit", () => {
    for (const physical of ['a"b', "sqlite_a", "_host_a", "a b", ""]) {
      expect(() => check("CREATE TABLE a (x)", { ...OPTIONS, toPhysical: () => physical })).toThrow(/toPhysical/);
    }
  });
});

it("what came out is judged again, by physical names alone", () => {
  const read = readStatement('CREATE TABLE main."p_3f9c_b" (x)', { bytes: 100, tokens: 100 });
  if (!read.ok) throw new Error(read.reason.what);
  const judgeGiven = (given: string) =>
    judgeDefinition(read.value, {
      tables: new Map(),
      give: ({ text, span }) =>
        text === given
          ? { ok: true, value: text }
          : { ok: false, reason: { code: "name", at: span, what: "", fix: "" } },
    });
  expect([judgeGiven("p_3f9c_b")?.ok, judgeGiven("p_3f9c_a")?.ok]).toEqual([true, false]);
});

describe("each limit holds at its edge and not one over:", () => {
  const files = (count: number, sql = ""): readonly MigrationFile[] =>
    Array.from({ length: count }, (_, i) => ({ path: `migrations/${String(i + 1).padStart(4, "0")}_a.sql`, sql }));
  const repeat = (count: number, part: (index: number) => string) =>
    Array.from({ length: count }, (_, i) => part(i)).join("");
  const LIMITS: readonly (readonly [keyof typeof MIGRATION_LIMITS, (amount: number) => readonly MigrationFile[]])[] = [
    ["files", (amount) => files(amount)],
    ["fileBytes", (amount) => files(1, `--${"x".repeat(amount - 2)}`)],
    [
      "totalBytes",
      (amount) => [...files(4, `--${"x".repeat(amount / 4 - 2)}`), ...files(5, amount % 4 === 0 ? "" : " ").slice(4)],
    ],
    ["fileTokens", (amount) => files(1, ";".repeat(amount))],
    [
      "statements",
      (amount) =>
        files(
          1,
          repeat(amount, () => "DELETE FROM items;"),
        ),
    ],
    [
      "tables",
      (amount) =>
        files(
          1,
          repeat(amount - 3, (i) => `CREATE TABLE a${i} (x);`),
        ),
    ],
    [
      "tables",
      (amount) =>
        files(
          1,
          repeat(amount - 3, (i) => `CREATE VIRTUAL TABLE a${i} USING fts5(x);`),
        ),
    ],
    ["columns", (amount) => files(1, `CREATE TABLE a (x${repeat(amount - 1, (i) => `, x${i}`)})`)],
    ["columns", (amount) => files(1, `CREATE TABLE a (x${repeat(amount - 2, (i) => `, x${i}`)}); ALTER TABLE a ADD y`)],
    ["columns", (amount) => files(1, `CREATE VIRTUAL TABLE a USING fts5(x${repeat(amount - 1, (i) => `, x${i}`)})`)],
  ];
  it.each(LIMITS)("%s", (limit, make) => {
    const at = checkMigration(make(MIGRATION_LIMITS[limit]), OPTIONS);
    expect(at.ok ? "passes" : at.reason.message).toBe("passes");
    expect(checkMigration(make(MIGRATION_LIMITS[limit] + 1), OPTIONS)).toMatchObject({
      ok: false,
      reason: { code: "limit" },
    });
  });

  it.each([
    [["migrations/0002_a.sql", "migrations/0001_b.sql"]],
    [["migrations/0001_a.sql", "migrations/0001_b.sql"]],
    [["migrations/1_a.sql"]],
    [["0001_a.sql"]],
    [["migrations/0001.sql"]],
    [["migrations/0001_a b.sql"]],
    [["migrations/../0001_a.sql"]],
  ])("no files called %j", (paths) => {
    expect(
      checkMigration(
        paths.map((path) => ({ path, sql: "" })),
        OPTIONS,
      ),
    ).toMatchObject({ ok: false, reason: { code: "name" } });
  });
});

it("SQLite takes what comes out", async () => {
  const oracle = await createOracle();
  for (const text of texts(
    `CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT DEFAULT (lower('X')) CHECK (a.x <> ''), y AS (x || '!'), z REFERENCES items(id));
     CREATE INDEX i ON a (lower(x)) WHERE y IS NOT NULL;
     CREATE VIRTUAL TABLE s USING fts5(x, content=a, content_rowid=id, tokenize='porter unicode61');
     INSERT INTO a (x) VALUES ('one'); INSERT INTO s (s) VALUES ('rebuild');
     ALTER TABLE a ADD COLUMN w; ALTER TABLE a RENAME w TO ww; ALTER TABLE a DROP COLUMN ww;
     ALTER TABLE s RENAME TO t; DROP TABLE t; DROP INDEX i; ALTER TABLE a RENAME TO b; DROP TABLE b`,
  )) {
    expect({ text, error: oracle.run(text) }).toEqual({ text, error: undefined });
  }
  oracle.close();
});
