/** Are only those functions called that compute from what they are given, and none with a size it makes up? */
import { describe, expect, it } from "vitest";
import { SQL_LIMITS } from "../../host/sql/limits.ts";
import { judged, verdict } from "./judged.ts";

describe("a function", () => {
  it.each([
    "load_extension('x')",
    "fts3_tokenizer('x')",
    "fts5('x')",
    "fts5_source_id()",
    "randomblob(1000000000)",
    "zeroblob(1000000000)",
    "sqlite_version()",
    "sqlite_source_id()",
    "sqlite_compileoption_get(1)",
    "sqlite_compileoption_used('x')",
    "sqlite_offset(k)",
    "sqlite_log(1, 'x')",
    "last_insert_rowid()",
    "changes()",
    "total_changes()",
    "likelihood(k, 0.5)",
    "likely(k)",
    "unlikely(k)",
    "match('a', 'b')",
    "regexp('a', 'b')",
    "readfile('x')",
    "writefile('x', 'y')",
    "edit('x')",
    "soundex(k)",
    "json_each('[1]')",
    "subtype(k)",
    "nosuch(1)",
    "max(*)",
    "ZEROBLOB(1)",
    '"zeroblob"(1)',
    "[zeroblob](1)",
    "zeroblob/**/(1)",
  ])("is refused: %s", (call) => {
    expect(verdict(`SELECT ${call} FROM items`)).toBe("function");
    expect(verdict(`SELECT k FROM items ORDER BY ${call}`)).toBe("function");
    expect(verdict(`UPDATE items SET v = ${call}`)).toBe("function");
  });

  it.each([
    "count(*)",
    "count(DISTINCT k)",
    "group_concat(k, ', ')",
    "coalesce(k, v, '')",
    "lower(k) || upper(v)",
    "substr(k, 1, 3)",
    "hex(k)",
    "quote(k)",
    "round(id, 2)",
    "datetime('now', '-1 day')",
    "strftime('%Y', 'now')",
    "json_extract(v, '$.a')",
    "json_group_array(json_object('a', k))",
    "row_number() OVER (ORDER BY id)",
    "sqrt(id)",
    "random()",
    "iif(k IS NULL, 1, 2)",
    "LENGTH(k)",
    '"length"(k)',
  ])("is allowed: %s", (call) => {
    expect(verdict(`SELECT ${call} FROM items`)).toBe("passes");
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])("is none of JavaScript's: %s", (name) => {
    expect(judged(`SELECT ${name}(1)`)).toMatch(/^function: .* is not allowed\. Compute it in the plugin\.$/);
  });

  it("is named with what to do instead", () => {
    expect(judged("SELECT changes()")).toBe(
      "function: Cannot run SQL (line 1, column 8): the function changes is not allowed. Use meta.changes of the result.",
    );
  });
});

describe("a format", () => {
  it.each([
    "printf('%1000000000d', 1)",
    "printf('%100d', 1)",
    "format('%.100f', 1)",
    "printf('%*d', 1000000000, 1)",
    "printf('%.*c', 1000000000, 'x')",
    "printf(k, 1)",
    "printf(?, 1)",
    "printf('%' || '9999999d', 1)",
    "printf()",
  ])("is refused where it may make a size: %s", (call) => {
    expect(verdict(`SELECT ${call} FROM items`)).toBe("function");
  });

  it("is read in one way, or it would take for ever", () => {
    expect(verdict(`SELECT printf('${"%00d".repeat(200)}%y', 1)`)).toBe("function");
    expect(verdict(`SELECT printf('${"%00d".repeat(200)}', 1)`)).toBe("passes");
  });

  it.each(["printf('%.2f', id)", "format('%05d %s 100%%', id, k)", "printf('%-20s|%,d', k, id)", "printf('plain')"])(
    "is allowed where it does not: %s",
    (call) => {
      expect(verdict(`SELECT ${call} FROM items`)).toBe("passes");
    },
  );
});

describe("what is looked for in a text", () => {
  const long = "x".repeat(SQL_LIMITS.needleChars);
  it("is a short literal or a parameter", () => {
    for (const name of ["instr", "trim", "ltrim", "rtrim", "unhex"]) {
      expect(verdict(`SELECT ${name}(k, '${long}') FROM items`)).toBe("passes");
      expect(verdict(`SELECT ${name}(k, '${long}x') FROM items`)).toBe("function");
      expect(verdict(`SELECT ${name}(k, ?) FROM items`)).toBe("passes");
      expect(verdict(`SELECT ${name}(k, v) FROM items`)).toBe("function");
      expect(verdict(`SELECT ${name}(k, ? || ?) FROM items`)).toBe("function");
      expect(verdict(`SELECT ${name}(k, (SELECT v FROM log)) FROM items`)).toBe("function");
    }
    expect(verdict("SELECT trim(k) FROM items")).toBe("passes");
    expect(verdict("SELECT replace(k, char(13, 10), v) FROM items")).toBe("passes");
    expect(verdict("SELECT replace(k, char(id), v) FROM items")).toBe("function");
    expect(verdict("SELECT replace(k, v, '') FROM items")).toBe("function");
  });
});
