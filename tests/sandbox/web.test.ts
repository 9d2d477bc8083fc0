/** Do the web APIs in the guest behave like those of a Worker? One script, one expected value each. */
import { describe, expect, test } from "vitest";
import { main, run, toValue } from "./harness.ts";

describe.each<readonly [string, readonly (readonly [string, unknown])[]]>([
  [
    "URL",
    [
      [
        `const u = new URL("../b?x=1&x=2#h", "https://me:pw@Ex.Test:8443/a/c"); return [u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash]`,
        [
          "https://me:pw@ex.test:8443/b?x=1&x=2#h",
          "https://ex.test:8443",
          "https:",
          "me",
          "pw",
          "ex.test:8443",
          "ex.test",
          "8443",
          "/b",
          "?x=1&x=2",
          "#h",
        ],
      ],
      [
        `const u = new URL("https://a.test/"); u.pathname = "/ä b"; u.port = "99"; u.hash = "z"; u.searchParams.set("q", "1 & 2"); return [u.href, JSON.stringify({ u })]`,
        ["https://a.test:99/%C3%A4%20b?q=1+%26+2#z", '{"u":"https://a.test:99/%C3%A4%20b?q=1+%26+2#z"}'],
      ],
      [
        `const u = new URL("https://a.test/?a=1"); const p = u.searchParams; u.search = "?b=2"; return [p.get("a"), p.get("b"), u.searchParams === p]`,
        [null, "2", true],
      ],
      [`return [URL.canParse("no"), URL.canParse("/x", "https://a.test"), URL.parse("no")]`, [false, true, null]],
      [`try { new URL("http://[::1") } catch (e) { return [e.name, e instanceof TypeError] }`, ["TypeError", true]],
      [
        `return ["http://2130706433/", "http://0x7f.1/", "http://EXAMPLE.com./", "http://a.test\\\\@b.test/"].map((u) => new URL(u).hostname)`,
        ["127.0.0.1", "127.0.0.1", "example.com.", "a.test"],
      ],
    ],
  ],
  [
    "URLSearchParams",
    [
      [`return new URLSearchParams("?a=1&b=%C3%A4+x&a=2&=e&c").toString()`, "a=1&b=%C3%A4+x&a=2&=e&c="],
      [
        `const p = new URLSearchParams({ a: 1, b: "x y~!'()*" }); p.append("a", "2"); return [p.getAll("a"), p.has("b"), p.has("a", "2"), p.size, String(p)]`,
        [["1", "2"], true, true, 3, "a=1&b=x+y%7E%21%27%28%29*&a=2"],
      ],
      [
        `const p = new URLSearchParams([["b", "1"], ["a", "2"], ["b", "3"]]); p.sort(); p.delete("b", "1"); p.set("c", "4"); return [...p]`,
        [
          ["a", "2"],
          ["b", "3"],
          ["c", "4"],
        ],
      ],
      [
        `return [new URLSearchParams("a=%zz&b=%ff").get("a"), new URLSearchParams("b=%ff").get("b")]`,
        ["%zz", "\ufffd"],
      ],
    ],
  ],
  [
    "Headers",
    [
      [
        `const h = new Headers({ B: "2", a: " 1 " }); h.append("A", "3"); return [[...h], h.get("A"), h.has("b"), h.get("c")]`,
        [
          [
            ["a", "1, 3"],
            ["b", "2"],
          ],
          "1, 3",
          true,
          null,
        ],
      ],
      [
        `const h = new Headers([["set-cookie", "a=1"], ["Set-Cookie", "b=2"]]); return [h.getSetCookie(), [...h.keys()]]`,
        [
          ["a=1", "b=2"],
          ["set-cookie", "set-cookie"],
        ],
      ],
      [
        `return ["a b", "", "a:"].map((n) => { try { new Headers([[n, "x"]]); return "ok" } catch (e) { return e.name } })`,
        ["TypeError", "TypeError", "TypeError"],
      ],
      [
        `return ["a\\r\\nb: c", "a\\0"].map((v) => { try { new Headers({ x: v }); return "ok" } catch (e) { return e.name } })`,
        ["TypeError", "TypeError"],
      ],
      [
        `const h = new Headers({ a: "1", b: "2" }); h.delete("A"); const seen = []; h.forEach((v, k) => seen.push(k + v)); return [seen, new Headers(h).get("b")]`,
        [["b2"], "2"],
      ],
    ],
  ],
  [
    "Request and Response",
    [
      [
        `const r = new Response("hä", { status: 201, statusText: "Made", headers: { x: "1" } }); return [r.status, r.ok, r.statusText, r.headers.get("x"), r.headers.get("content-type"), await r.text(), r.bodyUsed]`,
        [201, true, "Made", "1", "text/plain;charset=UTF-8", "hä", true],
      ],
      [
        `const r = Response.json({ a: [1] }, { status: 404 }); const c = r.clone(); return [r.ok, r.headers.get("content-type"), await r.json(), await c.text()]`,
        [false, "application/json", { a: [1] }, '{"a":[1]}'],
      ],
      [
        `const r = new Response(new TextEncoder().encode("€")); return [...new Uint8Array(await r.arrayBuffer())]`,
        [226, 130, 172],
      ],
      [`const r = new Response("x"); await r.text(); try { await r.text() } catch (e) { return e.name }`, "TypeError"],
      [
        `return [199, 600, 204].map((status) => { try { new Response("x", { status }); return "ok" } catch (e) { return e.name } })`,
        ["RangeError", "RangeError", "TypeError"],
      ],
      [
        `const r = new Request("https://a.test/x", { method: "post", body: new URLSearchParams({ a: "1" }), headers: { b: "2" } }); const c = r.clone(); return [r.method, r.url, r.headers.get("content-type"), await r.text(), await c.text(), r.signal.aborted]`,
        ["POST", "https://a.test/x", "application/x-www-form-urlencoded;charset=UTF-8", "a=1", "a=1", false],
      ],
      [`try { new Request("https://a.test/", { body: "x" }) } catch (e) { return e.name }`, "TypeError"],
      [`try { new Request("/relative") } catch (e) { return e.name }`, "TypeError"],
    ],
  ],
  [
    "TextEncoder and TextDecoder",
    [
      [
        `return [...new TextEncoder().encode("aä€😀\\ud800")]`,
        [97, 195, 164, 226, 130, 172, 240, 159, 152, 128, 239, 191, 189],
      ],
      [
        `return new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 97, 195, 164, 240, 159, 152, 128, 0xff, 0xc0, 0x80, 0xe2, 0x82, 0xed, 0xa0, 0x80]))`,
        "aä😀\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd",
      ],
      [
        `try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return e.name }`,
        "TypeError",
      ],
      [`try { new TextDecoder("latin1") } catch (e) { return e.name }`, "RangeError"],
      [`const s = "ä€😀".repeat(5000); return new TextDecoder().decode(new TextEncoder().encode(s)) === s`, true],
      [`return new TextDecoder().decode(new Uint8Array([0, 97, 98, 0]).subarray(1, 3))`, "ab"],
    ],
  ],
  [
    "atob and btoa",
    [
      [
        `return [btoa(""), btoa("a"), btoa("ab"), btoa("abc"), btoa("\\xff\\x00"), atob("YWJj"), atob(" Y Q = = "), atob("YQ")]`,
        ["", "YQ==", "YWI=", "YWJj", "/wA=", "abc", "a", "a"],
      ],
      [
        `return ["a", "a===", "YQ=", "*"].map((s) => { try { return atob(s) } catch (e) { return e.name } })`,
        ["InvalidCharacterError", "InvalidCharacterError", "InvalidCharacterError", "InvalidCharacterError"],
      ],
      [`try { btoa("€") } catch (e) { return [e.name, e instanceof DOMException] }`, ["InvalidCharacterError", true]],
    ],
  ],
  [
    "structuredClone",
    [
      [
        `const o = { d: new Date(5), r: /x/gi, m: new Map([[{ k: 1 }, new Set([2])]]), a: [1, , 3], u: undefined, e: new RangeError("x"), b: new Uint16Array([1, 2]) }; o.self = o; const c = structuredClone(o);
        return [c !== o, c.self === c, +c.d, String(c.r), [...c.m.keys()][0], [...[...c.m.values()][0]], 1 in c.a, "u" in c, c.e.message, c.e.name, [...c.b], c.b !== o.b, c.b.buffer !== o.b.buffer]`,
        [true, true, 5, "/x/gi", { k: 1 }, [2], false, true, "x", "RangeError", [1, 2], true, true],
      ],
      [
        `return [() => 1, Symbol("x"), { a() {} }, Promise.resolve(), new WeakMap()].map((v) => { try { structuredClone(v); return "ok" } catch (e) { return e.name } })`,
        ["DataCloneError", "DataCloneError", "DataCloneError", "DataCloneError", "DataCloneError"],
      ],
      [
        `const c = structuredClone(JSON.parse('{"__proto__":{"x":1}}')); return [Object.keys(c), c.x ?? null]`,
        [["__proto__"], null],
      ],
      [
        `class P { constructor() { this.a = 1 } } const c = structuredClone(new P()); return [c.constructor === Object, c.a]`,
        [true, 1],
      ],
    ],
  ],
  [
    "AbortController and AbortSignal",
    [
      [
        `const c = new AbortController(); const seen = []; c.signal.addEventListener("abort", (e) => seen.push(e.type)); c.signal.onabort = () => seen.push("on"); c.abort("why"); c.abort("again"); return [seen, c.signal.aborted, c.signal.reason]`,
        [["on", "abort"], true, "why"],
      ],
      [
        `try { AbortSignal.abort().throwIfAborted() } catch (e) { return [e.name, e instanceof DOMException] }`,
        ["AbortError", true],
      ],
      [
        `const s = AbortSignal.timeout(5); await new Promise((r) => s.addEventListener("abort", r)); return [s.aborted, s.reason.name]`,
        [true, "TimeoutError"],
      ],
      [
        `const a = new AbortController(); const any = AbortSignal.any([a.signal, new AbortController().signal]); const before = any.aborted; a.abort(7); return [before, any.aborted, any.reason, AbortSignal.any([AbortSignal.abort(8)]).reason]`,
        [false, true, 7, 8],
      ],
      [
        `const c = new AbortController(); const seen = []; const f = () => seen.push(1); c.signal.addEventListener("abort", f); c.signal.removeEventListener("abort", f); c.abort(); return seen`,
        [],
      ],
    ],
  ],
  [
    "crypto",
    [
      [
        `const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join(""); return hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc")))`,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      ],
      [
        `const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, "0")).join(""); return hex(await crypto.subtle.digest({ name: "sha-1" }, new Uint8Array([255, 0, 128])))`,
        "5b101b10a702a5f4c07341f584b73626276251ac",
      ],
      [
        `const e = new TextEncoder(); const key = await crypto.subtle.importKey("raw", e.encode("key"), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]); const sig = await crypto.subtle.sign("HMAC", key, e.encode("The quick brown fox jumps over the lazy dog"));
        const hex = [...new Uint8Array(sig)].map((x) => x.toString(16).padStart(2, "0")).join(""); const bad = new Uint8Array(sig.slice(0)); bad[0] ^= 1;
        return [hex, await crypto.subtle.verify("HMAC", key, sig, e.encode("The quick brown fox jumps over the lazy dog")), await crypto.subtle.verify("HMAC", key, bad, e.encode("The quick brown fox jumps over the lazy dog"))]`,
        ["f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8", true, false],
      ],
      [
        `return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())`,
        true,
      ],
      [
        `const a = crypto.getRandomValues(new Uint32Array(100)); return [a instanceof Uint32Array, a.some((x) => x > 65535)]`,
        [true, true],
      ],
      [`try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return "threw" }`, "threw"],
      [
        `const told = []; for (const work of [() => crypto.subtle.digest("none", new Uint8Array(1)), () => crypto.subtle.sign("RSA-PSS", {}, new Uint8Array(1)), () => crypto.subtle.importKey("raw", new Uint8Array(0), { name: "HMAC", hash: "SHA-1" }, false, ["sign"])]) try { await work() } catch (e) { told.push(e.name + ": " + e.message) } return told`,
        [
          "NotSupportedError: Cannot use algorithm none: available are SHA-1, SHA-256, SHA-384, SHA-512.",
          "NotSupportedError: Cannot use algorithm RSA-PSS: available are HMAC.",
          "DataError: Cannot import a key of no bytes.",
        ],
      ],
    ],
  ],
  [
    "microtasks and globals",
    [
      [
        `const seen = []; queueMicrotask(() => seen.push("micro")); seen.push("sync"); await null; await null; return seen`,
        ["sync", "micro"],
      ],
      [`queueMicrotask(() => { throw new Error("lost") }); await null; return "on"`, "on"],
      [
        `return ["console", "URL", "Headers", "fetch"].map((n) => Object.getOwnPropertyDescriptor(globalThis, n)?.enumerable ?? "absent")`,
        [false, false, false, "absent"],
      ],
      [
        `return [URL.name, Headers.name, setTimeout.name, Object.keys(globalThis)]`,
        ["URL", "Headers", "setTimeout", []],
      ],
      [
        `return [Object.groupBy([1, 2, 3], (x) => x % 2 ? "odd" : "even"), [3, 1].toSorted(), new Set([1]).union(new Set([2])).size, typeof Promise.withResolvers, new Error("a", { cause: 1 }).cause]`,
        [{ odd: [1, 3], even: [2] }, [1, 3], 2, "function", 1],
      ],
    ],
  ],
])("%s", (_group, cases) => {
  test.each(cases)("%s", async (body, expected) => {
    expect(toValue(await run(main(body)))).toEqual(expected);
  });
});
