/** Can a bundle bend dispatch, settling or encoding by replacing what the prelude stands on? */
import { describe, expect, test } from "vitest";
import { createQuickJsFactory } from "../../sandbox/engine/quickjs.ts";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { defaultLimits } from "../../sandbox/index.ts";
import { prelude } from "../../sandbox/guest/prelude.gen.ts";
import { assertVictimAnswers, createHost, main, run, toLimits, toStop, toThrown, toValue } from "./harness.ts";

const BODY = `
  console.log("logged", { a: 1 });
  const answer = await ctx.call("kv.get", "key", { deep: [1, 2] });
  let code = "none";
  try { await ctx.call("missing") } catch (e) { code = e.code }
  await new Promise((r) => { setTimeout(r, 3); setTimeout(() => {}, 1); clearTimeout(setTimeout(() => {}, 2)) });
  await new Promise((r) => queueMicrotask(r));
  return { answer, input, code, random: Math.random() < 1, url: new URL("/b?c=1", "https://a.test").href };`;

/** What else of the surface has to go on, whatever was replaced. The bundle's own code uses no built-in here. */
const SURFACE = `
  const u = new URL("https://a.test/?q=a+b%20c&r=%C3%A4");
  u.searchParams.append("n", "1 2");
  u.hash = "x";
  const h = new Headers({ B: " 2 " });
  h.append("a", "1");
  const bytes = new TextEncoder().encode("hä€");
  const long = new TextEncoder().encode(input);
  const signal = new AbortController();
  let heard = 0;
  signal.signal.addEventListener("abort", () => { heard += 1 });
  signal.abort("why");
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const isSigned = await crypto.subtle.verify("HMAC", key, await crypto.subtle.sign("HMAC", key, long), long);
  const copy = structuredClone({ a: { b: bytes }, c: 1 });
  return {
    u: u.href, q: u.searchParams.get("q"), r: u.searchParams.get("r"),
    h: h.get("b"), a: h.get("A"),
    text: new TextDecoder().decode(bytes), long: new TextDecoder().decode(long) === input,
    body: await new Response(bytes).text(), json: (await new Response('{"a":1}').json()).a,
    heard, reason: signal.signal.reason, isSigned,
    digest: btoa(new TextDecoder().decode(new TextEncoder().encode("d"))),
    base64: atob("aGk="),
    copy: copy.c, view: new TextDecoder().decode(copy.a.b),
    date: new Intl.DateTimeFormat("de", { dateStyle: "long" }).format(0),
    number: new Intl.NumberFormat("de").format(1234.5),
    uuid: crypto.randomUUID() !== crypto.randomUUID(),
    now: performance.now() > 0,
  };`;

/** Poison, put at the top of the bundle: each replaces or traps something the prelude could have used. */
const POISONS: readonly (readonly [string, string])[] = [
  ["JSON.parse and JSON.stringify", `JSON.parse = () => "forged"; JSON.stringify = () => '"forged"';`],
  ["JSON itself", `globalThis.JSON = { parse: () => "forged", stringify: () => "forged" };`],
  ["Promise.prototype.then", `Promise.prototype.then = function () { throw new Error("then") };`],
  ["Promise's species", `Object.defineProperty(Promise, Symbol.species, { get() { throw new Error("species") } });`],
  ["Promise statics", `Promise.resolve = Promise.reject = Promise.all = () => { throw new Error("static") };`],
  ["the global Promise", `globalThis.Promise = class Fake {};`],
  [
    "Array.prototype methods",
    `for (const k of Object.getOwnPropertyNames(Array.prototype)) if (k !== "constructor" && k !== "length") Array.prototype[k] = () => { throw new Error(k) };`,
  ],
  ["iteration of arrays", `Array.prototype[Symbol.iterator] = () => { throw new Error("iterator") };`],
  [
    "what iterators do",
    `for (const p of [Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(new Map()[Symbol.iterator]())]) p.next = () => { throw new Error("next") };`,
  ],
  [
    "Map, Set, WeakMap and WeakSet",
    `for (const C of [Map, Set, WeakMap, WeakSet]) { for (const k of Object.getOwnPropertyNames(C.prototype)) if (k !== "constructor") Object.defineProperty(C.prototype, k, { value() { throw new Error(k) } }); globalThis[C.name] = class Fake {} }`,
  ],
  [
    "Reflect and Object",
    `for (const o of [Reflect, Object]) for (const k of Object.getOwnPropertyNames(o)) try { o[k] = () => { throw new Error(k) } } catch {}`,
  ],
  [
    "Function.prototype methods",
    `for (const k of ["call", "apply", "bind", "toString"]) Function.prototype[k] = () => { throw new Error(k) };`,
  ],
  [
    "String.prototype methods",
    `for (const k of Reflect.ownKeys(String.prototype)) if (k !== "constructor" && k !== "length") String.prototype[k] = () => { throw new Error(String(k)) };`,
  ],
  [
    "RegExp.prototype methods",
    `for (const k of Reflect.ownKeys(RegExp.prototype)) if (k !== "constructor") Object.defineProperty(RegExp.prototype, k, { get() { throw new Error(String(k)) } });`,
  ],
  [
    "String, Number, Error, Date, Math",
    `globalThis.String = globalThis.Number = globalThis.Error = globalThis.TypeError = globalThis.Date = () => { throw 1 };`,
  ],
  [
    "Date.prototype and Number.prototype",
    `for (const C of [Date, Number, BigInt]) for (const k of Reflect.ownKeys(C.prototype)) if (k !== "constructor") Object.defineProperty(C.prototype, k, { value() { throw new Error(String(k)) } });`,
  ],
  [
    "functions of the global object",
    `for (const k of ["escape", "unescape", "encodeURIComponent", "decodeURIComponent", "parseInt", "isNaN"]) globalThis[k] = () => { throw new Error(k) };`,
  ],
  [
    "typed arrays and buffers",
    `for (const p of [Object.getPrototypeOf(Uint8Array.prototype), ArrayBuffer.prototype, DataView.prototype]) for (const k of Reflect.ownKeys(p)) if (k !== "constructor") Object.defineProperty(p, k, { get() { throw new Error(String(k)) } });
     for (const k of ["Uint8Array", "Uint32Array", "ArrayBuffer", "DataView"]) globalThis[k] = class { constructor() { throw new Error(k) } };`,
  ],
  [
    "the species of everything",
    `for (const C of [Array, Map, Set, RegExp, Promise, ArrayBuffer, Object.getPrototypeOf(Uint8Array)]) Object.defineProperty(C, Symbol.species, { get() { throw new Error("species") } });`,
  ],
  [
    "Symbol.hasInstance",
    `for (const C of [Error, Map, Set, Promise, RegExp, Date, ArrayBuffer, URL, Headers, Request, URLSearchParams]) Object.defineProperty(C, Symbol.hasInstance, { value() { return true } });`,
  ],
  [
    "properties of every object",
    `for (const k of ["value", "get", "set", "writable", "enumerable", "configurable", "resolve", "reject", "name", "code", "message", "every", "due", "at", "id", "callback", "args", "locales", "options", "stack", "cause", "hash", "material", "canSign", "listener", "isOnce", "target"]) Object.defineProperty(Object.prototype, k, { __proto__: null, set() { throw new Error(k) }, get() { return undefined }, configurable: true });`,
  ],
  [
    "the globals of the prelude",
    `for (const k of ["console", "setTimeout", "URL", "crypto", "queueMicrotask"]) { const own = globalThis[k]; try { Object.freeze(own) } catch {} }`,
  ],
  [
    "methods of the prelude's classes",
    `for (const C of [URLSearchParams, Headers, AbortSignal, Object.getPrototypeOf(Response)]) for (const k of Reflect.ownKeys(C.prototype)) if (["get", "has", "getAll", "forEach", "entries", "keys", "values", "toString"].includes(k) === false && k !== "constructor" && k !== "text" && k !== "json" && k !== "reason" && k !== "append" && k !== "set" && k !== "addEventListener") Object.defineProperty(C.prototype, k, { value() { throw new Error(String(k)) } });
     URLSearchParams.bind = URLSearchParams.follow = AbortSignal.fire = AbortSignal.never = () => { throw new Error("static") };`,
  ],
  [
    "how errors are made",
    `Error.captureStackTrace = () => { throw new Error("capture") }; Error.isError = () => false; Error.stackTraceLimit = 0; Object.defineProperty(Error.prototype, "name", { get() { throw new Error("name") }, set(v) { throw new Error("set name") } });
     for (const k of ["message", "stack"]) Object.defineProperty(Error.prototype, k, { get() { return undefined }, set() { throw new Error(k) } });`,
  ],
  [
    "Symbol.hasInstance and toPrimitive",
    `Object.defineProperty(Function.prototype, "x", { value: 1 }); Object.prototype[Symbol.toPrimitive] = undefined;`,
  ],
];

/** Longer than what the guest converts by itself. */
const LONG = "ä€😀x".repeat(300);

describe("a bundle that replaces", () => {
  let expected: unknown;
  test("nothing gets what it should", async () => {
    expected = toValue(await run(main(SURFACE), { input: LONG }));
    expect(expected).toMatchObject({ u: "https://a.test/?q=a+b+c&r=%C3%A4&n=1+2#x", date: "1. Januar 1970" });
  });

  test.each(POISONS)("%s still gets the same of the web's APIs", async (_what, poison) => {
    expect(toValue(await run(`${poison}\n${main(SURFACE)}`, { input: LONG }))).toEqual(expected);
    await assertVictimAnswers();
  });

  test.each(POISONS)("%s still gets, sends and returns the same", async (_what, poison) => {
    const { host, logs, seen } = createHost({ "kv.get": (args) => args });
    const outcome = await run(`${poison}\n${main(BODY)}`, { host, input: { in: 1 } });
    expect(toValue(outcome)).toEqual({
      answer: ["key", { deep: [1, 2] }],
      input: { in: 1 },
      code: "UNKNOWN",
      random: true,
      url: "https://a.test/b?c=1",
    });
    expect(seen).toEqual(["kv.get", "missing"]);
    expect(logs).toEqual([{ level: "info", message: 'logged {"a":1}', data: undefined }]);
    await assertVictimAnswers();
  });
});

/** The built-ins of the engine itself, by where they are found: the prelude's own functions look like them. */
async function listBuiltIns(): Promise<readonly string[]> {
  const paths = `
    const paths = [], done = new Set();
    function walk(owner, path) {
      if (owner === null || (typeof owner !== "object" && typeof owner !== "function") || done.has(owner)) return;
      done.add(owner);
      for (const key of Reflect.ownKeys(owner)) {
        const own = Object.getOwnPropertyDescriptor(owner, key), name = path + "." + String(key);
        if ("value" in own) walk(own.value, name);
        if (key !== "constructor" && (own.get || typeof own.value === "function")) paths.push(name);
      }
      walk(Object.getPrototypeOf(owner), path + ".__proto__");
    }
    ${ROOTS.replaceAll("wrap(", "walk(")}
    call("paths", JSON.stringify(paths), 1);`;
  const engine = await createQuickJsFactory(wasm).boot({ stackBytes: defaultLimits.stackBytes });
  let told = "[]";
  engine.arm({ ...defaultLimits, imports: { call: (_, json) => void (told = json ?? "[]"), ask: () => "" } });
  const prelude = [`(call) => { ${paths}; return () => "" }`];
  engine.evaluate({ name: "bare@1.0.0", runtime: "0", modules: {}, bundle: "export {};", prelude }, 1);
  return JSON.parse(told) as string[];
}

/** Where a bundle's search begins. */
const ROOTS = `
  wrap(globalThis, "globalThis");
  for (const sample of [[][Symbol.iterator](), new Map()[Symbol.iterator](), ""[Symbol.iterator](), (function* () {})(), (async function* () {})(), /x/[Symbol.matchAll]("")])
    wrap(Object.getPrototypeOf(sample), "iterator");`;

/** Wraps every built-in a bundle can reach, and notes which are called while it is told to watch. */
const toWatch = (builtIns: readonly string[]) => `
  const { apply, construct, ownKeys, getPrototypeOf } = Reflect, { getOwnPropertyDescriptor, defineProperty } = Object;
  const builtIns = new Set(${JSON.stringify(builtIns)});
  let isWatching = false; const seen = []; const done = new Set(); const { has, add } = Set.prototype; const { push } = Array.prototype;
  const note = (name) => { if (isWatching) { isWatching = false; apply(push, seen, [name]); isWatching = true } };
  function wrap(owner, path) {
    if (owner === null || (typeof owner !== "object" && typeof owner !== "function") || apply(has, done, [owner])) return;
    apply(add, done, [owner]);
    for (const key of ownKeys(owner)) {
      const own = getOwnPropertyDescriptor(owner, key), name = path + "." + String(key);
      if (typeof own.value === "function" || (typeof own.value === "object" && own.value)) wrap(own.value, name);
      if (!own.configurable || key === "constructor") continue;
      if (typeof own.value === "function") {
        const inner = own.value;
        // Not the prelude's own classes and functions: the bundle calls those itself.
        if (apply(has, builtIns, [name]))
          own.value = new Proxy(inner, { apply(f, self, args) { note(name); return apply(f, self, args) }, construct(f, args, target) { note("new " + name); return construct(f, args, target) } });
      } else if (own.get && apply(has, builtIns, [name])) {
        const { get } = own; own.get = function () { note("get " + name); return apply(get, this, []) };
      }
      defineProperty(owner, key, own);
    }
    wrap(getPrototypeOf(owner), path + ".__proto__");
  }
  ${ROOTS}`;

test("the prelude looks nothing up that a bundle could have replaced", async () => {
  const body = `isWatching = true; const got = await (async () => { ${BODY} })(), web = await (async () => { ${SURFACE} })(); seen[seen.length] = "the watch works:"; [1].map((x) => x); isWatching = false; return { seen, got, web }`;
  const { host } = createHost({ "kv.get": (args) => args });
  const { seen, web } = toValue(
    await run(`${toWatch(await listBuiltIns())}\n${main(body)}`, { host, input: LONG }),
  ) as Record<string, unknown>;
  expect(web).toMatchObject({ base64: "hi", isSigned: true });
  // What the bundle's own code above calls by name.
  const own = new Set(["new globalThis.Promise", "globalThis.Math.random"]);
  expect((seen as string[]).filter((name) => !own.has(name))).toEqual([
    "the watch works:",
    "globalThis.Array.prototype.map",
    "get globalThis.Array.Symbol(Symbol.species)",
  ]);
});

test("the prelude holds no template literals: the engine joins them with String.prototype.concat", () => {
  for (const part of prelude) expect(part).not.toContain("${");
});

test("what the prelude's parts share is out of a bundle's reach", async () => {
  const bundle = `
    const heard = [];
    for (const key of ["slice", "askHost", "URL", "Headers", "callHost"])
      Object.defineProperty(Object.prototype, key, { get() { heard.push(key) }, set() { heard.push(key) }, configurable: true });
    export const main = () => [heard, typeof shared, typeof call, typeof ask, Object.getOwnPropertyNames(globalThis).filter((name) => /shared|askHost|callHost|slice/.test(name))];`;
  expect(toValue(await run(bundle))).toEqual([[], "undefined", "undefined", "undefined", []]);
  expect(prelude.length).toBeGreaterThan(1);
});

describe("a bundle that adds toJSON", () => {
  const everywhere = `
    let seen = [];
    for (const C of [Object, Array, String, Number, Boolean, Error])
      Object.defineProperty(C.prototype, "toJSON", { value() { seen.push(typeof this); return "forged" }, configurable: true });`;

  test("changes its own values, never the envelope around them", async () => {
    const { host } = createHost({ "kv.get": (args) => args });
    const outcome = await run(`${everywhere}\n${main(`return ctx.call("kv.get", "a", { b: 1 })`)}`, { host });
    expect(toValue(outcome)).toBe("forged");
  });

  test("cannot forge an error's text", async () => {
    const thrown = toThrown(
      await run(`${everywhere}\n${main(`throw Object.assign(new TypeError("real"), { code: "C" })`)}`),
    );
    expect(thrown).toMatchObject({ name: "TypeError", message: "real", code: "C" });
  });
});

describe("a bundle that breaks what the language itself looks up", () => {
  test.each([
    [
      "the constructor of promises",
      `Object.defineProperty(Promise.prototype, "constructor", { get() { throw new Error("own fault") } });`,
    ],
    [
      "indices of arrays",
      `for (const i of [0, 1, 2]) Object.defineProperty(Array.prototype, i, { set() { throw new Error("own fault") } });`,
    ],
    [
      "indices of every object",
      `for (const i of [0, 1, 2]) Object.defineProperty(Object.prototype, i, { set() { throw new Error("own fault") } });`,
    ],
  ])("%s fails and harms nobody else", async (_what, poison) => {
    const { host } = createHost({ "kv.get": (args) => args });
    const outcome = await run(`${poison}\n${main(BODY)}`, { host });
    expect(toThrown(outcome)?.message ?? toStop(outcome)).toMatch(/^(own fault|never-settled)$/);
    await assertVictimAnswers();
  });
});

describe("a bundle that adds then to every object", () => {
  test("harms only itself", async () => {
    const poison = `Object.defineProperty(Object.prototype, "then", { value(resolve) { resolve("forged") }, configurable: true });`;
    const { host } = createHost({ "kv.get": () => ({ a: 1 }) });
    expect(toValue(await run(`${poison}\n${main(`return ctx.call("kv.get")`)}`, { host }))).toBe("forged");
    const stuck = `Object.defineProperty(Object.prototype, "then", { value() {}, configurable: true });`;
    expect(toStop(await run(`${stuck}\n${main(`return ctx.call("kv.get")`)}`, { host }))).toBe("never-settled");
    await assertVictimAnswers();
  });
});

test("values with traps cross as what the guest's own encoder makes of them", async () => {
  const { host } = createHost({ echo: (args) => args });
  const body = `
    const traps = new Proxy({}, { get: (_t, k) => (k === "toJSON" ? undefined : 7), ownKeys: () => ["a"], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }) });
    return ctx.call("echo", traps, { get b() { return 2 } }, { [Symbol.toPrimitive]: () => "x" }, new Date(0), /x/, new Map([[1, 2]]), Symbol("s"), () => 1, NaN)`;
  expect(toValue(await run(main(body), { host }))).toEqual([
    { a: 7 },
    { b: 2 },
    {},
    "1970-01-01T00:00:00.000Z",
    {},
    {},
    null,
    null,
    null,
  ]);
});

describe("an object with every trap and hook there is", () => {
  const evil = (does: string) => `
    const act = () => { ${does} };
    const handler = {};
    for (const trap of Reflect.ownKeys(Reflect)) if (typeof trap === "string") handler[trap] = act;
    const hooks = { toJSON: act, toString: act, valueOf: act, [Symbol.toPrimitive]: act, [Symbol.iterator]: act, get then() { return act() }, get name() { return act() }, get message() { return act() }, get stack() { return act() }, get code() { return act() }, get cause() { return act() } };
    class Kind extends Array { static get [Symbol.species]() { return act() } }
    const all = () => [new Proxy({}, handler), new Proxy([], handler), new Proxy(() => {}, handler), new Proxy(new Error("x"), handler), hooks, Kind.from([hooks])];`;
  const places: readonly (readonly [string, string])[] = [
    ["an argument", `for (const o of all()) await ctx.call("echo", o).catch(() => {}); return 1`],
    ["a log line", `for (const o of all()) { try { console.log(o, { o }) } catch {} } return 1`],
    ["a result", `return all()[input]`],
    ["a thrown error", `throw all()[input]`],
    ["a reason of a rejection", `await Promise.reject(all()[input])`],
    ["a cause", `throw new Error("x", { cause: all()[input] })`],
  ];

  test.each(places)("that throws, as %s, is an error of the guest's own or a value", async (_what, body) => {
    const { host } = createHost({ echo: () => 1 });
    for (const input of [0, 1, 2, 3, 4, 5]) {
      const outcome = await run(main(evil(`throw new RangeError("own fault")`) + body), { host, input });
      expect(outcome.ok || toThrown(outcome) !== undefined, JSON.stringify(outcome)).toBe(true);
    }
    await assertVictimAnswers();
  });

  test.each(places)("that never returns, as %s, ends for want of fuel or is not asked", async (_what, body) => {
    const { host } = createHost({ echo: () => 1 });
    const limits = toLimits({ fuel: 3_000_000 });
    for (const input of [0, 1, 2, 3, 4, 5]) {
      const outcome = await run(main(evil(`for (;;);`) + body), { host, input, limits, openLimits: toLimits() });
      expect(outcome.ok || toThrown(outcome) !== undefined || toStop(outcome) === "fuel").toBe(true);
      expect(outcome.usage.fuel).toBeLessThan(3_100_000);
    }
    await assertVictimAnswers();
  });
});

test("nothing a guest sends pollutes the host", async () => {
  const { host } = createHost({ echo: () => 1 });
  const evil = `'{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'`;
  const body = `
    const evil = JSON.parse(${evil});
    console.log(evil);
    await ctx.call("echo", evil);
    if (input) throw Object.assign(JSON.parse(${evil}), { name: "__proto__", message: "constructor", code: "prototype" });
    return evil;`;
  for (const input of [0, 1]) await run(main(body), { host, input });
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});
