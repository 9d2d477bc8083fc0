/** How does JSON-LD stand in a page? As JSON that no text within it can break out of. Pure. */

/**
 * The JSON of a graph for a `<script type="application/ld+json">`.
 *
 * SECURITY: `<`, `>` and `&` are written as escapes, which JSON reads as the same characters, so neither `</script>` nor
 * `<!--` can appear (tests/site/site.test.ts, "stored XSS").
 */
export function toJsonLd(graph: unknown): string {
  const escapes: Readonly<Record<string, string>> = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
  };
  return JSON.stringify(graph).replace(/[<>&\u2028\u2029]/g, (char) => escapes[char] ?? "");
}
