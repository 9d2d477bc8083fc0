/** Is there no character that hides something or that SQLite reads in another way? */
import { describe, expect, it } from "vitest";
import { judged, verdict } from "./judged.ts";

const UNSEEN: readonly (readonly [string, string])[] = [
  ["a byte order mark", "\u{feff}"],
  ["a zero width space", "\u{200b}"],
  ["a zero width joiner", "\u{200d}"],
  ["a right-to-left override", "\u{202e}"],
  ["a soft hyphen", "\u{ad}"],
  ["a no-break space", "\u{a0}"],
  ["a line separator", "\u{2028}"],
  ["a Hangul filler", "\u{3164}"],
  ["a variation selector", "\u{fe0f}"],
  ["a tag", "\u{e0041}"],
  ["a Braille blank", "\u{2800}"],
  ["an escape", "\u{1b}"],
  ["a vertical tab", "\v"],
  ["a delete", "\u{7f}"],
];

describe("what is not seen", () => {
  it.each(UNSEEN)("is refused outside literals: %s", (_, character) => {
    for (const sql of [
      `${character}SELECT 1`,
      `SELECT${character}1`,
      `SELECT 1${character}`,
      `SELECT * FROM it${character}ems`,
      `SELECT * FROM "it${character}ems"`,
      `SELECT k AS [a${character}b] FROM items`,
      `SELECT k AS \`${character}\` FROM items`,
      `SELECT 1 /* ${character} */`,
      `SELECT 1 -- ${character}`,
    ]) {
      expect({ sql, verdict: verdict(sql) }).toEqual({ sql, verdict: "character" });
    }
  });

  it.each(UNSEEN)("is allowed in a literal: %s", (_, character) => {
    expect(verdict(`SELECT 'a${character}b'`)).toBe("passes");
  });

  it("is refused everywhere where SQLite would end", () => {
    for (const sql of ["\0SELECT 1", "SELECT 1\0", "SELECT 1\0; DELETE FROM items", "SELECT 'a\0b'", "SELECT 1 --\0"]) {
      expect({ sql, verdict: verdict(sql) }).toEqual({ sql, verdict: "character" });
    }
  });

  it("is refused everywhere where it is half a character", () => {
    expect(verdict("SELECT '\u{d800}'")).toBe("character");
    expect(verdict("SELECT '\u{dc00}'")).toBe("character");
    expect(verdict("SELECT '\u{1f600}'")).toBe("passes");
  });
});

describe("letters of other scripts", () => {
  it("are refused without quotes", () => {
    for (const sql of [
      "SELECT größe FROM items",
      "SELECT * FROM іtems",
      "ＳＥＬＥＣＴ 1",
      "SELECT 1 AS ï»¿",
      "SELECT ï»¿1",
      "SELECT \u{212a}",
    ]) {
      expect({ sql, verdict: verdict(sql) }).toEqual({ sql, verdict: "character" });
    }
  });

  it("are allowed in quotes, comments and literals", () => {
    expect(verdict("SELECT k AS \"größe\", v AS [日本] FROM items -- ключ\n WHERE k = 'ключ 😀'")).toBe("passes");
  });

  it("do not shift what is put in", () => {
    expect(judged("SELECT '😀😀', k AS \"ö\" FROM items WHERE v = '😀' AND items.id = 1")).toBe(
      'SELECT \'😀😀\', k AS "ö" FROM main."p_3f9c_items" AS "items" WHERE v = \'😀\' AND items.id = 1',
    );
  });
});

it("says which character it is and where", () => {
  expect(judged("SELECT 1,\n  2\u{200b}")).toMatch(
    /^character: Cannot run SQL \(line 2, column 4\): the character U\+200B /,
  );
});
