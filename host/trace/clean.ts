/**
 * How does a stranger's text become harmless where people read it? No control characters, nothing that turns or hides
 * the text around it; each becomes one replacement character, so that columns stay what they were.
 */

/** Control characters but tab and line feed, line separators, marks of direction, and what takes no room. */
const UNPRINTABLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- these characters are the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text of several lines, at most `max` characters. */
export function cleanText(text: string, max: number): string {
  // SECURITY: no ANSI, no turned text, in any word of a plugin that is kept. (tests/host/traces.test.ts, "is inert")
  return text.slice(0, max).toWellFormed().replace(UNPRINTABLE, "\u{fffd}");
}

/** Text of one line: a name, a path, a message among other lines, none of which it can forge. */
export function cleanLine(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  return cleanText(cut.replace(/[\t\r\n]+/g, " "), max);
}
