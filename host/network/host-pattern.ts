/**
 * Do the patterns of a grant cover the address of a request? By scheme, name and port together; what is missing is told
 * apart, so that the refusal can name the fix. Pure.
 */
import {
  coversHostName,
  coversHostPattern,
  parseHostPattern,
  toHostPattern,
  toHostPatternText,
  type HostPattern,
} from "@bulkhead/sdk";

/** What of an address is not granted: its name, or for a name that is, its scheme or its port. */
export interface Uncovered {
  readonly what: "host" | "scheme" | "port";
  /** The narrowest pattern that would cover the address. */
  readonly wanted: HostPattern;
  readonly granted: readonly string[];
}

/** What is granted besides the patterns. */
export interface PatternOptions {
  /** Every public host, over https on its own port. */
  readonly anywhere?: boolean;
}

/** Whether one of the patterns covers the address. SECURITY: a text that is no pattern covers nothing. (tests/host/network-table.test.ts, "covers nothing") */
export function coversRequest(patterns: readonly string[], url: URL, options?: PatternOptions): boolean {
  return findUncovered(patterns, url, options) === undefined;
}

/** Whether a grant for every public host covers the address. */
export function coversAnywhere(url: URL): boolean {
  return findUncovered([], url, { anywhere: true }) === undefined;
}

/** An address as the name of what a request uses: scheme, host and port, as a grant would say it. */
export function toHostTarget(url: URL): string {
  const wanted = toHostPattern(url);
  return wanted ? toHostPatternText(wanted) : url.protocol;
}

/** The address such a name stands for. */
export function fromHostTarget(target: string): URL {
  return new URL(target.startsWith("http://") ? target : `https://${target}`);
}

/** What is not covered; undefined where the address is. */
export function findUncovered(
  patterns: readonly string[],
  url: URL,
  { anywhere = false }: PatternOptions = {},
): Uncovered | undefined {
  const wanted = toHostPattern(url);
  const granted = [...(anywhere ? ["every host"] : []), ...patterns];
  if (!wanted) return { what: "scheme", wanted: { ...HTTPS, name: url.hostname }, granted };
  const parsed = patterns.map(parseHostPattern).filter((pattern) => pattern !== undefined);
  const all = anywhere ? [{ ...HTTPS, name: wanted.name }, ...parsed] : parsed;
  if (all.some((pattern) => coversHostPattern(pattern, wanted))) return undefined;
  const named = all.filter((pattern) => coversHostName(pattern, wanted));
  const isScheme = named.length > 0 && !named.some(({ scheme }) => scheme === wanted.scheme);
  return { what: named.length === 0 ? "host" : isScheme ? "scheme" : "port", wanted, granted };
}

const HTTPS = { scheme: "https", isWildcard: false, port: 443 } as const;

/** The refusal in words. What stands before the first period is EmDash's wording; plugins match on it. */
export function describeUncovered({ what, wanted, granted }: Uncovered): string {
  const { scheme, name, port } = wanted;
  const list = granted.length > 0 ? granted.join(", ") : "none";
  const ask = (pattern: string) =>
    `Add ${pattern} to "allowedHosts" in the manifest, or ask the administrator to grant it.`;
  const text = `"${toHostPatternText(wanted).slice(0, 270)}"`;
  switch (what) {
    case "host":
      return `Host not allowed: ${name.slice(0, 253)}. Granted: ${list}. ${ask(scheme === "https" && port === 443 ? "it" : text)}`;
    case "scheme":
      return `Unsupported scheme: ${scheme}. Granted: ${list}. ${scheme === "http" ? "Use https. " : ""}${ask(text)}`;
    case "port":
      return `Port not allowed: ${port}. Granted: ${list}. ${ask(text)}`;
  }
}
