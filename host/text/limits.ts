/** How large may a text be that the host works on for a plugin? One table; what is refused names the entry it exceeded. */

/** Limits of `ctx.text`, beside `CONTENT_LIMITS.markdownBytes`. Characters are UTF-16 code units. */
export const TEXT_LIMITS = {
  /** Characters of HTML that are sanitised at once: as much as of Markdown, some 20,000 words. */
  htmlChars: 128_000,
  /** Characters of Portable Text as JSON that are drawn at once. */
  portableTextChars: 128_000,
  /** Texts that one is compared with at once, and characters of each. */
  compared: 1_000,
  comparedChars: 1_000,
  /** Elements within each other that are kept; browsers stop at 512, and ordinary pages stay below 20. */
  depth: 32,
  /** Characters of an attribute for people: `alt` and `title`. */
  attributeChars: 1_000,
} as const;
