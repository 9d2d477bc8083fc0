/** Does SQLite touch nothing that the guard did not allow, over many random statements? `npm run fuzz:sql` tries more. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckedStatement } from "../../host/sql/check-statement.ts";
import { fuzz } from "./fuzz.ts";
import { createOracle, type Oracle } from "./oracle.ts";

it("a hundred thousand statements end without disagreement", async () => {
  const report = await fuzz({ seed: 20_261, statements: 100_000 });
  expect(report.disagreements).toEqual([]);
  // Or it would say nothing.
  expect(report.passed).toBeGreaterThan(10_000);
  expect(report.prepared).toBeGreaterThan(4_000);
}, 300_000);

describe("the oracle", () => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await createOracle();
  });
  afterAll(() => oracle.close());

  const allowed: CheckedStatement = {
    text: "",
    kind: "select",
    isSelect: true,
    growth: "none",
    returnsRows: true,
    returning: "nothing",
    reads: [],
    writes: [],
    parameters: 0,
    needles: [],
  };
  const write = { ...allowed, kind: "update", isSelect: false, returnsRows: false, writes: ["items"] } as const;

  it.each<readonly [string, CheckedStatement]>([
    ["a table of the host", { ...allowed, text: "SELECT pw FROM ec_users" }],
    ["a table that was not read", { ...allowed, text: "SELECT title FROM ec_posts" }],
    ["a private column", { ...allowed, text: "SELECT secret FROM ec_posts", reads: ["ec_posts"] }],
    ["a view", { ...allowed, text: "SELECT pw FROM ec_v" }],
    ["the schema", { ...allowed, text: "SELECT sql FROM sqlite_schema" }],
    ["a table function", { ...allowed, text: "SELECT * FROM pragma_table_list" }],
    ["a function", { ...allowed, text: "SELECT zeroblob(9)" }],
    ["a pragma", { ...allowed, text: "PRAGMA table_info(users)" }],
    ["a write", { ...write, text: "UPDATE ec_users SET pw = 1" }],
    ["a write to a table that was not written", { ...write, text: "UPDATE _emdash_seo SET title = 1" }],
    ["a write in the guise of a read", { ...allowed, text: "DELETE FROM p_3f9c_items" }],
    ["a second statement", { ...allowed, text: "SELECT 1; SELECT 2" }],
    ["an explained one", { ...allowed, text: "EXPLAIN SELECT 1" }],
    ["a parameter too many", { ...allowed, text: "SELECT ?" }],
    ["a transaction", { ...write, text: "BEGIN" }],
  ])("notices %s", (_, statement) => {
    expect(oracle.ask(statement)).toMatchObject({ kind: "disagreed" });
  });

  it("agrees with what is allowed", () => {
    expect(oracle.ask({ ...allowed, text: "SELECT k FROM p_3f9c_items" })).toEqual({ kind: "agreed" });
    expect(oracle.ask({ ...write, text: "UPDATE p_3f9c_items SET k = 1" })).toEqual({ kind: "agreed" });
    expect(oracle.ask({ ...allowed, text: "SELECT nosuch" })).toMatchObject({ kind: "refused" });
  });
});
