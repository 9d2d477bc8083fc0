/** `ctx.text`: text work that costs ten to a hundred times more inside the sandbox. */
import { z } from "zod";
import { CONTENT_LIMITS } from "../content/limits.ts";
import { markdownToPortableText } from "../content/markdown.ts";
import { slugify } from "../content/slug.ts";
import { defineMethod } from "./define-bridge.ts";

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
    name: "text.slugify",
    capability: null,
    summary: "Makes the part of an address that a title would have.",
    args: z.tuple([z.string().max(1_000)]),
    kind: "compute",
    cost: (text) => text.length,
    handler: async (_, text) => slugify(text),
  }),
];
