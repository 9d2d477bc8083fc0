/** What travels with a plugin's request, and how much comes back? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { callRoute, install, invocations } from "./client.ts";
import { client, get, listen } from "./client-plugin.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

describe("headers", () => {
  it("of connection, client and browser are refused; the plugin's own are sent", async () => {
    await install(client(["a.shop.dev"]));
    const seen = listen();
    for (const name of [
      "Host",
      "cookie",
      "Content-Length",
      "transfer-encoding",
      "connection",
      "upgrade",
      "CF-Connecting-IP",
      "cf-anything",
      "CDN-Loop",
      "x-forwarded-for",
      "X-Forwarded-Host",
      "x-real-ip",
      "true-client-ip",
      "forwarded",
      "proxy-authorization",
      "sec-fetch-site",
      "x-forwarded",
      "X-Original-Forwarded-For",
      "x-client-ip",
      "x-cluster-client-ip",
      "x-original-host",
      "x-host",
      "client-ip",
      "fastly-client-ip",
      "cookie2",
      "set-cookie",
      "keep-alive",
      "trailer",
      "trailers",
      "http2-settings",
      "early-data",
      "alt-used",
      "accept-encoding",
      "expect",
      "te",
      "via",
    ]) {
      const { error } = await get("https://a.shop.dev/", { headers: { [name]: "1" } });
      expect(error).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(`Header not allowed: ${name.toLowerCase()}`),
      });
    }
    for (const headers of [
      { "x-a": "1\r\nhost: evil.dev" },
      { "x a": "1" },
      { "x-a": "1\nhost: evil.dev" },
      { "x-a": "1\rhost: evil.dev" },
      { "x-a": "a\u0000b" },
      { "x-a": "日本" },
      { "x-a\r\nhost": "evil.dev" },
      { "x-a:": "1" },
      { hoſt: "evil.dev" },
      { "": "1" },
      { [`x-${"a".repeat(255)}`]: "1" },
      { "x-a": "a".repeat(8_193) },
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, "1"])),
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-${i}`, "1"])),
    ]) {
      expect((await get("https://a.shop.dev/", { headers })).error?.code).toBe("INVALID_ARGUMENT");
    }
    expect(seen).toEqual([]);
    await get("https://a.shop.dev/", {
      headers: { authorization: "Bearer mine", "x-custom": "ü".normalize("NFD").slice(0, 1) },
    });
    expect(seen[0]!.headers.get("authorization")).toBe("Bearer mine");
    // None of the host's or the visitor's own.
    for (const name of ["cookie", "origin", "referer"]) expect(seen[0]!.headers.get(name)).toBeNull();
  });

  it("that would be given twice and may be given once are refused, whatever their case", async () => {
    await install(client(["a.shop.dev"]));
    const seen = listen();
    for (const [one, other] of [
      ["authorization", "Authorization"],
      ["content-type", "CONTENT-TYPE"],
      ["user-agent", "user-agent"],
      ["origin", "Origin"],
    ] as const) {
      const { error } = await get("https://a.shop.dev/", {
        headers: [
          [one, "a"],
          [other, "b"],
        ],
      });
      expect(error).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining(`Header not allowed: ${one} is given twice`),
      });
    }
    expect(seen).toEqual([]);
    await get("https://a.shop.dev/", {
      headers: [
        ["accept", "a/b"],
        ["Accept", "c/d"],
      ],
    });
    expect(seen[0]!.headers.get("accept")).toBe("a/b, c/d");
  });

  it("of which one stands for another method are refused: what was granted is the method", async () => {
    await install(client(["a.shop.dev"]));
    const seen = listen();
    for (const name of ["X-HTTP-Method-Override", "x-http-method", "x-method-override"]) {
      expect((await get("https://a.shop.dev/", { headers: { [name]: "DELETE" } })).error).toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/stands for another method/),
      });
    }
    expect(seen).toEqual([]);
  });

  it("of the answer reach the plugin without cookies and the connection's", async () => {
    await install(client(["a.shop.dev"]));
    listen(
      () =>
        new Response("x", {
          headers: {
            "set-cookie": "a=b",
            "x-rate": "9",
            "cf-ray": "1",
            "cf-connecting-ip": "10.0.0.1",
            upgrade: "h2c",
            "content-type": "text/plain",
          },
        }),
    );
    const headers = (await get("https://a.shop.dev/")).value!["headers"];
    expect(headers).toMatchObject({ "x-rate": "9", "content-type": "text/plain" });
    for (const name of ["set-cookie", "cf-ray", "cf-connecting-ip", "upgrade"])
      expect(headers).not.toHaveProperty(name);
  });

  it("and method are checked: only the usual methods are sent", async () => {
    await install(client(["a.shop.dev"]));
    const seen = listen();
    for (const method of ["CONNECT", "TRACE", "TRACK", "get\r\n", "PURGE", ""]) {
      expect((await get("https://a.shop.dev/", { method })).error?.code).toBe("INVALID_ARGUMENT");
    }
    expect(seen).toEqual([]);
    for (const method of ["get", "HEAD", "DELETE", "OPTIONS", "patch"])
      expect((await get("https://a.shop.dev/", { method })).value).toBeDefined();
    expect(seen.map(({ method }) => method)).toEqual(["GET", "HEAD", "DELETE", "OPTIONS", "PATCH"]);
  });
});

describe("an answer", () => {
  it("is nobody else's: two plugins that ask for one address get one each, whatever a cache is told", async () => {
    await install(client(["a.shop.dev"]));
    await install(probe("other", { capabilities: ["network:request"], hosts: ["a.shop.dev"] }));
    let answers = 0;
    const asked: { readonly cache: string | undefined; readonly cf: unknown }[] = [];
    target.internet((request) => {
      answers += 1;
      asked.push({
        cache: request.cache,
        cf: (request as { cf?: { cacheKey?: unknown; cacheEverything?: unknown } }).cf,
      });
      const of = request.headers.get("authorization") ?? "nobody";
      return new Response(`answer ${answers} for ${of}`, {
        headers: {
          "cache-control": "public, max-age=31536000, immutable",
          etag: '"one"',
          "cdn-cache-control": "max-age=9",
        },
      });
    });
    const init = {
      headers: { authorization: "Bearer a", "if-none-match": '"one"' },
      cache: "force-cache",
      cf: { cacheEverything: true, cacheKey: "shared", cacheTtl: 1e6 },
    };
    const url = "https://a.shop.dev/same";
    const texts = [
      await get(url, init),
      await bridge("other", "http.fetch", url, { cf: init.cf, cache: "force-cache" }),
      await get(url, init),
      await get(url, { cache: "only-if-cached", mode: "same-origin" }),
    ].map(({ value }) => value?.["text"]);
    expect(texts).toEqual([
      "answer 1 for Bearer a",
      "answer 2 for nobody",
      "answer 3 for Bearer a",
      "answer 4 for nobody",
    ]);
    expect(JSON.stringify(asked)).not.toMatch(/shared|cacheEverything|force-cache/);
  });

  it("can be put into no cache by a plugin: there is none in it", async () => {
    await install(
      client(["a.shop.dev"], { routes: { has: `() => [typeof caches, typeof CacheStorage, typeof fetch]` } }),
    );
    expect((await callRoute("client", "has")).body["data"]).toEqual(["undefined", "undefined", "undefined"]);
  });
});

describe("a body", () => {
  const sizes = `async ({ input: { path, bytes } }, ctx) => {
    try {
      const response = await ctx.http.fetch("https://a.shop.dev" + path, bytes ? { method: "POST", body: new Uint8Array(bytes) } : {});
      const back = new Uint8Array(await response.arrayBuffer());
      return { length: back.length, head: [...back.subarray(0, 4)] };
    } catch (error) { return { code: error.code, message: error.message }; }
  }`;
  const sized = () => client(["a.shop.dev"], { routes: { sizes } });
  const ask = async (input: unknown) => (await callRoute("client", "sizes", input)).body;

  it("of bytes that are no text goes out and comes back unchanged", async () => {
    await install(sized());
    const seen: number[][] = [];
    target.internet(async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      seen.push([...body]);
      return new Response(body);
    });
    // Every length that base64 pads in its own way.
    const bodies = [1, 2, 3, 4, 256].map((length) => Array.from({ length }, (_, i) => 255 - i));
    for (const bytes of bodies) {
      const { data } = await ask({ path: "/", bytes });
      expect(data).toEqual({ length: bytes.length, head: bytes.slice(0, 4) });
    }
    expect(seen).toEqual(bodies);
  });
});

describe("a server", () => {
  it("that never answers is given up after the plugin's own timeout; the page of the run goes on", async () => {
    await install(client(["a.shop.dev"]));
    target.internet(() => new Promise(() => {}));
    expect((await get("https://a.shop.dev/", { timeoutMs: 50 })).error).toMatchObject({
      code: "FAILED",
      message: "The request to a.shop.dev took too long and was given up.",
    });
    expect((await get("https://a.shop.dev/", { timeoutMs: 60_001 })).error?.code).toBe("INVALID_ARGUMENT");
  });

  it("that cannot be reached is a failure without the platform's words, and nobody else's", async () => {
    await install(client(["a.shop.dev"]));
    target.internet(() => {
      throw new Error("connect ECONNREFUSED 10.0.0.7:443");
    });
    const answer = await get("https://a.shop.dev/");
    // The built Worker's local network answers such a failure itself, with a 500; production has none in between.
    expect(answer.error?.code ?? answer.value?.["status"]).toSatisfy((code) => code === "FAILED" || code === 500);
    expect(answer.error?.message ?? "").not.toContain("10.0.0.7");
    await install(sketch("bystander", { routes: { hi: `() => 1` } }));
    expect((await callRoute("bystander", "hi")).status).toBe(200);
    expect((await invocations("client", 1)).map((item) => item["requests"])).toEqual([1]);
  });
});
