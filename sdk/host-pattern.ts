/**
 * What does a host in a manifest or a grant stand for? One name, or every name below it, over one scheme and on one port.
 * Manifest, grant and check read it with the same function, so that none of them sees more in it than the others.
 */

/** A host as it is asked for and granted. */
export interface HostPattern {
  readonly scheme: "https" | "http";
  /** `*.x` stands for every name below x and, as in EmDash, for x itself. */
  readonly isWildcard: boolean;
  /** Lower case, without `*.` and without the final dot of an absolute name. */
  readonly name: string;
  /** The scheme's own where none is written. */
  readonly port: number;
}

/** Longest text of a pattern. */
export const HOST_PATTERN_CHARS = 256;
/** What is expected where a pattern is none. */
export const HOST_PATTERN_WORDS =
  "Expected a host such as api.example.com, *.example.com or api.example.com:8443, without scheme or path; http://api.example.com only for plain http";

const OWN_PORT = { https: 443, http: 80 } as const;
const PATTERN =
  /^(http:\/\/)?(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)\.?(?::([1-9]\d{0,4}))?$/i;

/** Reads `host`, `*.host`, `host:port` and the same after `http://`; undefined for everything else. */
export function parseHostPattern(text: string): HostPattern | undefined {
  if (text.length > HOST_PATTERN_CHARS) return undefined;
  const parts = PATTERN.exec(text);
  if (!parts) return undefined;
  const scheme = parts[1] === undefined ? "https" : "http";
  const port = parts[6] === undefined ? OWN_PORT[scheme] : Number(parts[6]);
  if (port > 65_535) return undefined;
  return { scheme, isWildcard: parts[2] !== undefined, name: parts[3]!.toLowerCase(), port };
}

/** The one text for a pattern: what is stored, shown and compared. */
export function toHostPatternText({ scheme, isWildcard, name, port }: HostPattern): string {
  const ownPort = port === OWN_PORT[scheme];
  return `${scheme === "http" ? "http://" : ""}${isWildcard ? "*." : ""}${name}${ownPort ? "" : `:${port}`}`;
}

/** An address as the URL parser reads it. */
export interface ParsedAddress {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

/** The narrowest pattern that covers an address; undefined where its scheme is neither https nor http. */
export function toHostPattern({ protocol, hostname, port }: ParsedAddress): HostPattern | undefined {
  const scheme = protocol === "https:" ? "https" : protocol === "http:" ? "http" : undefined;
  if (scheme === undefined) return undefined;
  const name = hostname.toLowerCase().replace(/\.$/, "");
  return { scheme, isWildcard: false, name, port: port === "" ? OWN_PORT[scheme] : Number(port) };
}

/** Whether everything the inner pattern stands for is within the outer one. */
export function coversHostPattern(outer: HostPattern, inner: HostPattern): boolean {
  return outer.scheme === inner.scheme && outer.port === inner.port && coversHostName(outer, inner);
}

/** The same for the names alone, whatever scheme and port. */
export function coversHostName(outer: HostPattern, inner: HostPattern): boolean {
  if (!outer.isWildcard) return !inner.isWildcard && outer.name === inner.name;
  return outer.name === inner.name || inner.name.endsWith(`.${outer.name}`);
}
