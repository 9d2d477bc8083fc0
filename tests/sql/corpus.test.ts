/** Are the statements of the corpus judged as they should be: seventy that attack, twenty that plugins need? */
import { describe, expect, it } from "vitest";
import { checkStatement } from "../../host/sql/check-statement.ts";
import type { SqlPolicy } from "../../host/sql/policy.ts";
import corpus from "../corpora/sql-statements.json" with { type: "json" };

const policy: SqlPolicy = {
  own: new Map(corpus.policy.own.map((name) => [name, name])),
  fullText: new Set(["p_seo_fts"]),
  readable: new Map(corpus.policy.readable.map((name) => [name, `SELECT id, title FROM ${name}`])),
  writable: new Set(corpus.policy.writable),
};

describe("the corpus", () => {
  it("is whole", () => {
    expect([corpus.hostile.length, corpus.legitimate.length]).toEqual([70, 20]);
  });

  it.each(corpus.hostile)("refuses %j", (sql) => {
    const checked = checkStatement(sql, policy);
    expect(checked).toMatchObject({
      ok: false,
      reason: { message: expect.stringMatching(/^Cannot run SQL \(line \d+, column \d+\): .+\. .+\.$/) },
    });
  });

  it.each(corpus.legitimate)("lets through $sql", ({ sql, params }) => {
    const checked = checkStatement(sql, policy, { rowLimit: 100 });
    expect(checked).toMatchObject({ ok: true, value: { parameters: params.length } });
  });
});
