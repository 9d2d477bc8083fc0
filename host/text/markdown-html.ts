/**
 * What does Markdown become as HTML? CommonMark with tables and strikethrough; raw HTML in it stays the characters it is
 * written in. The result is sanitised like anybody's HTML, so the renderer need not be trusted. Pure.
 */
import MarkdownIt from "markdown-it";
import { HostError } from "../errors.ts";
import { CONTENT_LIMITS, utf8Bytes } from "../content/limits.ts";
import { toHref } from "./allowed-html.ts";
import { sanitizeHtml } from "./sanitize-html.ts";

const renderer = new MarkdownIt({ html: false, linkify: false, typographer: false });
// A link that may not be followed stays as it was written.
renderer.validateLink = (url) => toHref(url) !== undefined;

/**
 * Markdown as sanitised HTML.
 *
 * @param markdown at most `CONTENT_LIMITS.markdownBytes`.
 * @throws HostError PAYLOAD_TOO_LARGE.
 */
export function markdownToHtml(markdown: string): string {
  const bytes = utf8Bytes(markdown);
  if (bytes > CONTENT_LIMITS.markdownBytes) {
    throw new HostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot convert ${bytes} bytes of Markdown: at most ${CONTENT_LIMITS.markdownBytes} are allowed. Convert it in parts.`,
    );
  }
  return sanitizeHtml(renderer.render(markdown));
}
