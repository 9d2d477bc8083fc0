/** Does every attack end within its budget, whatever it hides in, and does the next program never notice? */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  assertVictimAnswers,
  createHost,
  main,
  openVm,
  run,
  sandbox,
  toLimits,
  toProgram,
  toStop,
  toThrown,
  toValue,
} from "./harness.ts";

const TIGHT = toLimits({ fuel: 10_000_000, jobs: 5_000, wallMs: 500, hostCalls: 50 });
const attack = (bundle: string) =>
  run(bundle, { limits: TIGHT, host: createHost({ ping: () => 1, bag: () => ({ a: 1 }) }).host });

afterEach(assertVictimAnswers);

/** Bodies that never end by themselves, each in another place. */
const LOOPS: readonly (readonly [string, string])[] = [
  ["while", "while (true) {}"],
  ["calls", "const f = () => {}; for (;;) f()"],
  ["try in a loop", "for (;;) { try { throw 1 } catch {} }"],
  ["finally", "for (;;) { try { continue } finally { continue } }"],
  ["catching everything", "const f = () => { try { for (;;); } catch { f() } finally { f() } }; f()"],
  ["a job", "await null; for (;;);"],
  [
    "a chain of jobs",
    "let p = Promise.resolve(); for (let i = 0; i < 3; i++) p = p.then(() => { for (;;); }); await p",
  ],
  ["a microtask", "queueMicrotask(() => { for (;;); }); await new Promise(() => {})"],
  ["a timer", "setTimeout(() => { for (;;); }, 0); await new Promise(() => {})"],
  ["after a host call", `await ctx.call("ping"); for (;;);`],
  ["toJSON of the result", "return { toJSON() { for (;;); } }"],
  ["a getter of the result", "return { get a() { for (;;); } }"],
  ["a proxy as the result", "return new Proxy({}, { ownKeys() { for (;;); } })"],
  ["a thenable as the result", "return { then() { for (;;); } }"],
  ["a getter named then", "return { get then() { for (;;); } }"],
  ["toJSON of an argument", `await ctx.call("ping", { toJSON() { for (;;); } })`],
  ["a getter of an argument", `await ctx.call("ping", { get a() { for (;;); } })`],
  ["toString of a log line", "console.log({ toString() { for (;;); }, toJSON() { for (;;); } })"],
  ["a getter of a thrown error", "throw { get message() { for (;;); } }"],
  [
    "the stack of a thrown error",
    "const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); throw e",
  ],
  ["a proxy as a thrown error", "throw new Proxy({}, { get() { for (;;); } })"],
  [
    "a setter met by a host answer",
    `Object.defineProperty(Object.prototype, "then", { get() { for (;;); } }); await ctx.call("bag")`,
  ],
  ["a setter", "({ set a(v) { for (;;); } }).a = 1"],
  [
    "a trap of a proxy",
    "new Proxy({}, { has() { for (;;); } }).constructor; 'a' in new Proxy({}, { has() { for (;;); } })",
  ],
  ["a generator", "const g = (function* () { for (;;) yield 1 })(); for (const x of g);"],
  ["an iterator", "new Set({ [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) })"],
  ["a comparison", "[2, 1].sort(() => { for (;;); })"],
  ["a replacer", `"a".replace(/a/, () => { for (;;); })`],
  ["conversion to a primitive", "+{ valueOf() { for (;;); } }"],
  ["a catastrophic regex", `/(a+)+$/.test("a".repeat(40) + "b")`],
  ["a catastrophic regex, anchored", `/^(a+)+$/.test("a".repeat(32) + "b")`],
  ["a regex of two runs", `/(x+x+)+y/.test("x".repeat(40))`],
  ["a regex of lazy fields over 50 KB", `/(.*?,){20}x/.test("a,".repeat(25_000))`],
  ["a backtracking regex", `/^(.*,){20}P/.test("1,".repeat(30))`],
  [
    "a for-await over nothing",
    "async function* g() { for (;;) yield }; for await (const x of g()) { for (let i = 0; i < 1e4; i++); }",
  ],
];
/** What never ends while a bundle is evaluated. */
const TOP_LOOPS: readonly (readonly [string, string])[] = [
  ["a statement", "for (;;);"],
  ["a job", "Promise.resolve().then(() => { for (;;); });"],
  ["a static block", "class A { static { for (;;); } }"],
  ["after an await", "await null; for (;;);"],
  ["a getter of the error thrown", "throw { get name() { for (;;); } }"],
  ["a thenable awaited", "await { then() { for (;;); } };"],
];

describe("loops that never end are stopped by fuel", () => {
  test.each(LOOPS)("%s", async (what, body) => {
    expect(["fuel", "jobs"]).toContain(toStop(await attack(main(body))));
  });

  test.each(TOP_LOOPS)("%s at top level", async (what, bundle) => {
    const opened = await sandbox.open(toProgram(`${bundle}\nexport const main = 1;`), TIGHT);
    expect(opened).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "fuel" } });
  });
});

describe("floods are stopped by the job budget", () => {
  test.each([
    ["a promise that restarts itself", "const f = () => Promise.resolve().then(f); f(); await new Promise(() => {})"],
    [
      "a queue that doubles itself",
      "const f = () => { queueMicrotask(f); queueMicrotask(f); }; f(); await new Promise(() => {})",
    ],
    ["awaits", "for (;;) await null"],
    ["thenables", "const t = { then(r) { r(t) } }; await t"],
    [
      "a job that throws a number",
      "const f = () => { queueMicrotask(f); throw -1e9; }; f(); await new Promise(() => {})",
    ],
    ["a flood after the result is there", "const f = () => Promise.resolve().then(f); f(); return 1"],
  ])("%s", async (what, body) => {
    expect(toStop(await attack(main(body)))).toBe("jobs");
  });

  test("at top level", async () => {
    const opened = await sandbox.open(
      toProgram("const f = () => Promise.resolve().then(f); f(); export const main = 1;"),
      TIGHT,
    );
    expect(opened).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "jobs" } });
  });

  test("of host calls", async () => {
    const { host, seen } = createHost({ ping: () => 1 });
    const outcome = await run(main(`for (let i = 0; i < 20000; i++) ctx.call("ping"); await null; return 1`), {
      host,
      limits: TIGHT,
    });
    expect(toStop(outcome)).toBe("host-calls");
    expect(seen).toHaveLength(0);
  });

  test("of log lines", async () => {
    const { host, logs } = createHost();
    await run(main(`for (let i = 0; i < 1e6; i++) console.log("spam " + i)`), { host, limits: TIGHT });
    expect(logs.length).toBeLessThanOrEqual(201);
    expect(logs.at(-1)?.message).toMatch(/^\d+ log lines were dropped/);
  });
});

describe("memory bombs are stopped by the cap", () => {
  test.each([
    ["buffers", "const a = []; for (;;) a.push(new ArrayBuffer(65536))"],
    ["large buffers", "const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1))"],
    ["strings", "const a = []; for (let i = 0; ; i++) a.push('x'.repeat(10000) + i)"],
    ["a doubling string", "let s = 'x'; for (;;) s = (s + s).split('').join('')"],
    ["one huge string", `return "x".repeat(2 ** 29).length`],
    ["objects", "let o = {}; for (;;) o = { o, a: [1, 2, 3] }"],
    ["a map", "const m = new Map(); for (let i = 0; ; i++) m.set(i, {})"],
    ["closures", "let f = () => 0; for (;;) { const g = f; f = () => g; }"],
    ["a list of holes", "return new Array(1e9).fill(0).length"],
    ["a huge typed array", "return new Uint8Array(2 ** 31 - 1).length"],
    ["in a job", "await null; const a = []; for (;;) a.push(new ArrayBuffer(1e5))"],
    ["caught and tried again", "const a = []; for (;;) { try { a.push(new ArrayBuffer(1e6)) } catch {} }"],
    ["an argument", `await ctx.call("ping", "x".repeat(20e6))`],
  ])("%s", async (what, body) => {
    const outcome = await run(main(body), {
      limits: toLimits({ fuel: 400_000_000 }),
      host: createHost({ ping: () => 1 }).host,
    });
    expect(outcome.usage.peakBytes).toBeLessThanOrEqual(toLimits().memoryBytes);
    if (what === "a huge typed array" || what === "a list of holes") expect(outcome.ok).toBe(false);
    else expect(toStop(outcome)).toBe("memory");
  });

  test("at top level", async () => {
    const opened = await sandbox.open(
      toProgram("const a = []; for (;;) a.push(new ArrayBuffer(1e5)); export {};"),
      toLimits(),
    );
    expect(opened).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "memory" } });
  });
});

describe("recursion ends as an error of the guest or a stop, never as a broken host", () => {
  test.each([
    ["functions", "const f = () => f(); f()"],
    ["functions that catch", "const f = () => { try { f() } catch { f() } }; f()"],
    ["getters", "const o = { get a() { return this.a } }; o.a"],
    ["toString", "const o = { toString() { return '' + o } }; '' + o"],
    ["toJSON", "const o = { toJSON() { return JSON.stringify(o) } }; JSON.stringify(o)"],
    ["proxies", "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.a"],
    ["JSON.parse", `JSON.parse("[".repeat(1e6))`],
    ["JSON.parse of objects", `JSON.parse('{"a":'.repeat(2e5))`],
    ["JSON.stringify", "let o = []; for (let i = 0; i < 1e5; i++) o = [o]; JSON.stringify(o)"],
    ["a deep result", "let o = []; for (let i = 0; i < 1e5; i++) o = [o]; return o"],
    ["flat", "let o = []; for (let i = 0; i < 1e5; i++) o = [o]; o.flat(Infinity)"],
    ["a regex source", `new RegExp("(".repeat(1e5) + ")".repeat(1e5))`],
    ["bound functions", "let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(); f()"],
    ["structuredClone", "let o = []; for (let i = 0; i < 1e5; i++) o = [o]; structuredClone(o)"],
    ["a deep cause", "let e = new Error('x'); for (let i = 0; i < 1e5; i++) e = new Error('y', { cause: e }); throw e"],
  ])("%s", async (_what, body) => {
    const outcome = await run(main(body), { limits: toLimits({ fuel: 100_000_000 }), openLimits: toLimits() });
    expect(outcome.ok).toBe(false);
    expect(outcome.usage.peakBytes).toBeLessThanOrEqual(toLimits().memoryBytes);
    expect(
      toThrown(outcome) !== undefined || ["stack", "memory", "fuel", "crashed"].includes(toStop(outcome) ?? ""),
    ).toBe(true);
  });

  test("in the source itself", async () => {
    for (const source of [
      `${"(".repeat(1e5)}1${")".repeat(1e5)}`,
      `${"[".repeat(1e5)}${"]".repeat(1e5)}`,
      `-${"-+".repeat(1e5)}1`,
    ]) {
      const opened = await sandbox.open(toProgram(`export const main = ${source};`), toLimits());
      expect(opened.ok).toBe(false);
    }
  });

  test("in the input", async () => {
    const vm = await sandbox.open(toProgram(main("return 1")), toLimits());
    if (!vm.ok) throw new Error("could not open");
    const input = "[".repeat(2e5) + "]".repeat(2e5);
    const outcome = await vm.vm.invoke({ name: "main", input, context: "{}" }, createHost().host, toLimits());
    expect(outcome.ok).toBe(false);
  });
});

test("thirty runs out of memory leave the sandbox as it was", async () => {
  for (let round = 0; round < 30; round += 1) {
    expect(toStop(await run(main("const a = []; for (;;) a.push(new ArrayBuffer(1e6))")))).toBe("memory");
  }
  expect(toValue(await run(main("return 1")))).toBe(1);
});

describe("a stop that promises swallow", () => {
  test.each([
    [
      "by starting anew",
      "function g() { Promise.resolve().then(() => { Promise.resolve().then(g); while (true) {} }) } g(); return 1",
    ],
    [
      "by catching it fifty times",
      "(async () => { for (let i = 0; i < 50; i++) { try { await (async () => { await 0; while (true) {} })() } catch {} } })(); return 1",
    ],
    [
      "by a result that is there already",
      "Promise.resolve().then(() => { try { for (;;); } catch {} finally { for (;;); } }); return 1",
    ],
  ])("%s is reported as want of fuel, never as a result", async (_what, body) => {
    const vm = await openVm(main(body));
    const enter = () => vm.invoke({ name: "main", input: "1", context: "{}" }, createHost().host, TIGHT);
    expect(toStop(await enter())).toBe("fuel");
    expect(toStop(await enter())).toBe("fuel");
  });
});

describe("out of memory in every place, then a hundred fresh entries", () => {
  test.each([
    ["at once", "const a = []; for (;;) a.push(new ArrayBuffer(1e6))"],
    ["after an await", "await null; const a = []; for (;;) a.push('x'.repeat(10_000) + a.length)"],
    [
      "by 200,000 objects in a job",
      "await null; const a = []; for (let i = 0; i < 2e5; i++) a.push({ i, o: { i } }); return 1",
    ],
    [
      "in a finalizer",
      "const r = new FinalizationRegistry(() => { const a = []; for (;;) a.push(new ArrayBuffer(1e5)) }); for (let i = 0; i < 100; i++) r.register({}, i); for (let i = 0; i < 100; i++) await null; return 1",
    ],
  ])("%s", async (_what, body) => {
    const outcome = await run(main(body));
    expect(["memory", undefined]).toContain(toStop(outcome));
    const { instances } = sandbox.stats();
    for (let left = 100; left > 0; left -= 1) expect(toValue(await run(main("return 1")))).toBe(1);
    expect(sandbox.stats().instances).toBeLessThanOrEqual(instances + 1);
  });
});

describe("a clock that stands still helps nobody", () => {
  const realNow = Date.now;
  beforeEach(() => {
    Date.now = () => 1_000;
  });
  afterEach(() => {
    Date.now = realNow;
  });

  test.each(LOOPS)("%s", async (what, body) => {
    expect(["fuel", "jobs"]).toContain(toStop(await attack(main(body))));
  });

  test.each(TOP_LOOPS)("%s at top level", async (what, bundle) => {
    const opened = await sandbox.open(toProgram(`${bundle}\nexport const main = 1;`), TIGHT);
    expect(opened).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "fuel" } });
  });

  test("an interval for ever", async () => {
    expect(toStop(await attack(main("setInterval(() => {}, 0); await new Promise(() => {})")))).toMatch(
      /^(jobs|wall)$/,
    );
  });
});
