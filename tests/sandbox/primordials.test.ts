/** Can a bundle bend dispatch, settling or encoding by replacing what the prelude stands on? */
import { describe, expect, test } from "vitest";
import { assertVictimAnswers, createHost, main, run, toStop, toThrown, toValue } from "./harness.ts";

const BODY = `
  console.log("logged", { a: 1 });
  const answer = await ctx.call("kv.get", "key", { deep: [1, 2] });
  let code = "none";
  try { await ctx.call("missing") } catch (e) { code = e.code }
  await new Promise((r) => setTimeout(r, 1));
  return { answer, input, code, random: Math.random() < 1, url: new URL("/b?c=1", "https://a.test").href };`;

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
    `for (const k of ["push", "pop", "shift", "map", "forEach", "join", "slice", "concat", "includes"]) Array.prototype[k] = () => { throw new Error(k) };`,
  ],
  ["iteration of arrays", `Array.prototype[Symbol.iterator] = () => { throw new Error("iterator") };`],
  [
    "Map.prototype methods",
    `for (const k of ["get", "set", "delete", "clear", "forEach"]) Map.prototype[k] = () => { throw new Error(k) };`,
  ],
  ["the global Map", `globalThis.Map = globalThis.WeakMap = class Fake {};`],
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
    `for (const k of ["slice", "charCodeAt", "indexOf", "toLowerCase", "startsWith", "trim"]) String.prototype[k] = () => { throw new Error(k) };`,
  ],
  [
    "String, Number, Error, Date, Math",
    `globalThis.String = globalThis.Number = globalThis.Error = globalThis.TypeError = globalThis.Date = () => { throw 1 };`,
  ],
  [
    "properties of every object",
    `for (const k of ["value", "get", "set", "writable", "enumerable", "configurable", "resolve", "reject", "name", "code", "message", "every", "due"]) Object.defineProperty(Object.prototype, k, { __proto__: null, set() { throw new Error(k) }, get() { return undefined }, configurable: true });`,
  ],
  [
    "the globals of the prelude",
    `for (const k of ["console", "setTimeout", "URL", "crypto", "queueMicrotask"]) { const own = globalThis[k]; try { Object.freeze(own) } catch {} }`,
  ],
  [
    "Symbol.hasInstance and toPrimitive",
    `Object.defineProperty(Function.prototype, "x", { value: 1 }); Object.prototype[Symbol.toPrimitive] = undefined;`,
  ],
];

describe("a bundle that replaces", () => {
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
