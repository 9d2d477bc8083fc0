/**
 * How does a statement read with parts replaced? It is put together from its tokens, so comments are gone, nothing
 * follows it, and what stood apart stays apart.
 */
import type { Span, Token } from "sqlite3-parser";
import type { Statement } from "./read.ts";

/** What stands in place of some tokens. */
export interface Edit {
  /** The tokens that go: where the first begins. */
  readonly from: number;
  /** Where the last ends. */
  readonly to: number;
  readonly text: string;
  /** The part of {@link text} that is the host's and stays as it is: begin and length. */
  readonly trusted?: { readonly offset: number; readonly length: number };
}

/** A part of a rendered text that is the host's. */
export interface Trusted {
  readonly offset: number;
  readonly length: number;
}

/** A statement with its edits done. */
export interface Rendered {
  readonly text: string;
  readonly trusted: readonly Trusted[];
}

/** The edit that puts a text in place of the tokens from the first to the last span. */
export function replace(first: Span, last: Span, text: string, trusted?: Edit["trusted"]): Edit {
  const edit = { from: first.offset, to: last.offset + last.length, text };
  return trusted ? { ...edit, trusted } : edit;
}

/** The edit that adds a text after a token. */
export function append(after: Span, text: string): Edit {
  const end = after.offset + after.length;
  return { from: end, to: end, text };
}

/** The statement, edited. Edits must not overlap; one that begins where another ends comes after it. */
export function renderTokens(
  { sql, tokens }: Pick<Statement, "sql" | "tokens">,
  edits: readonly Edit[] = [],
): Rendered {
  const ordered = edits.length > 1 ? [...edits].sort((a, b) => a.from - b.from || a.to - b.to) : edits;
  const trusted: Trusted[] = [];
  let text = "";
  let end = tokens[0]?.span.offset ?? 0;
  let next = 0;
  const put = (edit: Edit) => {
    if (edit.trusted) trusted.push({ offset: text.length + edit.trusted.offset, length: edit.trusted.length });
    text += edit.text;
  };
  for (const token of tokens) {
    const { offset, length } = token.span;
    if (offset < end) continue;
    text += gap(sql, end, offset);
    end = offset + length;
    const edit = ordered[next];
    if (edit?.from === offset && edit.to > offset) {
      put(edit);
      end = edit.to;
      next++;
    } else {
      text += token.text;
    }
    while (ordered[next]?.to === end && ordered[next]!.from === end) put(ordered[next++]!);
  }
  // An edit that met no token would be left out in silence.
  if (next !== ordered.length) throw new Error("An edit of a statement does not begin where a token does");
  return { text, trusted };
}

/** What stands between two tokens: white space as it was, since SQLite names columns by it; a comment is one space. */
function gap(sql: string, from: number, to: number): string {
  if (from === to) return "";
  const between = sql.slice(from, to);
  return between.trim() === "" ? between : " ";
}

/** The part of a statement's tokens that lies within a span, as they are rendered without edits. */
export function textWithin({ sql, tokens }: Pick<Statement, "sql" | "tokens">, span: Span): string {
  const within = tokensWithin(tokens, span);
  return renderTokens({ sql, tokens: within }).text;
}

/** The tokens that lie within a span. */
export function tokensWithin(tokens: readonly Token[], span: Span): readonly Token[] {
  const end = span.offset + span.length;
  return tokens.filter(({ span: { offset, length } }) => offset >= span.offset && offset + length <= end);
}
