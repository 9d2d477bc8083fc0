/** How large may content be? One table; what is refused names the entry it exceeded. */

/** Limits of content. Characters are UTF-16 code units, bytes are UTF-8. */
export const CONTENT_LIMITS = {
  /** Characters of the field `title`. */
  titleChars: 300,
  /** Characters of the field `excerpt`. */
  excerptChars: 2_000,
  /** Characters of a slug that a caller gives. It stands in addresses, where 2,048 in all are safe everywhere. */
  slugChars: 200,
  /** Characters of a slug that is made from a title, before a suffix such as `-2`. */
  madeSlugChars: 80,
  /** Characters of any other field of type `string`, `url`, `slug`, `select`, `reference` or `datetime`. */
  lineChars: 2_048,
  /** Characters of any other field of type `text`. */
  textChars: 100_000,
  /** Characters of an SEO title, and of an SEO description. */
  seoTitleChars: 300,
  seoDescriptionChars: 1_000,
  /** Blocks of a portableText field, and items of a multiSelect or repeater field. */
  blocks: 5_000,
  /** How deep objects and arrays may be nested within one field. Real Portable Text needs about 6; tables 8. */
  depth: 24,
  /**
   * Bytes of all fields of one item as JSON. D1 takes 2,000,000 per row and per value; the same JSON stands once in the
   * item's row and once in its revision, so half of that leaves room for the other columns.
   */
  itemBytes: 1_000_000,
  /** Bytes of a request's body at the content API: an item, JSON escapes and its SEO fields. */
  bodyBytes: 2_000_000,
  /** Characters of an idempotency key. */
  idempotencyKeyChars: 200,
  /** Items of a page where none is asked for: at the HTTP API and the site, and in `ctx.content.list`. */
  pageItems: 20,
  pluginPageItems: 50,
  /** Most items of a page. D1 takes 100 parameters per statement. */
  maxPageItems: 100,
  /** Fields a list may be filtered by, values of one `in`, and values of all of them together. EmDash's. */
  filters: 20,
  filterIn: 50,
  filterOperands: 50,
  /**
   * Bytes of all items of a page; a page that would exceed it ends earlier. A hundred items of the largest size would
   * not fit the 128 MB of an isolate, and a plugin takes 4,000,000 characters in one answer.
   */
  pageBytes: 3_000_000,
  /**
   * Bytes of Markdown that `text.markdownToPortableText` takes: some 20,000 words. The parser takes the square of some
   * hostile inputs; of this size the worst known (`[` throughout) takes a quarter of a second.
   */
  markdownBytes: 128_000,
  /** Links of one paragraph, heading or cell of Markdown; the parser takes the square of them. */
  blockLinks: 500,
  /** How often a write is tried again after another one took its slug or changed the item meanwhile. */
  writeAttempts: 5,
} as const;

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
