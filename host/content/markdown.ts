/**
 * What does Markdown become as Portable Text? Pure, and the same for the same text: keys are counted, not drawn. Raw HTML
 * stays the characters it is written in; addresses are limited to safe schemes; what has no block of its own becomes text.
 */
import { markdownToPortableText as convert } from "@portabletext/markdown";
import type { PortableTextBlock } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import { CONTENT_LIMITS, utf8Bytes } from "./limits.ts";
import { toEmDashBlocks, type LooseBlock } from "./markdown-blocks.ts";
import { mostLinks } from "./markdown-links.ts";

/**
 * Markdown (CommonMark with tables, strikethrough and task lists) as Portable Text in EmDash's shapes: text blocks, lists,
 * `code`, `image`, `table` and `break`.
 *
 * @param markdown at most `CONTENT_LIMITS.markdownBytes`.
 * @throws HostError PAYLOAD_TOO_LARGE.
 */
export function markdownToPortableText(markdown: string): readonly PortableTextBlock[] {
  const bytes = utf8Bytes(markdown);
  if (bytes > CONTENT_LIMITS.markdownBytes) {
    throw new HostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot convert ${bytes} bytes of Markdown: at most ${CONTENT_LIMITS.markdownBytes} are allowed. Convert it in parts.`,
    );
  }
  // SECURITY: what takes the square of its input is bounded. (tests/host/text.test.ts, "as many links as one paragraph may have")
  const links = mostLinks(markdown, CONTENT_LIMITS.blockLinks);
  if (links > CONTENT_LIMITS.blockLinks) {
    throw new HostError(
      "PAYLOAD_TOO_LARGE",
      `Cannot convert a paragraph with ${links} links: at most ${CONTENT_LIMITS.blockLinks} are allowed. Make several paragraphs of it.`,
    );
  }
  const blocks = convert(markdown, {
    keyGenerator: createKeys("m"),
    html: { inline: "text" },
    // By itself the library joins the paragraphs of a list item without a space; as objects they stay apart.
    types: { list: ({ value }) => ({ _key: "", ...value, _type: "list" }) },
  });
  return toEmDashBlocks(blocks as readonly LooseBlock[], createKeys("k"));
}

function createKeys(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}${(count += 1)}`;
}
