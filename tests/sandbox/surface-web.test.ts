/** Do the web APIs in the guest answer as the platform's own do? Each expression runs on both sides. */
import { describe, expect, test } from "vitest";
import { createHost, main, run, toLimits, toStop, toValue } from "./harness.ts";

type Expression = () => unknown;

/** Same value on both sides, as JSON makes it. */
const SAME: readonly Expression[] = [
  () => new URL("https://a.test/x?y#z").toString(),
  () => Object.prototype.toString.call(new URL("https://a.test/")),
  () => [String(new Headers()), String(new AbortController().signal), String(new Response()).slice(0, 9)],
  () => {
    const url = new URL("https://a.test:1/p");
    url.protocol = "http:";
    url.username = "u";
    url.password = "p w";
    url.host = "b.test:80";
    url.hostname = "ü.test";
    url.port = "x";
    url.search = "a=1";
    return [url.href, url.origin];
  },
  () => {
    const url = new URL("https://a.test/?a=%F0%9F%98%80&b=%zz");
    url.searchParams.append("c", "+ %");
    url.searchParams.delete("a");
    return [url.search, url.searchParams.size, [...url.searchParams.keys()], [...url.searchParams.values()]];
  },
  () => {
    try {
      new URL("https://a.test/").href = "nothing";
    } catch (error) {
      return (error as Error).name;
    }
    return "set";
  },
  () => [...new URLSearchParams("a=b%2&%ff=%E4&+x+=1+2&=&&e=%C3%A9%C3")],
  () => new URLSearchParams([["\ud800", "\udc00"]]).toString(),
  () => {
    const params = new URLSearchParams("b=2&a=1&b=1&\ud83d\ude00=1&\uffff=2");
    params.sort();
    return [params.toString(), params.has("b", "1"), params.has("b", "3"), params.get("x"), params.getAll("b")];
  },
  () => {
    const seen: unknown[] = [];
    new URLSearchParams("a=1").forEach(function (this: unknown, ...args) {
      seen.push(this === seen, args[0], args[1]);
    }, seen);
    new Headers({ A: "1" }).forEach(function (this: unknown, ...args) {
      seen.push(this === seen, args[0], args[1]);
    }, seen);
    return seen;
  },
  () => new Headers({ a: " \t\r\nx\u00a0 " }).get("a") === "x\u00a0",
  () => [["a"], ["a", "b", "c"]].map((pair) => nameOf(() => new Headers([pair as never]))),
  () => [300, 304, 200].map((status) => nameOf(() => Response.redirect("https://a.test/x y", status))),
  () => Response.redirect("https://a.test/x y").headers.get("location"),
  () => nameOf(() => Response.redirect("not absolute")),
  () => [...new Uint8Array(new TextEncoder().encode("ä€😀\ud800x").buffer)],
  () => {
    const target = new Uint8Array(6);
    return [
      new TextEncoder().encodeInto("aä€😀", target),
      [...target],
      new TextEncoder().encodeInto("😀", new Uint8Array(3)),
    ];
  },
  () => new TextDecoder("UTF-8 ").decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 97])),
  () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 97])),
  () => new TextDecoder().decode(new DataView(new Uint8Array([0, 97, 98, 0]).buffer, 1, 2)),
  () => new TextDecoder().decode(new Uint16Array([0x6261])),
  () => [0, 1, 2, 3, 4, 5].map((n) => btoa("\xff\0\x80~".repeat(n).slice(0, n))),
  () =>
    ["Y W\nI=", "YW\t", "YWI", "", "====", "YQ==YQ==", "Y=", "é", "YWJjZA"].map((text) => attempt(() => atob(text))),
  () =>
    structuredClone([new Error("a", { cause: new TypeError("b") })]).map((e) => [
      e.message,
      (e.cause as Error).message,
    ]),
  () => [RangeError, TypeError, SyntaxError, Error].map((C) => structuredClone(new C("x")) instanceof C),
  () => {
    const buffer = new ArrayBuffer(8);
    const [a, b, view] = structuredClone([
      new Uint8Array(buffer, 2, 3),
      new Float64Array(buffer),
      new DataView(buffer, 1, 4),
    ] as const);
    return [
      a.length,
      a.byteOffset,
      b.length,
      a.buffer === b.buffer,
      view.byteOffset,
      view.byteLength,
      view.buffer === a.buffer,
    ];
  },
  () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const both = () => seen.push("both");
    controller.signal.addEventListener("abort", both);
    controller.signal.addEventListener("abort", both);
    controller.signal.addEventListener("abort", { handleEvent: () => seen.push("object") });
    controller.signal.addEventListener("abort", () => seen.push("once"), { once: true });
    controller.signal.addEventListener("other", () => seen.push("other"));
    controller.abort();
    controller.abort();
    return [seen, (controller.signal.reason as Error).name, (controller.signal.reason as DOMException).code];
  },
  () => AbortSignal.any([]).aborted,
  () => nameOf(() => new (AbortSignal as unknown as new () => unknown)()),
  () => nameOf(() => crypto.getRandomValues(new Float32Array(1) as never)),
  () => crypto.getRandomValues(new Uint8Array(65_536)).length,
  () => nameOf(() => crypto.getRandomValues(new Uint8Array(65_537))),
  () => new Set(Array.from({ length: 100 }, () => crypto.randomUUID())).size,
  () => [typeof performance.now(), Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 60_000],
];

/** The same, of what takes a promise. */
const SAME_LATER: readonly (() => Promise<unknown>)[] = [
  () => new Response("\ufeff{}").text(),
  () => new Response("\ufeff[1]").json(),
  () => new Response(new Uint8Array([0xff, 0x61])).text(),
  async () => [...new Uint8Array(await new Response(new Uint16Array([1, 2]).subarray(1)).arrayBuffer())],
  async () => {
    const source = new Uint8Array([97, 98]);
    const response = new Response(source);
    source[0] = 99;
    return response.text();
  },
  async () => {
    const response = new Response(null);
    return [await response.text(), await response.text(), response.bodyUsed];
  },
  async () => {
    const first = new Request("https://a.test/", { method: "PATCH", body: "x" });
    const second = new Request(first, { headers: { a: "1" } });
    return [second.method, second.headers.get("a"), second.headers.get("content-type"), await second.text()];
  },
  () => rejectionOf(crypto.subtle.digest("SHA-0", new Uint8Array(1))),
  () =>
    rejectionOf(crypto.subtle.importKey("raw", new Uint8Array(1), { name: "HMAC", hash: "SHA-0" }, false, ["sign"])),
  async () => {
    const key = await crypto.subtle.importKey(
      "raw",
      new Uint8Array(8),
      { name: "hmac", hash: { name: "sha-512" } },
      false,
      ["verify"],
    );
    return [
      key.type,
      key.extractable,
      (key.algorithm as HmacKeyAlgorithm).hash.name,
      await rejectionOf(crypto.subtle.sign("HMAC", key, new Uint8Array(1))),
    ];
  },
  async () => {
    const data = new Uint8Array(5_000).map((_, index) => index);
    const key = await crypto.subtle.importKey("raw", data, { name: "HMAC", hash: "SHA-384" }, false, ["sign"]);
    const all = [await crypto.subtle.digest("SHA-512", data), await crypto.subtle.sign("HMAC", key, data)];
    return all.map((buffer) => [...new Uint8Array(buffer)]);
  },
];

/** Lets the expressions above be short; both sides have it. */
const HELPERS = [nameOf, attempt, rejectionOf];

function nameOf(work: () => unknown): string {
  try {
    work();
    return "ran";
  } catch (error) {
    return (error as Error).name;
  }
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).name;
  }
}

async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return (error as Error).name;
  }
}

async function inGuest(expressions: readonly Expression[]): Promise<readonly unknown[]> {
  const list = expressions.map((expression) => `(${String(expression)})`).join(",\n");
  const body = `${HELPERS.map(String).join("\n")}
    const out = []; for (const f of [${list}]) out.push((await f()) ?? null); return out;`;
  return toValue(await run(main(body))) as unknown[];
}

test.each([
  ["at once", SAME],
  ["later", SAME_LATER],
])("what the guest's APIs answer %s is what the platform's do", async (_when, expressions) => {
  const values = await inGuest(expressions);
  for (const [index, expression] of expressions.entries()) {
    const expected: unknown = JSON.parse(JSON.stringify((await expression()) ?? null));
    expect([String(expression), values[index]]).toEqual([String(expression), expected]);
  }
});

describe("bytes and text of any length", () => {
  const odd = "ä€😀x\0\ud800";
  test.each([0, 1, 299, 300, 301, 12_287, 12_288, 12_289, 30_000])("%i characters survive", async (chars) => {
    const input = odd
      .repeat(Math.ceil(chars / odd.length))
      .slice(0, chars)
      .toWellFormed();
    const body = `
      const bytes = new TextEncoder().encode(input);
      const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
      return { text: new TextDecoder().decode(bytes), length: bytes.length, buffer: bytes.buffer.byteLength, last: bytes.at(-1) ?? -1, base64: btoa(binary), again: atob(btoa(binary)) === binary }`;
    const bytes = new TextEncoder().encode(input);
    const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    expect(toValue(await run(main(body), { input }))).toEqual({
      text: input,
      length: bytes.length,
      buffer: bytes.length,
      last: bytes.at(-1) ?? -1,
      base64: btoa(binary),
      again: true,
    });
  });

  test.each([
    ["lone ends", [0x80, 0xc3]],
    ["cut characters", [0xf0, 0x9f, 0x98]],
    ["ends only", [0x80]],
    ["a character and a stray end", [0xe2, 0x82, 0xac, 0x80]],
    ["surrogates and overlong forms", [0xed, 0xa0, 0x80, 0xc0, 0x80, 0xf4, 0x90, 0x80, 0x80]],
  ])("invalid UTF-8 with %s decodes as the platform decodes it, wherever it is cut", async (_what, pattern) => {
    for (const count of [3, 12_290]) {
      const bytes = Uint8Array.from({ length: count }, (_, index) => pattern[index % pattern.length] as number);
      const body = `return new TextDecoder().decode(Uint8Array.from({ length: ${count} }, (_, i) => [${pattern}][i % ${pattern.length}]))`;
      expect(toValue(await run(main(body)))).toBe(new TextDecoder().decode(bytes));
    }
  });

  test("a megabyte goes through a response and back for a price that leaves room", async () => {
    const body = `
      const text = "The quick brown fox. äöü ".repeat(40000);
      const bytes = await new Response(text).bytes();
      return [bytes.length, (await new Response(bytes).text()) === text]`;
    const outcome = await run(main(body), { limits: toLimits({ memoryBytes: 512 * 65_536 }) });
    expect(toValue(outcome)).toEqual([1_120_000, true]);
    expect(outcome.usage.fuel).toBeLessThan(100_000_000);
  });
});

describe("the console", () => {
  test.each([
    [
      `console.log("%s is %d, %i%% of %o%c!", "a", "5", 5.5, { b: 1 }, "color: red", "more")`,
      'a is 5, 5.5% of {"b":1}! more',
    ],
    [`console.log("100%", 1)`, "100% 1"],
    [`console.log("%s")`, "%s"],
    [`console.log()`, ""],
    [
      `console.log(10n, { n: 10n }, undefined, null, Symbol("s"), [1, , 2])`,
      '10 {"n":"10n"} undefined null Symbol(s) [1,null,2]',
    ],
    [`console.log(new Map([["k", new Set([1])]]), new Set())`, '[["k",[1]]] []'],
    [
      `console.log(Object.create(null), { get a() { throw new RangeError("no") } })`,
      expect.stringMatching(/^\{\} \{"name":"RangeError"/),
    ],
    [`console.log({ error: new TypeError("inner") })`, expect.stringContaining("TypeError: inner")],
    [`console.log({ toString() { throw 1 } }, () => 1)`, "{} () => 1"],
    [`console.log(Object.assign(() => 1, { toString() { throw 1 } }))`, "(a value that could not be read)"],
    [`const a = {}; a.a = a; console.log(a)`, expect.stringContaining("circular")],
    [`console.group("g"); console.groupEnd()`, "g"],
    [`console.table([1])`, "[1]"],
    [`console.assert(1 > 2, "one", 2)`, "Assertion failed: one 2"],
    [`console.count("c")`, "c: 1"],
    [`console.time("t"); console.timeEnd("t"); console.timeEnd("t")`, "t: 0 ms"],
  ])("%s", async (body, message) => {
    const { host, logs } = createHost();
    toValue(await run(main(body), { host }));
    expect(logs.map((line) => line.message)).toEqual([message]);
  });
});

describe("timers", () => {
  test("run in the order they are due, then as set; cleared ones do not", async () => {
    const body = `
      const seen = [];
      const ids = [5, 1, 3, 1, 0, "2", -1, NaN].map((ms, index) => setTimeout((x) => seen.push([index, x]), ms, "arg"));
      clearTimeout(ids[2]); clearTimeout(String(ids[3])); clearTimeout(undefined); clearTimeout({}); clearTimeout(1e9);
      let rounds = 0;
      await new Promise((done) => { const id = setInterval(() => { rounds += 1; if (rounds === 3) { clearInterval(id); done() } }, 2) });
      await new Promise((done) => setTimeout(done, 10));
      return [seen, rounds]`;
    expect(toValue(await run(main(body)))).toEqual([
      [
        [4, "arg"],
        [6, "arg"],
        [7, "arg"],
        [1, "arg"],
        [5, "arg"],
        [0, "arg"],
      ],
      3,
    ]);
  });

  test("a flood of a hundred thousand costs no more than its number", async () => {
    const flood = (count: number) =>
      run(
        main(
          `let sum = 0; for (let i = 0; i < ${count}; i++) { const id = setTimeout(() => {}, 10000 + (i * 7919) % 1000); if (i % 2) clearTimeout(id) } await new Promise((r) => setTimeout(r, 1)); return "on"`,
        ),
        {
          limits: toLimits({ memoryBytes: 512 * 65_536 }),
        },
      );
    const few = await flood(10_000);
    const many = await flood(100_000);
    expect([toValue(few), toStop(many) ?? toValue(many)]).toEqual(["on", "on"]);
    expect(many.usage.fuel / few.usage.fuel).toBeLessThan(15);
  });

  test("time stands still until something is waited for", async () => {
    const body = `
      const before = [Date.now(), performance.now(), +new Date()];
      for (let i = 0; i < 1e5; i++);
      const after = [Date.now(), performance.now(), +new Date()];
      await new Promise((r) => setTimeout(r, 20));
      return [before.every((x, i) => x === after[i] && x === before[0]), Date.now() - before[0] >= 15]`;
    expect(toValue(await run(main(body)))).toEqual([true, true]);
  });
});
