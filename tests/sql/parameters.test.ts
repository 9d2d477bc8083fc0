/** Do values fit the statement they are bound to? */
import { expect, it } from "vitest";
import { checkStatement, type CheckedStatement } from "../../host/sql/check-statement.ts";
import { SQL_LIMITS } from "../../host/sql/limits.ts";
import { refuseValues } from "../../host/sql/parameters.ts";
import { POLICY } from "./policy.ts";

function checked(sql: string): CheckedStatement {
  const result = checkStatement(sql, POLICY);
  if (!result.ok) throw new Error(result.reason.message);
  return result.value;
}

it("counts parameters as SQLite does", () => {
  for (const [sql, count] of [
    ["SELECT 1", 0],
    ["SELECT ?", 1],
    ["SELECT ?, ?", 2],
    ["SELECT ?5", 5],
    ["SELECT ?5, ?", 6],
    ["SELECT ?2, ?1, ?", 3],
    ["SELECT '?', \"?\" FROM items -- ?", 0],
  ] as const) {
    expect({ sql, count: checked(sql).parameters }).toEqual({ sql, count });
  }
  expect(checkStatement("SELECT ?0", POLICY)).toMatchObject({ ok: false, reason: { code: "limit" } });
});

it("wants one value for each", () => {
  const two = checked("SELECT ?, ?");
  expect(refuseValues(two, [1, 2])).toBeUndefined();
  expect(refuseValues(two, [1])).toMatchObject({
    code: "parameters",
    message: expect.stringMatching(/1 values.*2 parameters/),
  });
  expect(refuseValues(two, [1, 2, 3])).toMatchObject({ code: "parameters" });
});

it("wants what is looked for in a text to be short", () => {
  const searching = checked("SELECT ?1, instr(title, ?2), replace(v, ?, '') FROM items WHERE trim(k, ?2) = ?4");
  expect(searching).toMatchObject({ parameters: 4, needles: [2, 3] });
  const short = "x".repeat(SQL_LIMITS.needleChars);
  const long = `${short}x`;
  expect(refuseValues(searching, [long, short, short, long])).toBeUndefined();
  expect(refuseValues(searching, ["", long, "", ""])).toMatchObject({
    message: expect.stringMatching(/parameter 2 is what/),
  });
  expect(refuseValues(searching, ["", "", long, ""])).toMatchObject({
    message: expect.stringMatching(/parameter 3 is what/),
  });
  expect(refuseValues(searching, ["", "", new ArrayBuffer(short.length), ""])).toBeUndefined();
  expect(refuseValues(searching, ["", "", new Uint8Array(long.length), ""])).toMatchObject({ code: "parameters" });
  expect(refuseValues(searching, ["", "", Array.from(long, () => 1), ""])).toMatchObject({ code: "parameters" });
  expect(refuseValues(searching, [null, null, 1, true])).toBeUndefined();
});
