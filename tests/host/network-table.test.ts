/** Does every row of the table come out as it says, whoever asks: the pure functions, or a plugin through its bridge? */
import { toHostPatternText, parseHostPattern } from "@bulkhead/sdk";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { checkAddress } from "../../host/network/address.ts";
import { coversRequest, describeUncovered, findUncovered } from "../../host/network/host-pattern.ts";
import { describeIpLiteral } from "../../host/network/ip-literal.ts";
import { toOwnHosts } from "../../host/network/own-hosts.ts";
import { sendRequest } from "../../host/network/send.ts";
import { install } from "./client.ts";
import { anywhere, client, get, listen } from "./client-plugin.ts";
import { ADDRESSES, CHAINS, GRANTED, OWN_ADDRESSES, type Chain, type Verdict } from "./network-table.ts";

beforeEach(() => target.reset());

const OWN = toOwnHosts(OWN_ADDRESSES);
const WORDS: Readonly<Record<Chain["verdict"], RegExp>> = {
  ok: /^$/,
  host: /^Host not allowed: /,
  scheme: /^Unsupported scheme: /,
  port: /^Port not allowed: /,
  internal: /^Blocked fetch to internal host: /,
  name: /^Not a host name: /,
  user: /user name or password/,
  address: /^(Not an address: |The address is longer)/,
  "too-many": /^Too many redirects \(max 5\)\.$/,
  "not-an-address": /redirected to something that is not an address/,
};

function refuse(url: string, granted: readonly string[] = GRANTED): string {
  const address = checkAddress(url, OWN);
  if (!address.ok) return address.reason;
  const uncovered = findUncovered(granted, address.value);
  return uncovered ? describeUncovered(uncovered) : "";
}
function judge(url: string): Verdict | undefined {
  const why = refuse(url);
  return (Object.keys(WORDS) as Verdict[]).find((verdict) => WORDS[verdict].test(why));
}

describe("the table of addresses", () => {
  it("holds no row twice, and rows of every kind", () => {
    expect(new Set(ADDRESSES.map(([url]) => url)).size).toBe(ADDRESSES.length);
    expect(ADDRESSES.length + CHAINS.length).toBeGreaterThanOrEqual(120);
    for (const verdict of ["ok", "host", "scheme", "port", "internal", "name", "user", "address"])
      expect(ADDRESSES.filter((row) => row[1] === verdict).length).toBeGreaterThan(5);
  });

  it.each(ADDRESSES)("%j: %s", (url, verdict) => {
    expect(judge(url)).toBe(verdict);
  });

  it("comes out the same for a plugin, every third row", async () => {
    await install(client(GRANTED.slice(0, 10)));
    for (const [url, verdict] of ADDRESSES.filter((_, index) => index % 3 === 0)) {
      // The site under test knows one of its own names.
      if (url.includes("workers.dev")) continue;
      const seen = listen();
      const { error, value } = await get(url);
      const [reached, answered] = [seen.length, value !== undefined];
      expect({ url, reached, answered, code: error?.code, words: error?.message ?? "" }).toEqual({
        url,
        reached: verdict === "ok" ? 1 : 0,
        answered: verdict === "ok",
        code: verdict === "ok" ? undefined : "DENIED",
        words: expect.stringMatching(WORDS[verdict]),
      });
    }
  });

  it("has nothing that gets out though every host is granted, every third row that is never reached", async () => {
    await install(anywhere());
    const never = ADDRESSES.filter(([url, verdict]) => verdict === "internal" && !url.includes("workers.dev"));
    for (const [url] of never.filter((_, index) => index % 3 === 1)) {
      const seen = listen();
      expect({ url, message: (await get(url)).error?.message, seen }).toEqual({
        url,
        message: expect.stringMatching(WORDS.internal),
        seen: [],
      });
    }
    for (const [url, words] of [
      ["http://any.shop.dev/", /^Unsupported scheme: http\. Granted: every host\./],
      ["https://any.shop.dev:8443/", /^Port not allowed: 8443\. Granted: every host\./],
    ] as const)
      expect((await get(url)).error?.message).toMatch(words);
    listen();
    expect(await get("https://any.shop.dev/")).toMatchObject({ value: { status: 200 } });
  });
});

/** A server that gives a chain's answers in turn, and what it was asked. */
function serve({ answers }: Chain): {
  readonly sent: string[];
  readonly keys: boolean[];
  answer(request: Request): Response;
} {
  const sent: string[] = [];
  const keys: boolean[] = [];
  return {
    sent,
    keys,
    answer({ method, url, headers }) {
      const [status, location] = answers[sent.length] ?? [200, ""];
      sent.push(`${method} ${url.replace(/#.*/, "")}`);
      keys.push(headers.has("x-key") && headers.has("authorization"));
      return new Response(null, { status, headers: status === 200 ? {} : { location } });
    },
  };
}
const HEADERS = { "x-key": "k", authorization: "Bearer k", "content-type": "text/plain" };
const bodyOf = (method: string) => (["POST", "PUT"].includes(method) ? "body" : undefined);

describe("the table of redirects", () => {
  it.each(CHAINS.map((chain) => [chain.what, chain] as const))("%s", async (_, chain) => {
    const server = serve(chain);
    const { start, method = "GET", verdict, sent, hasKey } = chain;
    const body = bodyOf(method);
    const result = await sendRequest(
      { url: start, method, headers: new Headers(HEADERS), body: body ? new TextEncoder().encode(body) : undefined },
      {
        fetch: async (request) => server.answer(request),
        refuseHost: async (url) => {
          const uncovered = findUncovered(GRANTED, url);
          return uncovered && describeUncovered(uncovered);
        },
        ownHosts: OWN,
        signal: new AbortController().signal,
        takeRoom: () => true,
        mostBytes: BRIDGE_LIMITS.bodyBytes,
        maxRedirects: BRIDGE_LIMITS.redirects,
      },
    );
    expect({ ok: result.ok, words: result.ok ? "" : result.reason.message, sent: server.sent }).toEqual({
      ok: verdict === "ok",
      words: expect.stringMatching(WORDS[verdict]),
      sent,
    });
    if (hasKey !== undefined) expect(server.keys.at(-1)).toBe(hasKey);
  });

  it("comes out the same for a plugin, every other row", async () => {
    await install(client(GRANTED.slice(0, 10)));
    for (const chain of CHAINS.filter((_, index) => index % 2 === 0)) {
      const { what, start, method = "GET", verdict, sent, hasKey } = chain;
      const server = serve(chain);
      target.internet((request) => server.answer(request));
      const { error } = await get(start, { method, headers: HEADERS, body: bodyOf(method) });
      expect({ what, error: error?.message ?? "", sent: server.sent }).toEqual({
        what,
        error: expect.stringMatching(WORDS[verdict]),
        sent,
      });
      if (hasKey !== undefined) expect({ what, hasKey: server.keys.at(-1) }).toEqual({ what, hasKey });
    }
  });
});

describe("any spelling", () => {
  const part = (value: number, base: number) =>
    base === 8 ? `0${value.toString(8)}` : base === 16 ? `0x${value.toString(16)}` : String(value);
  const base = fc.constantFrom(8, 10, 16);
  /** Parts of an address: one to four, the last of which stands for the rest. */
  const spelled = (address: fc.Arbitrary<number>) =>
    fc.tuple(address, fc.integer({ min: 1, max: 4 }), fc.tuple(base, base, base, base)).map(([value, count, bases]) => {
      const heads = Array.from({ length: count - 1 }, (_, i) => (value >>> (24 - 8 * i)) & 0xff);
      const rest = count === 1 ? value >>> 0 : value & (2 ** (8 * (5 - count)) - 1);
      return [...heads, rest].map((each, i) => part(each, bases[i]!)).join(".");
    });
  const within = (network: readonly number[], bits: number) =>
    fc
      .nat({ max: 2 ** (32 - bits) - 1 })
      .map((low) => ((network[0]! << 24) | (network[1]! << 16) | (network[2]! << 8) | low) >>> 0);
  const internal = fc.oneof(
    ...(
      [
        [[0, 0, 0], 8],
        [[10, 0, 0], 8],
        [[127, 0, 0], 8],
        [[100, 64, 0], 10],
        [[169, 254, 0], 16],
        [[172, 16, 0], 12],
        [[192, 0, 0], 24],
        [[192, 168, 0], 16],
        [[198, 18, 0], 15],
        [[224, 0, 0], 4],
        [[240, 0, 0], 4],
      ] as const
    ).map(([network, bits]) => within(network, bits)),
  );
  /** Digits and letters as they may also be written. */
  const dressed = (host: fc.Arbitrary<string>) =>
    fc
      .tuple(
        host,
        fc.constantFrom("", "."),
        fc.constantFrom(
          (text: string) => text,
          (text: string) => text.toUpperCase().replaceAll("X", "x"),
          (text: string) => text.replaceAll(/[0-9a-z]/g, (char) => `%${char.charCodeAt(0).toString(16)}`),
          (text: string) => text.replaceAll(/[0-9]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
          (text: string) => text.replaceAll(".", "\u3002"),
          (text: string) => text.replaceAll(".", "%2E"),
        ),
      )
      .map(([text, dot, dress]) => dress(text) + dot);

  it("of any internal IPv4 address is refused, and so is any other", () => {
    fc.assert(
      fc.property(dressed(spelled(fc.oneof(internal, fc.nat({ max: 0xffff_ffff })))), (host) => {
        expect(refuse(`https://${host}/`)).toMatch(WORDS.internal);
      }),
      { numRuns: 2_000 },
    );
  });

  it("of an IPv6 address that holds an IPv4 one is refused, and says which kind", () => {
    const hex = (value: number) => `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
    const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
    const forms: readonly ((value: number) => readonly [string, string])[] = [
      (value) => [`[::ffff:${dotted(value)}]`, "IPv4-mapped"],
      (value) => [`[0:0:0:0:0:FFFF:${hex(value)}]`, "IPv4-mapped"],
      (value) => [`[64:ff9b::${hex(value)}]`, "NAT64"],
      (value) => [`[2002:${hex(value)}::1]`, "6to4"],
      (value) => [`[2001:0:1:2:3:4:${hex(~value >>> 0)}]`, "Teredo"],
    ];
    fc.assert(
      fc.property(internal, fc.constantFrom(...forms), (value, form) => {
        const [host, kind] = form(value);
        expect(refuse(`https://${host}/`)).toMatch(WORDS.internal);
        expect(describeIpLiteral(new URL(`https://${host}/`).hostname)).toMatch(new RegExp(`^${kind} (?!public)`));
      }),
      { numRuns: 1_000 },
    );
    // Of the lowest ones the parser makes `::` and `::1`.
    expect(describeIpLiteral(new URL("https://[::10.0.0.1]/").hostname)).toBe("IPv4-compatible private");
  });

  it("of an IPv6 address is refused", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(refuse(`https://[${address}]/`)).toMatch(WORDS.internal);
      }),
      { numRuns: 1_000 },
    );
  });

  it("of a granted name is allowed, and of a name beside it refused", () => {
    const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/).filter((text) => !text.startsWith("xn--"));
    const cased = (text: string, upper: readonly boolean[]) =>
      [...text].map((char, i) => (upper[i % upper.length] ? char.toUpperCase() : char)).join("");
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 3 }),
        label,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
        fc.constantFrom("", "."),
        (labels, other, upper, dot) => {
          const name = [...labels, "shop", "dev"].join(".");
          const url = (host: string) => `https://${cased(host, upper)}${dot}/x`;
          expect(refuse(url(name), [name])).toBe("");
          expect(refuse(url(name), [cased(name, upper)])).toBe("");
          expect(refuse(url(`${other}.${name}`), [`*.${name}`])).toBe("");
          expect(refuse(url(`${other}.${name}`), [name])).toMatch(WORDS.host);
          expect(refuse(url(`${other}${name}`), [name, `*.${name}`])).toMatch(WORDS.host);
          expect(refuse(url(`${name}.${other}.dev`), [name, `*.${name}`])).toMatch(WORDS.host);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a pattern", () => {
  // prettier-ignore
  const NONE = ["", "*", "*.", "*.dev", "dev", "*.*.dev", "a.*.dev", "https://a.dev", "ftp://a.dev", "//a.dev", "http:a.dev", "a.dev/", "http://a.dev/x", "a.dev:", "a.dev:0", "a.dev:080", "a.dev:65536", "a.dev:99999", "a.dev:4x", "u@a.dev", "a.dev?x", "a.dev#x", "a dev.x", "a.dev ", "\ta.dev", "a..dev", ".a.dev", "-a.dev", "a-.dev", "münchen.dev", "[::1]", "a.dev\n", "http://*", "a_b.dev", `${"a.".repeat(130)}dev`];
  it.each(NONE)("%j is none, and covers nothing", (text) => {
    expect(parseHostPattern(text)).toBeUndefined();
    for (const url of ["https://a.dev/", "http://a.dev/", "https://x.a.dev/", "https://dev./"])
      expect(coversRequest([text], new URL(url))).toBe(false);
  });

  it.each([
    ["A.Dev", "a.dev"],
    ["a.dev.", "a.dev"],
    ["a.dev:443", "a.dev"],
    ["a.dev:80", "a.dev:80"],
    ["*.A.dev:8443", "*.a.dev:8443"],
    ["http://a.dev:80", "http://a.dev"],
    ["HTTP://*.a.dev", "http://*.a.dev"],
    ["http://a.dev:443", "http://a.dev:443"],
    ["xn--mnchen-3ya.dev", "xn--mnchen-3ya.dev"],
  ])("%j is kept as %j", (text, kept) => {
    expect(toHostPatternText(parseHostPattern(text)!)).toBe(kept);
    expect(parseHostPattern(kept)).toEqual(parseHostPattern(text));
  });

  it("that is missing is named in the refusal, with the fix", () => {
    const fix = "in the manifest, or ask the administrator to grant it.";
    const granted = ["api.shop.dev", "http://plain.dev"];
    expect(refuse("https://evil.dev/", granted)).toBe(
      `Host not allowed: evil.dev. Granted: api.shop.dev, http://plain.dev. Add it to "allowedHosts" ${fix}`,
    );
    expect(refuse("http://api.shop.dev/", granted)).toBe(
      `Unsupported scheme: http. Granted: api.shop.dev, http://plain.dev. Use https. Add "http://api.shop.dev" to "allowedHosts" ${fix}`,
    );
    expect(refuse("https://plain.dev/", granted)).toBe(
      `Unsupported scheme: https. Granted: api.shop.dev, http://plain.dev. Add "plain.dev" to "allowedHosts" ${fix}`,
    );
    expect(refuse("https://api.shop.dev:8443/", granted)).toBe(
      `Port not allowed: 8443. Granted: api.shop.dev, http://plain.dev. Add "api.shop.dev:8443" to "allowedHosts" ${fix}`,
    );
  });
});

describe("the kind of an IP address", () => {
  // prettier-ignore
  const KINDS: readonly (readonly [string, string])[] = [
    ["0.0.0.0", "this network"], ["0.255.255.255", "this network"], ["1.0.0.0", "public"], ["9.255.255.255", "public"], ["10.0.0.0", "private"], ["11.0.0.0", "public"],
    ["100.63.255.255", "public"], ["100.64.0.0", "carrier-grade NAT"], ["100.127.255.255", "carrier-grade NAT"], ["100.128.0.0", "public"], ["127.255.255.255", "loopback"],
    ["128.0.0.0", "public"], ["169.254.0.0", "link-local"], ["172.15.255.255", "public"], ["172.31.255.255", "private"], ["172.32.0.0", "public"], ["192.0.0.8", "protocol assignments"],
    ["192.0.1.0", "public"], ["192.0.2.9", "documentation"], ["192.168.0.0", "private"], ["198.17.255.255", "public"], ["198.19.255.255", "benchmarking"], ["223.255.255.255", "public"],
    ["224.0.0.0", "multicast"], ["239.255.255.255", "multicast"], ["240.0.0.0", "reserved"], ["255.255.255.254", "reserved"], ["255.255.255.255", "broadcast"],
    ["[::]", "unspecified"], ["[::1]", "loopback"], ["[::2]", "IPv4-compatible this network"], ["[::ffff:a00:1]", "IPv4-mapped private"], ["[64:ff9b::6440:1]", "NAT64 carrier-grade NAT"],
    ["[2002:a9fe:a9fe::]", "6to4 link-local"], ["[2001:db8::]", "documentation"], ["[fc00::]", "unique local"], ["[fdff::]", "unique local"], ["[fe80::]", "link-local"], ["[ff00::]", "multicast"],
    ["[2606:4700::1111]", "public"], ["shop.dev", "no address"], ["1.2.3", "no address"],
  ];
  it.each(KINDS)("%s: %s", (host, kind) => {
    expect(describeIpLiteral(host) ?? "no address").toBe(kind);
  });
});
