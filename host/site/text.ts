/** Text for pages and feeds: free of what neither HTML nor XML can carry, and short where it must be. Pure. */

/** The text without control characters, noncharacters and halves of surrogate pairs. */
export function toCleanText(value: unknown): string {
  if (typeof value !== "string") return "";
  return value.toWellFormed().replace(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, "");
}

/** The text on one line, cut at a word where it is longer than `maxChars`. */
export function toSummary(text: string, maxChars: number): string {
  const line = toCleanText(text).replace(/\s+/g, " ").trim();
  if (line.length <= maxChars) return line;
  const cut = line.slice(0, maxChars);
  const space = cut.lastIndexOf(" ");
  return `${(space > maxChars / 2 ? cut.slice(0, space) : cut).toWellFormed().replace(/[\s.,;:!?\uFFFD-]+$/u, "")}…`;
}

/** Text within XML and HTML, in elements and in quoted attributes. */
export function escapeMarkup(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return toCleanText(text).replace(/[&<>"']/g, (char) => entities[char] ?? "");
}
