/**
 * Does what the guard for plugin SQL lets through work on a real D1, and leave everybody else's tables as they are? What it
 * refuses never gets there, so the whole contents are compared before and after. The guard needs no Worker, only D1.
 */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { checkMigration } from "../../host/sql/check-migration.ts";
import { checkStatement } from "../../host/sql/check-statement.ts";
import type { SqlPolicy } from "../../host/sql/policy.ts";
import corpus from "../corpora/sql-statements.json" with { type: "json" };
import { createRandom, createStatements } from "../sql/mutate.ts";
import { POLICY, SCHEMA, SEED } from "../sql/policy.ts";

const database = (env as unknown as { readonly SQL: D1Database }).SQL;

const toPolicy = (names: readonly string[]): SqlPolicy => ({
  own: new Map(names.map((name) => [name, name])),
  fullText: new Set(["p_seo_fts"]),
  readable: new Map([["ec_posts", "SELECT id, title FROM ec_posts"]]),
  writable: new Set(),
});
const CORPUS_POLICY = toPolicy(corpus.policy.own);

/** Takes away what a test before this one made. What FTS5 keeps for a table goes with it. */
async function empty(): Promise<void> {
  const { results } = await database
    .prepare("SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'view')")
    .all<{ type: string; name: string; sql: string }>();
  const virtual = results.filter(({ sql }) => /^create virtual/i.test(sql)).map(({ name }) => `${name}_`);
  const isKept = (name: string) => /^(_cf_|sqlite_)/.test(name) || virtual.some((prefix) => name.startsWith(prefix));
  // The youngest first: they refer to the older ones.
  const gone = results.filter(({ name }) => !isKept(name)).toReversed();
  for (const { type, name } of gone) await database.prepare(`DROP ${type} "${name}"`).run();
}

const make = async (statements: readonly string[]) => {
  await empty();
  await database.batch(statements.map((sql) => database.prepare(sql)));
};

/** Every row of every table that is not the plugin's, and how each is defined. */
async function contents(own: readonly string[]): Promise<unknown> {
  const { results } = await database
    .prepare("SELECT name, sql FROM sqlite_master ORDER BY name")
    .all<{ name: string; sql: string }>();
  const isOwn = (name: string) => own.some((table) => name === table || name.startsWith(`${table}_`));
  const others = results.filter(
    ({ name, sql }) => /^create table/i.test(sql ?? "") && !isOwn(name) && !name.startsWith("_cf_"),
  );
  const rows: Record<string, unknown> = { schema: results };
  for (const { name } of others) rows[name] = (await database.prepare(`SELECT * FROM "${name}"`).all()).results;
  return rows;
}

describe("the corpus on a real D1", () => {
  beforeEach(() => make([...corpus.schema, ...corpus.seed]));

  it("has twenty legitimate statements that work, all of them", async () => {
    const before = await contents(corpus.policy.own);
    for (const { sql, params } of corpus.legitimate) {
      const checked = checkStatement(sql, CORPUS_POLICY, { rowLimit: 100 });
      if (!checked.ok) throw new Error(checked.reason.message);
      const { success } = await database
        .prepare(checked.value.text)
        .bind(...params)
        .all();
      expect({ sql, success }).toEqual({ sql, success: true });
    }
    expect(await contents(corpus.policy.own)).toEqual(before);
  });

  it("has hostile statements of which nothing arrives", async () => {
    const before = await contents(corpus.policy.own);
    for (const sql of corpus.hostile) {
      const checked = checkStatement(sql, CORPUS_POLICY);
      if (checked.ok) await database.prepare(checked.value.text).all();
      expect({ sql, ok: checked.ok }).toEqual({ sql, ok: false });
    }
    expect(await contents(corpus.policy.own)).toEqual(before);
  });
});

describe("random statements on a real D1", () => {
  beforeEach(() => make([...SCHEMA, ...SEED]));

  it("change and tell nothing of others", async () => {
    const policy: SqlPolicy = { ...POLICY, writable: new Set() };
    const own = [...POLICY.own.values()];
    const before = await contents(own);
    const next = createStatements(createRandom(7));
    let worked = 0;
    for (let passed = 0; passed < 800;) {
      const checked = checkStatement(next(), policy, { rowLimit: 20 });
      if (!checked.ok) continue;
      passed++;
      const { text, parameters } = checked.value;
      const values = Array.from({ length: parameters }, (_, i) => (i % 2 === 0 ? "a" : 1));
      const result = await database
        .prepare(text)
        .bind(...values)
        .all()
        .catch(() => undefined);
      if (!result) continue;
      worked++;
      expect({ text, told: JSON.stringify(result.results).includes("TOPSECRET") }).toEqual({ text, told: false });
      expect({ text, told: JSON.stringify(result.results).includes("DRAFT") }).toEqual({ text, told: false });
    }
    expect(worked).toBeGreaterThan(150);
    expect(await contents(own)).toEqual(before);
  });
});

describe("migrations on a real D1", () => {
  beforeEach(() => make([...SCHEMA, ...SEED]));

  const toPhysical = (name: string) => `p_77_${name}`;
  const FILES = [
    {
      path: "migrations/0001_init.sql",
      sql: `CREATE TABLE notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL DEFAULT (lower('NEW')) CHECK (notes.title <> ''),
  body TEXT COLLATE NOCASE,
  size INTEGER GENERATED ALWAYS AS (length(body)) STORED,
  parent INTEGER REFERENCES notes(id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX by_title ON notes (lower(title)) WHERE body IS NOT NULL;
CREATE TABLE tags (note INTEGER REFERENCES notes, tag TEXT, PRIMARY KEY (note, tag)) WITHOUT ROWID;
CREATE VIRTUAL TABLE search USING fts5(title, body, content=notes, content_rowid=id, tokenize='porter unicode61');
INSERT INTO notes (title, body) VALUES ('One; two', 'first body'), ('Three', 'second body');
INSERT INTO search (search) VALUES ('rebuild');`,
    },
    {
      path: "migrations/0002_more.sql",
      sql: `ALTER TABLE notes ADD COLUMN pinned INTEGER DEFAULT 0;
ALTER TABLE notes RENAME COLUMN pinned TO pin;
ALTER TABLE tags RENAME TO labels;
CREATE TABLE gone (a);
DROP TABLE gone;
DROP INDEX by_title;
UPDATE notes SET pin = 1 WHERE title = 'Three';`,
    },
  ];

  it("make tables that the plugin's statements work with", async () => {
    const before = await contents(["p_77"]);
    const migrated = checkMigration(FILES, { existing: new Map(), toPhysical });
    if (!migrated.ok) throw new Error(migrated.reason.message);
    const { statements, tables, fullText } = migrated.value;
    await database.batch(statements.map(({ text }) => database.prepare(text)));
    expect([...tables.keys()].toSorted()).toEqual(["labels", "notes", "search"]);
    const policy: SqlPolicy = { own: tables, fullText, readable: new Map(), writable: new Set() };
    const run = async (sql: string, ...values: unknown[]) => {
      const checked = checkStatement(sql, policy, { rowLimit: 10 });
      if (!checked.ok) throw new Error(checked.reason.message);
      return (
        await database
          .prepare(checked.value.text)
          .bind(...values)
          .all()
      ).results;
    };
    expect(await run("SELECT title, size, pin FROM notes ORDER BY notes.id")).toEqual([
      { title: "One; two", size: 10, pin: 0 },
      { title: "Three", size: 11, pin: 1 },
    ]);
    expect(await run("INSERT INTO labels (note, tag) SELECT id, ? FROM notes RETURNING labels.tag", "x")).toHaveLength(
      2,
    );
    expect(
      await run(
        "SELECT n.title, highlight(search, 1, '<', '>') FROM search JOIN notes n ON n.id = search.rowid WHERE search MATCH ? ORDER BY bm25(search)",
        "second",
      ),
    ).toEqual([{ title: "Three", "highlight(search, 1, '<', '>')": "<second> body" }]);
    const rest = (all: unknown) => ({ ...(all as object), schema: undefined, sqlite_sequence: undefined });
    expect(rest(await contents(["p_77"]))).toEqual(rest(before));
  });

  it("roll back as one with what is wrong in them", async () => {
    const migrated = checkMigration(
      [{ path: "migrations/0001_init.sql", sql: "CREATE TABLE notes (a); INSERT INTO notes (nosuch) VALUES (1);" }],
      { existing: new Map(), toPhysical },
    );
    if (!migrated.ok) throw new Error(migrated.reason.message);
    const before = await contents([]);
    const batch = database.batch(migrated.value.statements.map(({ text }) => database.prepare(text)));
    await expect(batch).rejects.toThrow(/nosuch/);
    expect(await contents([])).toEqual(before);
  });
});
