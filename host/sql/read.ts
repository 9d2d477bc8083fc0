/** What does a text of SQL say? One statement as SQLite's own grammar reads it, with the tokens it is made of. */
import { parse, parseStmt, tokenize, type CmdList, type Stmt, type Token } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { refuseCharacters } from "./characters.ts";
import { fault, START, type Fault } from "./refusal.ts";

/** One statement, read. */
export interface Statement {
  readonly sql: string;
  readonly root: Stmt;
  /** Its tokens in order, without comments and without semicolons around it. */
  readonly tokens: readonly Token[];
}

/** Several statements of one text, read. */
export interface Script {
  readonly root: CmdList;
  readonly tokens: readonly Token[];
}

/** How large a text may be. */
export interface ReadLimits {
  readonly bytes: number;
  readonly tokens: number;
}

/** Reads exactly one statement. */
export function readStatement(sql: string, limits: ReadLimits): Result<Statement, Fault> {
  const refused = refuseText(sql, limits);
  if (refused) return fail(refused);
  const parsed = reading(() => parseStmt(sql, { emitTokens: true }));
  if (!parsed) return fail(UNREADABLE);
  if (parsed.status === "ok") return ok({ sql, root: parsed.root, tokens: withoutEnds(parsed.tokens ?? []) });
  const [error] = parsed.errors;
  if (error?.message.startsWith("expected end of input")) {
    return fail(
      fault(
        "statement",
        error.span,
        "there is more than one statement",
        "Send one at a time, or several by ctx.db.batch.",
      ),
    );
  }
  return fail(toSyntaxFault(parsed.errors));
}

/** Reads all statements of a text. */
export function readScript(sql: string, limits: ReadLimits): Result<Script, Fault> {
  const refused = refuseText(sql, limits);
  if (refused) return fail(refused);
  const parsed = reading(() => parse(sql, { emitTokens: true }));
  if (!parsed) return fail(UNREADABLE);
  if (parsed.status === "error") return fail(toSyntaxFault(parsed.errors));
  return ok({ root: parsed.root, tokens: withoutEnds(parsed.tokens ?? []) });
}

const UNREADABLE = fault("syntax", START, "it cannot be read", "Write it in a simpler way.");

/** A parser that throws has met something nobody thought of: that is no statement to run. */
function reading<Parsed>(read: () => Parsed): Parsed | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

// SECURITY: judged before the parser sees it, which takes long over very many parts.
// (tests/sql/limits.test.ts, "bytes")
function refuseText(sql: string, limits: ReadLimits): Fault | undefined {
  if (isLonger(sql, limits.bytes)) {
    return fault(
      "limit",
      START,
      `it has more than ${limits.bytes} bytes`,
      "Split it, or bind long texts as parameters.",
    );
  }
  const character = refuseCharacters(sql);
  if (character) return character;
  if (sql.length <= limits.tokens) return undefined;
  let count = 0;
  for (const { span } of tokenize(sql)) {
    if (++count > limits.tokens) {
      return fault("limit", span, `it has more than ${limits.tokens} words, literals and signs`, "Split it.");
    }
  }
  return undefined;
}

/** A semicolon. */
const [SEMI] = [...tokenize(";")].map(({ type }) => type);

const encoder = new TextEncoder();

/** Whether a text has more bytes than that. A character of JavaScript has one to three. */
export function isLonger(text: string, bytes: number): boolean {
  return text.length > bytes || (text.length * 3 > bytes && byteLength(text) > bytes);
}

/** Bytes of UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

function withoutEnds(tokens: readonly Token[]): readonly Token[] {
  // The parser adds two of no length at the end.
  return tokens.filter(({ text, type }) => text !== "" && type !== SEMI);
}

function toSyntaxFault(errors: readonly { readonly message: string; readonly span: Fault["at"] }[]): Fault {
  const [error] = errors;
  const what = (error?.message ?? "it cannot be read").replace(/\s+/g, " ");
  return fault("syntax", error?.span ?? START, what, "Expected one statement in SQLite's syntax.");
}
