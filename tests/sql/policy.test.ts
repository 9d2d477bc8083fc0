/** Does a policy that the host got wrong throw, instead of granting something? */
import { describe, expect, it } from "vitest";
import { checkStatement } from "../../host/sql/check-statement.ts";
import type { SqlPolicy } from "../../host/sql/policy.ts";
import { judged, verdict } from "./judged.ts";
import { POLICY } from "./policy.ts";

describe("a policy", () => {
  const FAULTS: readonly (readonly [string, Partial<SqlPolicy>, RegExp])[] = [
    ["a physical name with a quote", { own: new Map([["a", 'p"; x']]) }, /no plain name/],
    ["a physical name of SQLite", { own: new Map([["a", "sqlite_master"]]) }, /cannot be granted/],
    ["a physical name of the host", { own: new Map([["a", "_HOST_secrets"]]) }, /cannot be granted/],
    ["a readable table of the host", { readable: new Map([["_host_grants", "SELECT 1"]]) }, /cannot be granted/],
    ["a writable table of Cloudflare", { writable: new Set(["_cf_KV"]) }, /cannot be granted/],
    ["a writable table of D1", { writable: new Set(["d1_migrations"]) }, /cannot be granted/],
    ["no SELECT", { readable: new Map([["users", "DELETE FROM users"]]) }, /not one SELECT/],
    ["two", { readable: new Map([["users", "SELECT 1; SELECT 2"]]) }, /not one SELECT/],
    ["a half", { readable: new Map([["users", "SELECT 1) UNION (SELECT 2"]]) }, /not one SELECT/],
    ["parameters", { readable: new Map([["users", "SELECT id FROM users WHERE id = ?"]]) }, /parameters/],
    [
      "names that differ by case",
      {
        own: new Map([
          ["a", "p_1"],
          ["A", "p_2"],
        ]),
      },
      /by case alone/,
    ],
  ];
  it.each(FAULTS)("is refused with %s", (_, fault, words) => {
    expect(() => checkStatement("SELECT 1", { ...POLICY, ...fault })).toThrow(words);
  });

  it("is read once", () => {
    let reads = 0;
    const own = new Map(POLICY.own);
    const policy: SqlPolicy = {
      ...POLICY,
      get own() {
        reads++;
        return own;
      },
    };
    for (let i = 0; i < 3; i++) expect(verdict("SELECT * FROM items", policy)).toBe("passes");
    expect(reads).toBe(1);
  });

  it("says which tables are searched, and a column called like another stays one", () => {
    const own = new Map([
      ["fts", "p_3f9c_fts"],
      ["title", "p_3f9c_items"],
    ]);
    const sql = "SELECT k FROM fts WHERE title MATCH 'x' AND fts MATCH 'y'";
    const text = (policy: SqlPolicy) => judged(sql, policy).split(" WHERE ")[1];
    expect(text({ ...POLICY, own })).toBe("title MATCH 'x' AND [p_3f9c_fts] MATCH 'y'");
    const { fullText: _, ...unsaid } = POLICY;
    expect(text({ ...unsaid, own })).toBe("[p_3f9c_items] MATCH 'x' AND [p_3f9c_fts] MATCH 'y'");
    expect(judged("INSERT INTO fts(fts) VALUES (1)", unsaid)).toContain("(fts) VALUES");
  });

  it("has own tables before core tables of the same name", () => {
    const policy: SqlPolicy = { ...POLICY, own: new Map([["users", "p_3f9c_users"]]) };
    expect(judged("SELECT * FROM users", policy)).toBe('SELECT * FROM main."p_3f9c_users" AS "users"');
  });

  it("ends a host's SELECT where it ends", () => {
    const policy: SqlPolicy = { ...POLICY, readable: new Map([["users", "SELECT id FROM users; -- ) x"]]) };
    expect(judged("SELECT * FROM users WHERE id = 1", policy)).toBe(
      'SELECT * FROM (SELECT id FROM users) AS "users" WHERE id = 1',
    );
  });
});
