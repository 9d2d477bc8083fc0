/**
 * How many links has the paragraph with the most? The library that makes Portable Text takes the square of them, so that
 * 17,000 addresses in a row keep it busy for half a minute. Pure.
 */
import MarkdownIt from "markdown-it";

/** Reads as the library does: bare addresses are links. */
const reader = new MarkdownIt({ html: true, linkify: true }).enable(["strikethrough", "table"]);

/** Every link has one of these at least. */
const SIGNS = /\]|<[a-z]|\S\.\S|@|\/\//gi;

/** The most links that one paragraph, heading or cell has; 0 where all of the text together cannot have `enough`. */
export function mostLinks(markdown: string, enough: number): number {
  if ((markdown.match(SIGNS)?.length ?? 0) <= enough) return 0;
  const counts = reader
    .parse(markdown, {})
    .map(({ children }) => children?.filter(({ type }) => type === "link_open").length ?? 0);
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
