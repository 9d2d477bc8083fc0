/**
 * Which part of a stranger's text may stand in an error message? One short line of plain words: no markup, no control
 * characters, and nothing that could be a key.
 */

/** Most characters of an excerpt. */
const EXCERPT_CHARS = 160;

/** A short, clean piece of the text, in quotes; empty where nothing is left. */
export function toExcerpt(text: string): string {
  const line = maskKeys(text.slice(0, 4_000))
    .replace(/<[^>]*>/g, " ")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  if (line === "") return "";
  return `"${line.length > EXCERPT_CHARS ? `${line.slice(0, EXCERPT_CHARS)}…` : line}"`;
}

/**
 * SECURITY: providers repeat a wrong key in their answer, whole or in part; it must not reach logs or run rows. Test:
 * plugins "500 is the provider's, and comes with a short clean excerpt".
 */
export function maskKeys(text: string): string {
  return text.replace(/\b(?:sk|pk|key|bearer)[-_ ][^\s"',<>]+/gi, "[key]").replace(/[\w*+=-]{20,}/g, "[…]");
}
