/** Which headers may a plugin send, which of them follow a redirect to another site, and which may it read? Pure. */
import { fail, ok, type Result } from "../result.ts";

/** Headers that belong to the connection, to Cloudflare or to the browser: a plugin that sets one is refused. */
const FORBIDDEN = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "via",
  "cookie",
  "cookie2",
  "set-cookie",
  "cdn-loop",
  "forwarded",
  "x-real-ip",
  "true-client-ip",
]);
const FORBIDDEN_PREFIXES = ["cf-", "x-forwarded-", "proxy-", "sec-"];

/** All that may follow a redirect to another origin; a plugin may put a key into any other header. */
const CROSS_ORIGIN = new Set(["accept", "accept-language", "content-type", "user-agent"]);

const HIDDEN = new Set([
  "set-cookie",
  "set-cookie2",
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
]);

/** A header's name. Not every runtime's `Headers` refuses an empty one. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** The headers a plugin asked for, or why one is refused. */
export function toRequestHeaders(pairs: readonly (readonly [string, string])[]): Result<Headers, string> {
  const headers = new Headers();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    // SECURITY: no spoofed origin, client or length. (tests/host/requests.test.ts, "of connection, client and browser are refused")
    if (FORBIDDEN.has(lower) || FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
      return fail(`Header not allowed: ${lower.slice(0, 80)}. The host sets it itself.`);
    }
    try {
      if (!NAME.test(lower)) throw new TypeError("not a token");
      headers.append(name, value);
    } catch {
      return fail(
        `Not a valid header: ${JSON.stringify(name.slice(0, 80))}. Names and values have no line breaks or control characters.`,
      );
    }
  }
  return ok(headers);
}

/** The headers that go on to another origin: the harmless ones, unless a secret was filled into one. */
export function forOtherOrigin(headers: Headers, secretHeaders: readonly string[]): Headers {
  const secret = new Set(secretHeaders.map((name) => name.toLowerCase()));
  return new Headers([...headers].filter(([name]) => CROSS_ORIGIN.has(name) && !secret.has(name)));
}

/** The answer's headers a plugin may read. */
export function toGuestHeaders(headers: Headers): readonly (readonly [string, string])[] {
  return [...headers].filter(([name]) => !HIDDEN.has(name) && !name.startsWith("cf-"));
}
