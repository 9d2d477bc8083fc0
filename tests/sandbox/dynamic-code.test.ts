/** Is there any way to run code that nobody reviewed? Every path from a string to code must be closed. */
import { describe, expect, test } from "vitest";
import { createHost, main, openVm, run, sandbox, toLimits, toProgram, toValue } from "./harness.ts";

/** Each expression must throw or reject; its source tries to make 42 out of a string. */
const PATHS: readonly (readonly [string, string])[] = [
  ["eval", `eval("42")`],
  ["indirect eval", `(0, eval)("42")`],
  ["globalThis.eval", `globalThis.eval("42")`],
  ["eval by name", `globalThis["ev" + "al"]("42")`],
  ["Function", `Function("return 42")()`],
  ["new Function", `new Function("return 42")()`],
  ["a function's constructor", `(() => {}).constructor("return 42")()`],
  ["a class's constructor", `(class {}).constructor("return 42")()`],
  ["a method's constructor", `({ a() {} }).a.constructor("return 42")()`],
  ["a built-in's constructor", `[].push.constructor("return 42")()`],
  ["a bound function's constructor", `(() => {}).bind().constructor("return 42")()`],
  ["Function.prototype.constructor", `Function.prototype.constructor("return 42")()`],
  ["AsyncFunction", `(async () => {}).constructor("return 42")()`],
  ["GeneratorFunction", `(function* () {}).constructor("yield 42")().next()`],
  ["AsyncGeneratorFunction", `(async function* () {}).constructor("yield 42")().next()`],
  ["AsyncFunction through its prototype", `Object.getPrototypeOf(async () => {}).constructor("return 42")()`],
  [
    "the prototype of AsyncFunction's constructor",
    `Object.getPrototypeOf((async () => {}).constructor)("return 42")()`,
  ],
  ["the constructor of the blocked constructor", `Function.constructor("return 42")()`],
  ["Reflect.construct", `Reflect.construct(Function, ["return 42"])()`],
  [
    "Reflect.construct with another target",
    `Reflect.construct(Object.getPrototypeOf(() => {}).constructor, ["return 42"], Object)()`,
  ],
  ["Reflect.apply", `Reflect.apply(Function, undefined, ["return 42"])()`],
  ["a subclass", `new (class extends Function {})("return 42")()`],
  ["an async subclass", `new (class extends (async () => {}).constructor {})("return 42")()`],
  ["the constructor of a prelude function", `setTimeout.constructor("return 42")()`],
  ["the constructor of a prelude class", `URL.constructor("return 42")()`],
  ["the constructor of console.log", `console.log.constructor("return 42")()`],
  ["the constructor of crypto", `crypto.getRandomValues.constructor("return 42")()`],
  ["the constructor of a runtime function", `ctx.call.constructor("return 42")()`],
  [
    "an accessor's constructor",
    `Object.getOwnPropertyDescriptor(Map.prototype, "size").get.constructor("return 42")()`,
  ],
  ["a proxy of Function", `new Proxy(Function, {})("return 42")()`],
  ["a string timer", `setTimeout("42")`],
  ["a string interval", `setInterval("42", 1)`],
  ["a string microtask", `queueMicrotask("42")`],
  ["dynamic import of data", `import("data:text/javascript,export default 42")`],
  ["dynamic import of a known module", `import("emdash")`],
  ["dynamic import of the bundle", `import("demo@1.0.0")`],
  ["dynamic import of the prelude", `import("bulkhead:prelude")`],
  ["dynamic import of nothing", `import("")`],
  ["WebAssembly", `new WebAssembly.Module(new Uint8Array(8))`],
];

describe("no code out of strings", () => {
  test.each(PATHS)("%s throws", async (_what, expression) => {
    const body = `try { return ["ran", await (${expression})] } catch (e) { return ["threw", e.name] }`;
    const [result] = toValue(await run(main(body), { host: createHost().host })) as [string, unknown];
    expect(result).toBe("threw");
  });

  test.each(PATHS.filter(([what]) => !what.includes("runtime function") && !what.startsWith("dynamic import")))(
    "%s throws at top level",
    async (_what, expression) => {
      const bundle = `let result; try { ${expression}; result = "ran" } catch { result = "threw" } export const main = () => result;`;
      expect(toValue(await run(bundle))).toBe("threw");
    },
  );

  test("dynamic import is refused at top level as well, with and without await", async () => {
    const caught = `let result; try { await import("emdash"); result = "ran" } catch (e) { result = e.message } export const main = () => result;`;
    expect(toValue(await run(caught))).toContain("dynamic import is not available");
    const late = `let result = "pending"; import("emdash").then(() => (result = "ran"), () => (result = "refused")); export const main = () => result;`;
    expect(toValue(await run(late))).toBe("refused");
  });

  test("its neighbours work: functions are still functions", async () => {
    const body = `return [
      (() => {}) instanceof Function,
      (async () => {}) instanceof Function,
      typeof Function.prototype.call,
      Function.name,
      (class extends Array {}).name,
      (() => 1).bind()(),
      Object.getPrototypeOf(async () => {}).constructor.name,
    ]`;
    expect(toValue(await run(main(body)))).toEqual([true, true, "function", "Function", "", 1, "AsyncFunction"]);
  });

  test("the constructors cannot be put back", async () => {
    const body = `
      let assigned = "no";
      try { Object.defineProperty(Function.prototype, "constructor", { value: 1 }); assigned = "yes" } catch {}
      return [assigned, Reflect.deleteProperty(Function.prototype, "constructor"), delete globalThis.Function, typeof Function]`;
    expect(toValue(await run(main(body)))).toEqual(["no", false, true, "undefined"]);
  });

  test("what would help an attacker is absent", async () => {
    const names = [
      "eval",
      "WebAssembly",
      "Atomics",
      "SharedArrayBuffer",
      "Temporal",
      "process",
      "require",
      "fetch",
      "global",
      "std",
      "os",
    ];
    const body = `return ${JSON.stringify(names)}.filter((name) => name in globalThis)`;
    expect(toValue(await run(main(body)))).toEqual([]);
  });

  test("stack hooks hand out no functions of the prelude", async () => {
    const body = `
      let frames = "none";
      Error.prepareStackTrace = (_error, list) => (frames = list);
      Error.stackTraceLimit = 100;
      try { new URL("no url") } catch {}
      try { ctx.call("x", 1n) } catch {}
      return [frames, typeof Error.prepareStackTrace]`;
    expect(toValue(await run(main(body)))).toEqual(["none", "undefined"]);
  });

  test("nobody who is called back learns who called", async () => {
    const body = `
      const seen = [];
      const look = function () {
        for (const key of ["caller", "arguments", "callee"])
          for (const owner of [look, setTimeout, URL, console.log, arguments]) try { if (typeof owner[key] === "function" && owner[key] !== look) seen.push(key) } catch {}
        const frames = {}; Error.captureStackTrace(frames);
        if (typeof frames.stack !== "string") seen.push("stack");
        return "x";
      };
      const trap = { toString: look, valueOf: look, toJSON: look, [Symbol.toPrimitive]: look, get message() { return look() }, get then() { look() } };
      console.log(trap, String(trap)); new URLSearchParams([[trap, trap]]); new Headers({ a: trap }); structuredClone({ get a() { return look() } });
      new Intl.NumberFormat("de", { get style() { look(); return "percent" } });
      await trap; await ctx.call("x", trap).catch(look);
      await new Promise((done) => setTimeout(() => done(look()), trap));
      queueMicrotask(look); await null;
      return seen`;
    expect(toValue(await run(main(body), { host: createHost().host }))).toEqual([]);
  });

  test("a NUL does not hide what follows it", async () => {
    const opened = await sandbox.open(
      toProgram(`export const main = () => 1;\u0000 export const hidden = 2;`),
      toLimits(),
    );
    expect(opened).toMatchObject({ ok: false, failure: { kind: "threw", error: { name: "SyntaxError" } } });
    const vm = await openVm(`export const main = () => "\\0".length;`);
    expect(toValue(await vm.invoke({ name: "main", input: "1", context: "{}" }, createHost().host, toLimits()))).toBe(
      1,
    );
  });
});
