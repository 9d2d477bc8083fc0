/**
 * Does Markdown hold raw HTML that an article has no business with? The host would show it as text, never run it, but a
 * post full of tags is no post. Code is left out: an article may be about HTML. Pure.
 */

const UNWANTED =
  /<(?:!doctype|\/?(?:script|style|iframe|object|embed|form|html|head|body|link|meta|base|svg|math|template))\b/i;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** The first unwanted tag outside code, such as `<script`. */
export function findRawHtml(markdown: string): string | undefined {
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      if (mark?.startsWith(fence)) fence = undefined;
      continue;
    }
    if (mark !== undefined) {
      fence = mark;
      continue;
    }
    const found = UNWANTED.exec(line.replace(/`[^`]*`/g, ""));
    if (found) return found[0];
  }
  return undefined;
}
