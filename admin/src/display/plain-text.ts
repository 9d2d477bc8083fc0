/**
 * How is a string that somebody else wrote shown? As plain text of a bounded length, without the characters that
 * reorder or hide the text around them. React escapes markup; this takes care of what escaping leaves.
 */

/** Bidirectional overrides and isolates, zero-width and other invisible characters, control characters but tab and line feed. */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class -- these characters are the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The text, at most `max` characters, then an ellipsis. */
export function plainText(value: string, max = 200): string {
  // Cut before cleaning: a megabyte of text should not be walked for a line of it.
  const head = value.slice(0, max * 2).replace(INVISIBLE, "");
  const characters = [...head];
  return characters.length > max ? `${characters.slice(0, max).join("")}…` : head;
}
