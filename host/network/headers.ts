/** Which headers may a plugin send, which of them follow a redirect to another site, and which may it read? Pure. */
import { fail, ok, type Result } from "../result.ts";

/** Headers that belong to the connection, to Cloudflare or to the browser, or say who asks: a plugin that sets one is refused. */
const FORBIDDEN = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "te",
  "trailer",
  "trailers",
  "upgrade",
  "http2-settings",
  "early-data",
  "alt-used",
  "expect",
  "accept-encoding",
  "via",
  "cookie",
  "cookie2",
  "set-cookie",
  "cdn-loop",
  "forwarded",
  "x-forwarded",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-original-host",
  "x-host",
  "client-ip",
  "true-client-ip",
  "fastly-client-ip",
]);
const FORBIDDEN_PREFIXES = ["cf-", "x-forwarded-", "x-original-forwarded-", "proxy-", "sec-"];

/** Some servers do what these say instead of the method that was granted. */
const METHOD_OVERRIDES = new Set(["x-http-method", "x-http-method-override", "x-method-override"]);

/** Headers with one value: of two, some servers read the first and some the last. */
const SINGLE = new Set(["authorization", "content-type", "user-agent", "origin", "referer", "date", "range"]);

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

/** A header's name, and its value without the blanks around it. Not every runtime's `Headers` is as strict as the standard. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

type Pairs = readonly (readonly [string, string])[];

/** The headers a plugin asked for, those with a secret included, or why one is refused. */
export function toRequestHeaders(plain: Pairs, secret: Pairs): Result<Headers, string> {
  const headers = new Headers();
  const single = new Set([...SINGLE, ...secret.map(([name]) => name.toLowerCase())]);
  for (const [name, value] of [...plain, ...secret]) {
    const lower = name.toLowerCase();
    const shown = lower.slice(0, 80);
    // SECURITY: no spoofed origin, client or length. (tests/host/requests.test.ts, "of connection, client and browser are refused")
    if (FORBIDDEN.has(lower) || FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
      return fail(`Header not allowed: ${shown}. The host sets it itself.`);
    }
    // SECURITY: a grant of some methods is one of those alone. (tests/host/requests.test.ts, "stands for another method")
    if (METHOD_OVERRIDES.has(lower)) {
      return fail(`Header not allowed: ${shown}. It stands for another method; send that one as "method".`);
    }
    // SECURITY: nothing is added to a header that holds a secret. (tests/host/requests.test.ts, "given twice")
    if (single.has(lower) && NAME.test(lower) && headers.has(lower)) {
      return fail(`Header not allowed: ${shown} is given twice. Give it once, in "headers" or in "secretHeaders".`);
    }
    const trimmed = value.trim();
    try {
      if (!NAME.test(lower) || !VALUE.test(trimmed)) throw new TypeError("not a header");
      headers.append(name, trimmed);
    } catch {
      return fail(
        `Not a valid header: ${JSON.stringify(name.slice(0, 80))}. Names are letters, digits and hyphens; values have no line breaks, no control characters and nothing beyond Latin-1.`,
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
