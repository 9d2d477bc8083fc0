/**
 * Which characters may SQL hold? Outside quotes and comments ASCII alone, so that a look-alike is no keyword and the
 * parser reads what SQLite reads; nowhere but in a string literal what is not seen; a NUL nowhere, since SQLite ends there.
 */
import { tokenize, tokenName, type Span } from "sqlite3-parser";
import { fault, START, type Fault } from "./refusal.ts";

const PLAIN = /^[\t\n\r\x20-\x7e]*$/;
// Control and format characters, what is ignored by default, line separators, spaces that are no space, private use.
const UNSEEN = /(?![\t\n\r ])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const BEYOND_ASCII = /[^\0-\x7f]/u;

/** The first character that has no place where it stands. */
// SECURITY: the parser takes U+00EF U+00BB U+00BF for a space, SQLite for a name. (tests/sql/characters.test.ts)
export function refuseCharacters(sql: string): Fault | undefined {
  if (PLAIN.test(sql)) return undefined;
  if (!sql.isWellFormed()) return refuse(sql, sql.search(/\p{Cs}/u));
  const nul = sql.indexOf("\0");
  if (nul !== -1) return refuse(sql, nul);
  for (const token of tokenize(sql, { emitTrivia: true })) {
    const { text, span } = token;
    if (PLAIN.test(text)) continue;
    const kind = tokenName(token.type);
    if (kind === "STRING") continue;
    const isQuoted = kind === "COMMENT" || /^["`[]/.test(text);
    const found = text.search(isQuoted ? UNSEEN : BEYOND_ASCII);
    const hidden = found === -1 ? text.search(UNSEEN) : found;
    if (hidden !== -1) return refuse(sql, span.offset + hidden);
  }
  return undefined;
}

function refuse(sql: string, offset: number): Fault {
  const code = sql.codePointAt(offset) ?? 0;
  const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return fault(
    "character",
    spanAt(sql, offset),
    `the character ${name} has no place there`,
    "Take it out, put a name with other letters than a to z in double quotes, or bind the text as a parameter.",
  );
}

function spanAt(sql: string, offset: number): Span {
  const before = sql.slice(0, offset);
  const start = before.lastIndexOf("\n") + 1;
  return { ...START, offset, length: 1, line: before.split("\n").length, col: offset - start };
}
