/**
 * How is a URL parsed on the guest's behalf? By the platform's own parser, so that guest and host never differ. Names of
 * hosts are capped: turning one that is not ASCII into punycode takes the square of its length.
 */
import type { AskScene, AskTable } from "./op.ts";

const URL_PROPERTIES = [
  "href",
  "protocol",
  "username",
  "password",
  "host",
  "hostname",
  "port",
  "pathname",
  "search",
  "hash",
] as const;
type UrlProperty = (typeof URL_PROPERTIES)[number];

/** Most characters of a host's name and port; DNS knows no name over 253. */
const HOST_CHARS = 512;
/** Fuel for each character of a name that is not plain ASCII: 0.9 ms for 512 ideographs. */
const FUEL_PER_IDN_CHAR = 300;

/** Fuel for each pair of a query besides its characters: 1 to 2 µs. */
const FUEL_PER_PAIR = 250;
const params = { cost: { base: 5_000, perChar: 10 }, maxChars: 1_000_000, isPure: true } as const;

type Params = Iterable<[string, string]> & { append(name: string, value: string): void; toString(): string };
declare const URLSearchParams: new (query?: string) => Params;

export const urlOps: AskTable = {
  /** [url, base?] -> the parts. Up to 30 ns per character. */
  "url.parse": {
    cost: { base: 5_000, perChar: 10 },
    maxChars: 65_536,
    isPure: true,
    run: ([url, base], scene) => parseUrl(url, base, scene),
  },
  /** [href, property, value] -> the parts after setting. */
  "url.set": {
    cost: { base: 5_000, perChar: 20 },
    maxChars: 65_536,
    isPure: true,
    run: ([href, property, value], scene) => setUrl(href, property, value, scene),
  },
  /** [query] -> names and values in turn. */
  "params.parse": {
    ...params,
    run: ([query], scene) => (typeof query === "string" ? parseParams(query, scene) : undefined),
  },
  /** [...names and values in turn] -> the query. */
  "params.write": { ...params, run: writeParams },
};

function parseUrl(url: unknown, base: unknown, scene: AskScene) {
  if (typeof url !== "string" || !isPaidHost(hostOf(url), scene)) return undefined;
  if (typeof base === "string" && !isPaidHost(hostOf(base), scene)) return undefined;
  try {
    return toParts(typeof base === "string" ? new URL(url, base) : new URL(url));
  } catch {
    return undefined;
  }
}

function setUrl(href: unknown, property: unknown, value: unknown, scene: AskScene) {
  const known = URL_PROPERTIES.find((name) => name === property);
  if (typeof href !== "string" || typeof value !== "string" || known === undefined) return undefined;
  const host = known === "href" ? hostOf(value) : known === "host" || known === "hostname" ? untilPath(value) : "";
  if (!isPaidHost(host, scene) || !isPaidHost(hostOf(href), scene)) return undefined;
  try {
    const url = new URL(href);
    url[known] = value;
    return toParts(url);
  } catch {
    return undefined;
  }
}

function parseParams(query: string, { charge }: AskScene): readonly string[] {
  let pairs = 1;
  for (let at = query.indexOf("&"); at >= 0; at = query.indexOf("&", at + 1)) pairs += 1;
  charge(pairs * FUEL_PER_PAIR);
  return [...new URLSearchParams(query)].flat();
}

function writeParams(parts: readonly unknown[], { charge }: AskScene): string | undefined {
  charge((parts.length / 2) * FUEL_PER_PAIR);
  const written = new URLSearchParams();
  for (let index = 0; index < parts.length; index += 2) {
    const [name, value] = parts.slice(index, index + 2);
    if (typeof name !== "string" || typeof value !== "string") return undefined;
    written.append(name, value);
  }
  return written.toString();
}

/** SECURITY: what may become a host's name is short, and paid for if it is no ASCII (tests/sandbox/surface-url.test.ts). */
function isPaidHost(host: string, { charge }: AskScene): boolean {
  if (host.length > HOST_CHARS) return false;
  if (/[^!-~]|%|xn--/i.test(host)) charge(host.length * FUEL_PER_IDN_CHAR);
  return true;
}

/** What the parser would take for host and port; empty for schemes whose hosts are not looked into. */
function hostOf(url: string): string {
  const text = stripped(url);
  const prefix = /^(?:(?:https?|wss?|ftp|file):[\\/]*|[\\/]{2,})/i.exec(text);
  return prefix === null ? "" : untilPath(text.slice(prefix[0].length));
}

function untilPath(text: string): string {
  const authority = stripped(text).split(/[\\/?#]/, 1)[0] ?? "";
  return authority.slice(authority.lastIndexOf("@") + 1);
}

/** As the parser does first: without tabs and line breaks anywhere, and control characters in front. */
function stripped(text: string): string {
  let start = 0;
  while (text.charCodeAt(start) <= 0x20) start += 1;
  return text.slice(start).replaceAll(/[\t\n\r]/g, "");
}

function toParts(url: URL): Readonly<Record<UrlProperty | "origin", string>> {
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  return { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash };
}
