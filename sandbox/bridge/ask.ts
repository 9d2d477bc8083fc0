/**
 * What may the guest ask for an answer on the spot? A closed list of pure functions of their argument, and randomness.
 * Each pays fuel for the work the host does, before the work, and caps its input.
 */
import type { JsonText } from "../types.ts";

/** Where the guest stands: at top level and in inspection nothing of the outside may be baked in. */
export type Phase = "top-level" | "entry";

interface AskOp {
  /** Fuel: for each question, and for each character of it. */
  readonly cost: { readonly base: number; readonly perChar: number };
  readonly maxChars: number;
  /** False for what would bake the outside into a memory image. */
  readonly isPure: boolean;
  /** Answers; undefined stands for "not valid". */
  readonly run: (args: readonly unknown[]) => unknown;
}

/** Most bytes of randomness in one question, as in Web Crypto. */
const RANDOM_BYTES = 65_536;
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

const ASK_OPS: Readonly<Record<string, AskOp>> = {
  /** [url, base?] -> the parts. 17 ns per character. */
  "url.parse": {
    cost: { base: 2_000, perChar: 10 },
    maxChars: 65_536,
    isPure: true,
    run: ([url, base]) => parseUrl(url, base),
  },
  /** [href, property, value] -> the parts after setting. */
  "url.set": {
    cost: { base: 2_000, perChar: 20 },
    maxChars: 65_536,
    isPure: true,
    run: ([href, property, value]) => setUrl(href, property, value),
  },
  /** [count] -> that many bytes, one character each. */
  random: { cost: { base: 10_000, perChar: 0 }, maxChars: 16, isPure: false, run: ([count]) => randomBytes(count) },
  uuid: { cost: { base: 2_000, perChar: 0 }, maxChars: 2, isPure: false, run: () => crypto.randomUUID() },
};

/** `=` and JSON text, or `!` and a message that says why not. */
export function answerAsk(op: string, json: JsonText, phase: Phase, charge: (fuel: number) => void): string {
  const known = Object.hasOwn(ASK_OPS, op) ? ASK_OPS[op] : undefined;
  if (known === undefined) return `!Cannot ask for ${op}: no such function.`;
  // SECURITY: an image must not hold randomness (tests/sandbox/isolation.test.ts).
  if (phase === "top-level" && !known.isPure)
    return `!Cannot use randomness at top level. Move it into a hook or route.`;
  if (json.length > known.maxChars) return `!Cannot ask for ${op}: the argument is over ${known.maxChars} characters.`;
  charge(known.cost.base + known.cost.perChar * json.length);
  const args = parseArgs(json);
  const answer = args === undefined ? undefined : known.run(args);
  return answer === undefined ? `!Invalid argument for ${op}.` : `=${JSON.stringify(answer)}`;
}

function parseArgs(json: JsonText): readonly unknown[] | undefined {
  try {
    const args: unknown = JSON.parse(json);
    return Array.isArray(args) ? args : undefined;
  } catch {
    return undefined;
  }
}

function parseUrl(url: unknown, base: unknown) {
  if (typeof url !== "string") return undefined;
  try {
    return toParts(typeof base === "string" ? new URL(url, base) : new URL(url));
  } catch {
    return undefined;
  }
}

function setUrl(href: unknown, property: unknown, value: unknown) {
  const known = URL_PROPERTIES.find((name) => name === property);
  if (typeof href !== "string" || typeof value !== "string" || known === undefined) return undefined;
  try {
    const url = new URL(href);
    url[known] = value;
    return toParts(url);
  } catch {
    return undefined;
  }
}

function toParts(url: URL): Readonly<Record<UrlProperty | "origin", string>> {
  const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash } = url;
  return { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash };
}

function randomBytes(count: unknown): string | undefined {
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0 || count > RANDOM_BYTES) return undefined;
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
