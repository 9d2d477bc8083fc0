/** What travels with a plugin's request, and how much comes back? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { callRoute, install, invocations } from "./client.ts";
import { client, get, listen } from "./client-plugin.ts";
import { sketch } from "./plugins.ts";

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
      { "x-a": "a\u0000b" },
      { "": "1" },
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, "1"])),
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

  it("of the answer reach the plugin without cookies and the connection's", async () => {
    await install(client(["a.shop.dev"]));
    listen(
      () =>
        new Response("x", {
          headers: { "set-cookie": "a=b", "x-rate": "9", "cf-ray": "1", "content-type": "text/plain" },
        }),
    );
    const headers = (await get("https://a.shop.dev/")).value!["headers"];
    expect(headers).toMatchObject({ "x-rate": "9", "content-type": "text/plain" });
    for (const name of ["set-cookie", "cf-ray"]) expect(headers).not.toHaveProperty(name);
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

  it("at the cap is read, one byte over is refused, with or without a declared length", async () => {
    await install(sized());
    const most = BRIDGE_LIMITS.bodyBytes;
    const streamed = (size: number, fill: number) =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let left = size; left > 0; left -= 1_000_000)
            controller.enqueue(new Uint8Array(Math.min(left, 1_000_000)).fill(fill));
          controller.close();
        },
      });
    target.internet((request) => {
      const { pathname, searchParams } = new URL(request.url);
      const size = Number(searchParams.get("size"));
      const fill = Number(searchParams.get("fill") ?? 97);
      return new Response(pathname === "/streamed" ? streamed(size, fill) : new Uint8Array(size).fill(fill));
    });
    // Text, and bytes that are none and travel as base64.
    for (const path of ["/whole?fill=97", "/streamed?fill=97", "/whole?fill=255", "/streamed?fill=255"]) {
      const fill = Number(path.split("=")[1]);
      expect({ path, ...(await ask({ path: `${path}&size=${most}` })) }).toMatchObject({
        path,
        data: { length: most, head: [fill, fill, fill, fill] },
      });
      expect({ path, ...(await ask({ path: `${path}&size=${most + 1}` })) }).toMatchObject({
        path,
        data: { code: "FAILED", message: `The answer has more than ${most} bytes.` },
      });
    }
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
