/**
 * What do known bugs of QuickJS do here? Small reproducers, by `docs/engine-cves.md`: those that the pinned build has
 * fixed give the right answer, those that the prelude keeps guests from cannot be tried, and those that are left stay
 * inside the VM they were run in. Numbers are those of quickjs-ng where nothing else is said. A bump that fixes one moves
 * it up.
 */
import { describe, expect, test } from "vitest";
import { assertVictimAnswers, main, sandbox, toLimits, toProgram, createHost } from "./harness.ts";

/** Nobody but the engine itself may collect garbage; it does so by the amount allocated. */
const COLLECT = "const collect = () => { for (let i = 0; i < 30000; i++) { const a = {}; a.a = a } };";
const TRY = (code: string) => `try { ${code} } catch (error) { return error.message }`;
/** A buffer that can shrink, and the view `bytes` on all of it. */
const SHRINKING = (length: number) =>
  `const buffer = new ArrayBuffer(${length}, { maxByteLength: ${length} }); const bytes = new Uint8Array(buffer);`;

async function attempt(body: string) {
  const opened = await sandbox.open(toProgram(main(body)), toLimits());
  if (!opened.ok) return opened;
  const outcome = await opened.vm.invoke({ name: "main", input: "null", context: "{}" }, createHost().host, toLimits());
  opened.vm.close();
  return outcome;
}

describe("fixed in the pinned build", () => {
  test.each<readonly [string, string, unknown]>([
    [
      "CVE-2023-31922: Array.isArray of nested proxies",
      `let nested = []; for (let i = 0; i < 20000; i++) nested = new Proxy(nested, {}); ${TRY("return Array.isArray(nested)")}`,
      "stack overflow",
    ],
    [
      "CVE-2023-48184: a suspended function that only a closure reaches",
      `${COLLECT} let leaked;
       (() => { (async () => { const own = Promise.withResolvers(); leaked = () => own; await own.promise })() })();
       collect(); const more = Array.from({ length: 2000 }, (_, x) => ({ x })); return [typeof leaked().resolve, more.length]`,
      ["function", 2000],
    ],
    [
      "lastIndexOf from before the start",
      "const bytes = new Uint8Array(8); bytes[3] = 5; return [bytes.lastIndexOf(5, -9), bytes.lastIndexOf(5, -1e300)]",
      [-1, -1],
    ],
    [
      "BigInt to text and back",
      "const big = 2n ** 4096n; return [BigInt(big.toString()) === big, BigInt('1'.repeat(5000)).toString(3).length]",
      [true, 10_478],
    ],
    [
      "a variable changed while it is added to",
      "let text = 'a'; text += { toString() { text = { a: 1 }; return 'b' } }; return text",
      "ab",
    ],
    [
      "CVE-2025-62495: a regex that doubles with each group",
      TRY("return new RegExp('(:?'.repeat(24) + '(?:a|)+' + '|)+'.repeat(24)).test('a')"),
      // It no longer grows. Trying all its ways takes longer than any limit allows.
      expect.objectContaining({ reason: "fuel" }),
    ],
    [
      "#1208: a view of a buffer that was transferred",
      "const bytes = new Uint8Array(16); bytes.buffer.transfer(); return bytes.length",
      0,
    ],
    [
      "bellard #450: a buffer transferred while it is read",
      `const bytes = new Uint8Array(64); bytes.constructor = { [Symbol.species]: function (length) {
         bytes.buffer.transfer(); return new Uint8Array(length) } }; ${TRY("return bytes.slice(0, 64).length")}`,
      "ArrayBuffer is detached or resized",
    ],
    [
      "#1368: Iterator.concat entered again",
      `let joined; joined = Iterator.concat({ [Symbol.iterator]() { joined.return(); return [][Symbol.iterator]() } });
       ${TRY("return joined.next().done")}`,
      "already running",
    ],
    [
      "#1430: push after delete of the last",
      "const list = [{ x: 0 }, { x: 1 }]; delete list[1]; list.push({ y: 2 }); const more = [1, 2, 3].map((z) => ({ z })); return [1 in list, list, more]",
      [false, [{ x: 0 }, null, { y: 2 }], [{ z: 1 }, { z: 2 }, { z: 3 }]],
    ],
    [
      "push after length down and up",
      "const list = [1, 2, 3, 4, 5].map((x) => ({ x })); list.length = 2; list.length = 5; list.push({}); const more = [1, 2, 3].map((z) => ({ z })); return [list, more]",
      [
        [{ x: 1 }, { x: 2 }, null, null, null, {}],
        [{ z: 1 }, { z: 2 }, { z: 3 }],
      ],
    ],
    [
      "#1468: push at a length beyond 2^31",
      `const list = [1]; list.length = 0x7fffffff; ${TRY("return [list.push(4), list[0x7fffffff]]")}`,
      [0x8000_0000, 4],
    ],
    [
      "#1562: push after length up",
      `${COLLECT} const keep = Array.from({ length: 30 }, () => { const list = [0]; list.length = 245; list.push(2); return list });
       collect(); return keep.every((list) => list.length === 246 && list[245] === 2 && !(1 in list))`,
      true,
    ],
    [
      "#1571: RegExp.escape of a long text",
      "const text = '.-|x'.repeat(9000), half = text.slice(0, 17001) + text.slice(17001); return new RegExp('^' + RegExp.escape(half) + '$').test(text)",
      true,
    ],
  ])("%s", async (_name, body, expected) => {
    const outcome = await attempt(body);
    expect(outcome.ok ? JSON.parse(outcome.value) : outcome.failure).toEqual(expected);
  });
});

describe("not there to be misused", () => {
  test.each(["Atomics", "SharedArrayBuffer", "DisposableStack", "AsyncDisposableStack"])("%s", async (name) => {
    expect(await attempt(`return typeof globalThis.${name}`)).toMatchObject({ value: '"undefined"' });
  });

  // That the four methods of bellard #471 are the prelude's own is tested in surface-language.test.ts.
  test.each<readonly [string, string]>([
    [
      "CVE-2025-12745: ArrayBuffer.slice of what shrinks",
      `const buffer = new ArrayBuffer(1000, { maxByteLength: 2000 });
       buffer.constructor = { [Symbol.species]: function (length) { buffer.resize(100); return new ArrayBuffer(length) } };
       buffer.slice(500, 1000)`,
    ],
    [
      "bellard #478: a typed array over what shrinks",
      `${SHRINKING(10)} const from = function () {}.bind();
       Object.defineProperty(from, "prototype", { get: () => buffer.resize(0) });
       Reflect.construct(Uint8Array, [buffer], from)`,
    ],
    ["bellard #477: sorting what shrinks", `${SHRINKING(256)} bytes.sort(() => (buffer.resize(10), 1))`],
    [
      "#1305: a typed array of a typed array that shrinks",
      `${SHRINKING(10)} const from = new Proxy(function () {}, {
         get(target, key) { if (key === "prototype") buffer.resize(0); return Uint8Array.prototype } });
       Reflect.construct(Uint8Array, [bytes], from)`,
    ],
    [
      "bellard #492: with() of what shrinks",
      `${SHRINKING(4096)} bytes.with(0, { valueOf() { buffer.resize(4); return 9 } })`,
    ],
  ])("a buffer that changes its size: %s", async (_name, body) => {
    // In place of the resize there is nothing to call.
    expect(await attempt(body)).toMatchObject({ failure: { error: { name: "TypeError", message: "not a function" } } });
  });
});

describe("open in the pinned build, and contained", () => {
  test.each<readonly [string, string, unknown]>([
    [
      "#1355: an async generator entered again by a getter",
      `let generator, hits = 0, isInside = false;
       Object.defineProperty(Object.prototype, "then", { configurable: true, get() {
         if (isInside || !generator) return undefined;
         isInside = true;
         if (hits === 0) generator.return(0);
         if (hits === 1) { generator.next(1); generator.return(1) }
         hits += 1; isInside = false } });
       const [a, b, c] = [1, 2, 3].map(() => Promise.withResolvers());
       generator = (async function* () {
         try { await a.promise; yield 1; await b.promise; yield 2; await c.promise } finally { await c.promise } })();
       generator.next(); a.resolve({}); await Promise.resolve(); await Promise.resolve();
       b.resolve({}); c.resolve({}); await Promise.resolve(); return hits`,
      expect.objectContaining({ reason: "crashed" }),
    ],
    [
      "ownKeys with a huge length",
      TRY("return Object.keys(new Proxy({}, { ownKeys: () => ({ length: 0x20000000 }) })).length"),
      expect.objectContaining({ reason: "crashed" }),
    ],
    [
      "bellard #488: yield in the head of for-of",
      "const it = (function* () { for (const each of yield []); })(); it.next(); return it.return('end').value",
      expect.objectContaining({ kind: "threw" }),
    ],
    [
      "bellard #504: a getter of regular expressions that is none",
      `Object.defineProperty(RegExp.prototype, "flags", { get: undefined }); ${TRY("return 'xx'.replace(/x/g, 'y')")}`,
      expect.anything(),
    ],
    [
      "#1318: a FinalizationRegistry in a cycle",
      `${COLLECT} { const target = {}; const registry = new FinalizationRegistry(() => {});
       registry.register(target, registry); registry.ref = target; target.ref = registry } collect(); return 1`,
      1,
    ],
    [
      "#1352: a FinalizationRegistry as a weak value",
      `${COLLECT} let key = Symbol("key"); const map = new WeakMap(); let registry = new FinalizationRegistry(() => {});
       registry.register(key, 42); map.set(key, registry); registry = null; key = null; collect(); return 1`,
      1,
    ],
    [
      "#1354: an open class in a regex",
      TRY("return String(new RegExp('[', 'v'))"),
      expect.stringContaining("unexpected end"),
    ],
  ])("%s", async (_name, body, expected) => {
    // Whatever it does to its own VM: it ends, the host does not throw, and others do not notice.
    const outcome = await attempt(body);
    expect(outcome.ok ? JSON.parse(outcome.value) : outcome.failure).toEqual(expected);
    await assertVictimAnswers();
  });
});
