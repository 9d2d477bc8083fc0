/** How much does a public page show, and how much of hostile content does it take on? */

/** Limits of the public site. */
export const SITE_LIMITS = {
  /** Posts of a list page. */
  listPosts: 12,
  /** Most list pages: beyond, the offset alone would read more rows than a visitor is worth. */
  listPages: 500,
  /** Posts of the feed, each in full. */
  feedPosts: 20,
  /** Addresses of one sitemap file: the protocol's most. */
  sitemapUrls: 50_000,
  /** Characters of a description that is made of a post's text. */
  descriptionChars: 180,
  /** Contributions to a page's head that are taken from one plugin, and characters of one's text. */
  contributions: 50,
  contributionChars: 5_000,
  /** Bytes of one JSON-LD contribution. */
  jsonLdBytes: 50_000,
  /** Blocks of a post that are drawn, and spans of a block with their marks: drawing takes the square of the spans. */
  blocks: 5_000,
  spans: 500,
  /** Rows and columns of a table that are drawn. */
  tableRows: 500,
  tableColumns: 50,
  /** Depth of nested lists. */
  listLevel: 6,
} as const;
