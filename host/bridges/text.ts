/** `ctx.text`: text work that costs ten to a hundred times more inside the sandbox. */
import { z } from "zod";
import { CONTENT_LIMITS } from "../content/limits.ts";
import { markdownToPortableText } from "../content/markdown.ts";
import { slugify } from "../content/slug.ts";
import { drawBlocks } from "../site/portable-text.ts";
import { toSafeBlocks } from "../site/safe-blocks.ts";
import { TEXT_LIMITS } from "../text/limits.ts";
import { markdownToHtml } from "../text/markdown-html.ts";
import { toSimilarities } from "../text/similarity.ts";
import { sanitizeHtml } from "../text/sanitize-html.ts";
import { defineMethod } from "./define-bridge.ts";

/** Blocks with the characters they have as JSON. */
const blocksArgument = z.array(z.unknown()).transform((blocks, context) => {
  const chars = JSON.stringify(blocks).length;
  if (chars > TEXT_LIMITS.portableTextChars) {
    context.addIssue({
      code: "custom",
      message: `The blocks have ${chars} characters as JSON; at most ${TEXT_LIMITS.portableTextChars} are allowed`,
    });
    return z.NEVER;
  }
  return { blocks, chars };
});

const comparable = z.string().max(TEXT_LIMITS.comparedChars);

/** The bridge methods of `ctx.text`. */
export const textMethods = [
  defineMethod({
    name: "text.markdownToPortableText",
    capability: null,
    summary: "Turns Markdown into Portable Text blocks. Raw HTML in it stays text.",
    args: z.tuple([z.string().max(CONTENT_LIMITS.markdownBytes)]),
    kind: "compute",
    cost: (markdown) => markdown.length,
    handler: async (_, markdown) => markdownToPortableText(markdown),
  }),
  defineMethod({
    name: "text.markdownToHtml",
    capability: null,
    summary: "Turns Markdown into HTML that is safe on a page. Raw HTML in it stays text.",
    args: z.tuple([z.string().max(CONTENT_LIMITS.markdownBytes)]),
    kind: "compute",
    // Drawn, then sanitised.
    cost: (markdown) => markdown.length * 2,
    handler: async (_, markdown) => markdownToHtml(markdown),
  }),
  defineMethod({
    name: "text.sanitizeHtml",
    capability: null,
    summary: "Leaves of HTML what is safe on a page: text, structure, links and images.",
    args: z.tuple([z.string().max(TEXT_LIMITS.htmlChars)]),
    kind: "compute",
    cost: (html) => html.length,
    handler: async (_, html) => sanitizeHtml(html),
  }),
  defineMethod({
    name: "text.portableTextToHtml",
    capability: null,
    summary: "Draws Portable Text as HTML, as the site does. Unknown blocks are left out.",
    args: z.tuple([blocksArgument]),
    kind: "compute",
    cost: ({ chars }) => chars,
    handler: async (_, { blocks }) => drawBlocks(toSafeBlocks(blocks)),
  }),
  defineMethod({
    name: "text.slugify",
    capability: null,
    summary: "Makes the part of an address that a title would have.",
    args: z.tuple([z.string().max(1_000)]),
    kind: "compute",
    cost: (text) => text.length,
    handler: async (_, text) => slugify(text),
  }),
  defineMethod({
    name: "text.similarity",
    capability: null,
    summary: "Says of each of many short texts how alike it is to one: from 0 to 1, the same words.",
    args: z.tuple([comparable, z.array(comparable).max(TEXT_LIMITS.compared)]),
    kind: "compute",
    cost: (text, others) => others.reduce((sum, other) => sum + other.length, text.length),
    handler: async (_, text, others) => toSimilarities(text, others),
  }),
];
