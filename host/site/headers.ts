/** Which headers does every public answer carry? */

/**
 * SECURITY: nothing executes on a public page, so whatever slips through escaping stays inert
 * (tests/site/site.test.ts, "headers").
 */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' https: data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * For a text that a plugin wrote. SECURITY: XML may be a page of its own, so nothing of it is of this origin either
 * (tests/host/page-paths.test.ts, "carries what lets nothing run").
 */
export const SANDBOXED_POLICY = `${POLICY}; sandbox`;

/** The headers of all pages and feeds. Pages are read from the database each time, so browsers ask each time. */
export const PUBLIC_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
  "cache-control": "no-cache",
};
