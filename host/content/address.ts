/**
 * Which addresses may content carry into a page? http, https, mailto, and addresses relative to the site; judged by the
 * parser that browsers use, so that no spelling of `javascript:` passes.
 */

/** No browser or crawler is sure to take more. */
const MAX_CHARS = 2_048;
const BASE = "https://relative.invalid/";

/**
 * The address as it may stand in `href`, or undefined. Absolute ones come back as the parser writes them, relative ones
 * and fragments as they were.
 */
export function toSafeHref(text: unknown): string | undefined {
  const url = toUrl(text);
  if (url === undefined) return undefined;
  // SECURITY: an allow-list of schemes (tests/site/site.test.ts, "stored XSS").
  if (url.kind === "relative") return url.text;
  return ["http:", "https:", "mailto:"].includes(url.url.protocol) ? url.url.href : undefined;
}

/** The address as it may stand in `src` or a canonical link: as `toSafeHref`, without mailto. */
export function toSafeSource(text: unknown): string | undefined {
  const href = toSafeHref(text);
  return href === undefined || href.startsWith("mailto:") || href.startsWith("#") ? undefined : href;
}

type Parsed = { readonly kind: "absolute"; readonly url: URL } | { readonly kind: "relative"; readonly text: string };

function toUrl(text: unknown): Parsed | undefined {
  if (typeof text !== "string" || text.length > MAX_CHARS) return undefined;
  const trimmed = text.trim();
  // SECURITY: browsers drop tabs and line ends inside an address and read backslashes as slashes. Nobody needs either.
  if (trimmed === "" || /[\p{Cc}\\]/u.test(trimmed)) return undefined;
  const absolute = URL.parse(trimmed);
  if (absolute) return { kind: "absolute", url: absolute };
  const resolved = URL.parse(trimmed, BASE);
  if (!resolved) return undefined;
  // `//other.example/x` has no scheme of its own but leaves the site.
  return resolved.href.startsWith(BASE) ? { kind: "relative", text: trimmed } : { kind: "absolute", url: resolved };
}
