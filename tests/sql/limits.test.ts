/** Does each limit hold at its edge, and not one over? */
import { describe, expect, it } from "vitest";
import { checkStatement } from "../../host/sql/check-statement.ts";
import { SQL_LIMITS } from "../../host/sql/limits.ts";
import { POLICY } from "./policy.ts";

const repeat = (part: string, times: number, between = "") => Array.from({ length: times }, () => part).join(between);
const nested = (selects: number): string => (selects === 1 ? "SELECT 1" : `SELECT (${nested(selects - 1)})`);

/** A statement that has so many of something. */
const STATEMENTS: readonly (readonly [keyof typeof SQL_LIMITS, (amount: number) => string])[] = [
  ["bytes", (bytes) => `SELECT '${"x".repeat(bytes - 9)}'`],
  ["bytes", (bytes) => `SELECT '${"ö".repeat((bytes - 10) / 2)}${bytes % 2 === 0 ? "x" : "xx"}'`],
  ["tokens", (tokens) => `SELECT 1 IN (${repeat("1", (tokens - 4) / 2, ",")}${tokens % 2 === 0 ? "" : ", 1"})`],
  // The statement, its select, the arm, the column, and one literal below as many signs as fit.
  ["depth", (depth) => `SELECT ${repeat("+", depth - 5)}1`],
  ["depth", (depth) => `SELECT ${repeat("(", depth - 5)}1${repeat(")", depth - 5)}`],
  ["selectDepth", nested],
  ["tables", (tables) => `SELECT ${repeat("1 IN (SELECT id FROM items)", tables, ", ")}`],
  ["tables", (tables) => `SELECT ${repeat("1 IN items", tables - 1, ", ")} FROM json_each('[1]')`],
  [
    "joins",
    (joins) =>
      `SELECT 1 FROM items${Array.from({ length: joins }, (_, i) => ` JOIN log l${i} ON l${i}.id = 1`).join("")}`,
  ],
  ["compoundTerms", (terms) => repeat("SELECT 1", terms, " UNION ")],
  ["ctes", (ctes) => `WITH ${Array.from({ length: ctes }, (_, i) => `c${i} AS (SELECT 1)`).join(", ")} SELECT 1`],
  ["parameters", (parameters) => `SELECT 1 IN (${repeat("?", parameters, ",")})`],
  ["parameters", (parameters) => `SELECT ?${parameters}`],
  ["nameChars", (chars) => `WITH ${"c".repeat(chars)} AS (SELECT 1) SELECT 1`],
];

describe("a statement", () => {
  it.each(STATEMENTS)("has at most as many as are allowed: %s", (limit, statement) => {
    // One more table needs one more join, which has the smaller limit.
    const at = checkStatement(statement(SQL_LIMITS[limit]), POLICY);
    expect(at).toMatchObject({ ok: true });
    const over = checkStatement(statement(SQL_LIMITS[limit] + 1), POLICY);
    expect(over).toMatchObject({ ok: false, reason: { code: "limit" } });
  });

  it("of 9,000 parentheses is refused, as are other ways to exhaust a reader", () => {
    for (const sql of [
      `SELECT ${repeat("(", 9000)}1${repeat(")", 9000)}`,
      `SELECT ${repeat("(", 900)}1${repeat(")", 900)}`,
      `SELECT ${repeat("(", 9000)}`,
      `SELECT ${repeat("case when ", 1900)}`,
      `SELECT ${repeat("(SELECT ", 900)}1${repeat(")", 900)}`,
      `SELECT 1 WHERE ${repeat("a", 900, " OR ")}`,
      `SELECT ${repeat("not ", 1900)}1`,
      `SELECT * FROM ${repeat("(", 900)}items${repeat(")", 900)}`,
      `SELECT ${repeat("-", 2)}${repeat("/*", 5000)}`,
    ]) {
      expect(checkStatement(sql, POLICY)).toMatchObject({ ok: false });
    }
  });

  it("is refused in few words however long its names are", () => {
    for (const sql of [
      `SELECT * FROM ${"a".repeat(9000)}`,
      `SELECT ${"f".repeat(9000)}(1)`,
      `SELECT 1 ${"a".repeat(9000)} b`,
    ]) {
      const checked = checkStatement(sql, POLICY);
      expect(checked.ok ? 0 : checked.reason.message.length).toBeLessThan(800);
      expect(checked.ok).toBe(false);
    }
  });

  it("is not larger than it may be once tables are put in", () => {
    const wide = `SELECT ${Array.from({ length: 250 }, (_, i) => `${"c".repeat(40)}_${i}`).join(", ")} FROM ec_posts`;
    const policy = { ...POLICY, readable: new Map([["ec_posts", wide]]) };
    expect(checkStatement("SELECT * FROM ec_posts", policy)).toMatchObject({ ok: true });
    expect(checkStatement(`SELECT ${repeat("1 IN ec_posts", 6, ", ")}`, policy)).toMatchObject({
      ok: false,
      reason: { code: "limit" },
    });
  });
});
