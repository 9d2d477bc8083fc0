/** Do bodies come through whole, however large, and is what is too large refused before it costs anything? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { call, callRoute, createPost, install, invocations, type Json } from "./client.ts";
import { client, get } from "./client-plugin.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const MOST = BRIDGE_LIMITS.bodyBytes;
const PART = BRIDGE_LIMITS.partBytes;

/** Bytes of every value, and in pairs every UTF-16 unit, lone surrogates among them. The guest gets its source. */
function make(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array((length + 3) >>> 2);
  for (let i = 0, word = 1; i < words.length; i += 1) words[i] = word = (word * 40_503 + 0x9e37) >>> 0;
  return new Uint8Array(words.buffer, 0, length);
}

const ROUTES = {
  /** Asks for bytes and compares them with its own. */
  down: `async ({ input: { length, read = "arrayBuffer" } }, ctx) => {
    try {
      const response = await ctx.http.fetch("https://a.shop.dev/?length=" + length);
      const back = new Uint8Array(await response[read]());
      const words = new Uint32Array(back.buffer, 0, back.length >>> 2);
      let word = 1, different = 0;
      for (let i = 0; i < words.length; i += 1) if (words[i] !== (word = (word * 40503 + 0x9e37) >>> 0)) different += 1;
      return { length: back.length, different, last: back[back.length - 1] ?? null };
    } catch (error) { return { code: error.code, message: error.message }; }
  }`,
  up: `async ({ input: { length, fill, skip = 0 } }, ctx) => {
    try {
      const body = fill === undefined ? make(length + skip).subarray(skip) : new Uint8Array(length).fill(fill);
      return { answer: await (await ctx.http.fetch("https://a.shop.dev/", { method: "POST", body })).text() };
    } catch (error) { return { code: error.code, message: error.message }; }
  }`,
  text: `async ({ input: { unit, count } }, ctx) => {
    try {
      return { answer: await (await ctx.http.fetch("https://a.shop.dev/", { method: "POST", body: unit.repeat(count) })).text() };
    } catch (error) { return { code: error.code, message: error.message }; }
  }`,
  read: `async ({ input: { length } }, ctx) => {
    const text = await (await ctx.http.fetch("https://a.shop.dev/?text&length=" + length)).text();
    return { length: text.length, start: text.slice(0, 4), end: text.slice(-4) };
  }`,
};
const strong = (fuel?: number) =>
  client(["a.shop.dev"], {
    routes: ROUTES,
    top: `const make = ${String(make)};`,
    ...(fuel === undefined ? {} : { manifest: { bulkhead: { budgets: { route: { fuel } } } } }),
  });
const ask = async (route: keyof typeof ROUTES, input: unknown) => {
  const { body } = await callRoute("client", route, input);
  return (body["data"] ?? body["error"]) as Json;
};

/** Serves bytes, and says of those it gets whether they are the expected ones. */
function serve(): { readonly requests: () => number } {
  let requests = 0;
  target.internet(async (request) => {
    requests += 1;
    const { searchParams } = new URL(request.url);
    const length = Number(searchParams.get("length"));
    if (request.method === "GET")
      return new Response(searchParams.has("text") ? "é-ab".repeat(length / 5) : make(length));
    const body = new Uint8Array(await request.arrayBuffer());
    return new Response(`${body.length} ${await digest(body)}`);
  });
  return { requests: () => requests };
}
async function digest(bytes: Uint8Array): Promise<string> {
  return [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>))].join();
}

describe("an answer", () => {
  it("of the largest size comes byte for byte, one byte more is refused", async () => {
    await install(strong(1_000_000_000));
    serve();
    expect(await ask("down", { length: MOST })).toEqual({ length: MOST, different: 0, last: make(MOST).at(-1) });
    expect(await ask("down", { length: MOST + 1 })).toEqual({
      code: "FAILED",
      message: `The answer has more than ${MOST} bytes.`,
    });
  });

  it("of the largest size fits a route that asks for no more than the usual", async () => {
    await install(
      client(["a.shop.dev"], {
        routes: {
          last: `async (_, ctx) => { const bytes = await (await ctx.http.fetch("https://a.shop.dev/?length=${MOST}")).bytes(); return [bytes.length, bytes.at(-1)]; }`,
        },
      }),
    );
    serve();
    expect((await callRoute("client", "last")).body).toEqual({ success: true, data: [MOST, make(MOST).at(-1)] });
    // The parts are no requests of their own.
    expect((await invocations("client", 1))[0]).toMatchObject({ requests: 1 });
  });

  it.each([0, 1, 2, 3, 4, 5, PART - 1, PART, PART + 1, PART + 2, PART + 3, 3 * PART, 3 * PART + 1])(
    "of %i bytes comes byte for byte",
    async (length) => {
      await install(strong());
      serve();
      for (const read of ["arrayBuffer", "bytes"])
        expect(await ask("down", { length, read })).toEqual({
          length,
          different: 0,
          last: make(length).at(-1) ?? null,
        });
    },
  );

  it("that is text comes as text, as much as fits one message", async () => {
    await install(strong());
    serve();
    for (const length of [5, 1_000_000, 3_600_000])
      expect(await ask("read", { length })).toEqual({ length: (length / 5) * 4, start: "é-ab", end: "é-ab" });
  });

  it("that does not fit what the entry may receive is refused in words, before any of it is sent", async () => {
    serve();
    await install(
      sketch("saver", {
        capabilities: ["content:read", "network:request"],
        hosts: ["a.shop.dev"],
        hooks: {
          "content:afterSave": `async (_, ctx) => {
            const ask = async (length) => { try { return (await (await ctx.http.fetch("https://a.shop.dev/?length=" + length)).bytes()).length } catch (error) { return error.code + " " + error.message } };
            await ctx.kv.set("small", await ask(1000000));
            await ctx.kv.set("large", await ask(${MOST}));
          }`,
        },
        routes: { told: `async (_, ctx) => [await ctx.kv.get("small"), await ctx.kv.get("large")]` },
      }),
    );
    await createPost("Draft");
    await expect
      .poll(async () => (await callRoute("saver", "told")).body["data"], { timeout: 10_000 })
      .toEqual([
        1_000_000,
        expect.stringMatching(/^BUDGET_EXCEEDED The answer does not fit: this invocation may receive 16777216 bytes/),
      ]);
  });

  it("that trickles is given up after the plugin's own timeout, as one that never comes", async () => {
    await install(strong());
    target.internet(
      () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([1])) })),
    );
    expect((await get("https://a.shop.dev/", { timeoutMs: 300 })).error).toMatchObject({
      code: "FAILED",
      message: "The request to a.shop.dev took too long and was given up.",
    });
  });

  it("to HEAD has no body, whatever length it declares", async () => {
    await install(strong());
    target.internet(() => new Response(null, { headers: { "content-length": "99999999999" } }));
    expect(await get("https://a.shop.dev/", { method: "HEAD" })).toMatchObject({ value: { status: 200, text: "" } });
  });

  it.each([204, 205, 304])("with status %i has none either", async (status) => {
    await install(strong());
    target.internet(() => new Response(null, { status }));
    expect(await get("https://a.shop.dev/")).toMatchObject({ value: { status, text: "" } });
  });
});

describe("a request's body", () => {
  const told = async (bytes: Uint8Array) => ({ answer: `${bytes.length} ${await digest(bytes)}` });

  it("of the largest size goes out byte for byte, one byte more is refused and nothing sent", async () => {
    await install(strong(1_000_000_000));
    const server = serve();
    expect(await ask("up", { length: MOST })).toEqual(await told(make(MOST)));
    expect(await ask("up", { length: MOST + 1 })).toEqual({
      code: "INVALID_ARGUMENT",
      message: `The request's body has more than ${MOST} bytes.`,
    });
    expect(server.requests()).toBe(1);
  });

  it.each([32, 255])("of the largest size, all %i, fits a route that asks for no more than the usual", async (fill) => {
    await install(strong());
    serve();
    expect(await ask("up", { length: MOST, fill })).toEqual(await told(new Uint8Array(MOST).fill(fill)));
    expect((await invocations("client", 1))[0]).toMatchObject({ requests: 1 });
  });

  it("of the largest size, of bytes that are longest as text, goes out with more fuel", async () => {
    await install(strong(400_000_000));
    serve();
    expect(await ask("up", { length: MOST, fill: 0 })).toEqual(await told(new Uint8Array(MOST)));
  });

  it.each([0, 1, 2, 3, PART - 1, PART, PART + 1, PART + 2, 2 * PART + 1])(
    "of %i bytes goes out byte for byte",
    async (length) => {
      await install(strong());
      serve();
      for (const skip of [0, 1]) {
        const expected = make(length + skip).slice(skip);
        expect({ skip, ...(await ask("up", { length, skip })) }).toEqual({ skip, ...(await told(expected)) });
      }
    },
  );

  it("of text goes out as UTF-8, also where a part would end within a character, up to the cap in bytes", async () => {
    await install(strong());
    const server = serve();
    const utf8 = (unit: string, count: number) => new TextEncoder().encode(unit.repeat(count));
    for (const [unit, count] of [
      ["a", PART / 4],
      ["a", PART / 4 + 1],
      ['"\\\n\u0001', 50_000],
      // With one character before them, pairs lie across every border.
      ["😀", 100_000],
      ["é", MOST / 2],
      ["__proto__", 100_000],
    ] as const)
      expect({ unit, ...(await ask("text", { unit, count })) }).toEqual({ unit, ...(await told(utf8(unit, count))) });
    expect(await ask("text", { unit: "a😀", count: 60_000 })).toEqual(await told(utf8("a😀", 60_000)));
    const sent = server.requests();
    expect(await ask("text", { unit: "é", count: MOST / 2 + 1 })).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(server.requests()).toBe(sent);
    // A lone surrogate is no character.
    expect(await ask("text", { unit: "\ud800", count: 3 })).toEqual(await told(utf8("\ufffd", 3)));
  });

  it("costs fuel by its size", async () => {
    await install(strong());
    serve();
    for (const parts of [2, 4, 8]) await ask("up", { length: parts * PART, fill: 1 });
    const [eight, four, two] = (await invocations("client", 3)).map((item) => Number(item["fuel"]));
    expect(four! - two!).toBeGreaterThan(2 * PART);
    expect((eight! - four!) / (four! - two!)).toBeCloseTo(2, 1);
  });
});

describe("a secret in a large answer", () => {
  const KEY = "k-0123456789-abcdef";

  it("is redacted across the border of two parts, and in the name of a header", async () => {
    await install(
      client(["a.shop.dev"], {
        routes: {
          seek: `async (_, ctx) => {
            const response = await ctx.http.fetch("https://a.shop.dev/", { secretHeaders: { authorization: "{{key}}" } });
            const names = [...response.headers.keys()];
            const bytes = await response.bytes();
            let text = "";
            for (let i = ${PART} - 100; i < ${PART} + 100; i += 1) text += String.fromCharCode(bytes[i]);
            return { names, length: bytes.length, text: text.replaceAll(".", "") };
          }`,
        },
        manifest: {
          admin: { settingsSchema: { key: { type: "secret", label: "Key" } } },
          bulkhead: { secrets: { key: { hosts: ["a.shop.dev"] } } },
        },
      }),
    );
    await call("PUT", "/api/admin/plugins/client/settings", { body: { values: { key: KEY } } });
    target.internet((request) => {
      const key = request.headers.get("authorization")!;
      // No text: it comes in parts.
      const body = new Uint8Array(2 * PART).fill(0x2e);
      body[0] = 0xff;
      body.set(new TextEncoder().encode(key), PART - 7);
      return new Response(body, { headers: { [`x-${key}`]: "1", "x-plain": "1" } });
    });
    const { data } = (await callRoute("client", "seek")).body as unknown as {
      data: { names: string[]; length: number; text: string };
    };
    expect(data).toMatchObject({ length: 2 * PART - KEY.length + "[redacted]".length, text: "[redacted]" });
    expect(data.names).toContain("x-plain");
    expect(data.names.join()).not.toContain(KEY);
  });
});
