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
  /** Contributions to places of a page that are taken from one plugin. */
  slotContributions: 10,
  /** Blocks of one plugin at one place, and their characters as JSON. */
  slotBlocks: 50,
  slotChars: 20_000,
  /** Characters of the address of a request that a plugin is asked to answer. */
  requestUrlChars: 8_192,
  /** Bytes in UTF-8 of a text with which a plugin answers an address, and seconds for which caches may keep it. */
  answerBytes: 2_097_152,
  answerMaxAge: 3_600,
  /** Characters of the title and of the description of a page with which a plugin answers one. */
  answerTitleChars: 300,
  answerDescriptionChars: 1_000,
  /** Characters of its blocks as JSON: drawing them takes up to 0.5 µs for each, which no fuel pays for. */
  answerBlockChars: 500_000,
  /** Seconds after which crawlers may ask again for an address whose plugin failed. */
  failedRetrySeconds: 60,
  /** Blocks of a post that are drawn, and spans of a block with their marks: drawing takes the square of the spans. */
  blocks: 5_000,
  spans: 500,
  /** Rows and columns of a table that are drawn. */
  tableRows: 500,
  tableColumns: 50,
  /** Cells of all tables together: each is drawn like a page of its own, in 6 µs. */
  tableCells: 10_000,
  /** Depth of nested lists. */
  listLevel: 6,
} as const;
