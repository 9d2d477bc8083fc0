/** Does the language in the guest answer as elsewhere, where the engine lacks something, or is not to be trusted? */
/// <reference lib="esnext.array" />
import { describe, expect, test } from "vitest";
import { assertVictimAnswers, main, run, toValue } from "./harness.ts";

const nameOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as Error).name;
  }
};

/** Same value on both sides, as JSON makes it. */
const SAME: readonly (() => unknown)[] = [
  // What copies a list.
  () => [3, 1, 2, undefined, 10].toSorted(),
  () => [3, 1, 2, 10].toSorted((a, b) => b - a),
  // oxlint-disable-next-line no-sparse-arrays -- holes are the point
  () => [[3, , 1].toSorted(), [3, , 1].toReversed(), [3, , 1].with(0, 5), [3, , 1].toSpliced(1, 0, 9)],
  () => [[], [1], [1, 2], [1, 2, 3]].map((list) => list.toReversed()),
  () => [0, 1, 2, 3, -1, -3, -4, NaN, 1.9, "1", Infinity].map((at) => nameOf(() => [1, 2, 3].with(at as number, 9))),
  () => [-9, -2, -1, 0, 1, 2.9, 9].flatMap((at) => [-1, 0, 1, 9].map((skip) => [1, 2, 3].toSpliced(at, skip, 7, 8))),
  () => [[1, 2].toSpliced(0), [1, 2].toSpliced(1), ([1, 2].toSpliced as () => unknown)()],
  () => [1, 2].toSpliced(0, undefined as unknown as number),
  () => Array.prototype.toSorted.call("hello"),
  () => Array.prototype.toReversed.call({ length: 3, 0: "a", 2: "c" } as never),
  () => Reflect.apply(Array.prototype.toSpliced, { length: "2", 0: "a", 1: "b" }, [1, 0, "x"]),
  () => Array.prototype.with.call(new Proxy([1, 2, 3], { get: (t, k) => (k === "1" ? 7 : Reflect.get(t, k)) }), 0, 9),
  () => [undefined, null].map((self) => nameOf(() => Array.prototype.toSorted.call(self as never))),
  () => [null, 1, {}, "x"].map((order) => nameOf(() => [2, 1].toSorted(order as never))),
  () => nameOf(() => Array.prototype.toReversed.call({ length: 2 ** 32 } as never)),
  () => nameOf(() => Array.prototype.with.call({ length: 2 ** 53 } as never, 2 ** 40, 1)),
  () => nameOf(() => [1].with(0n as never, 1)),
  () => {
    const seen: unknown[] = [];
    const spy = new Proxy([1, 2, 3], { get: (t, k) => (seen.push(String(k)), Reflect.get(t, k)) });
    Array.prototype.toReversed.call(spy);
    Array.prototype.with.call(spy, 1, 0);
    Array.prototype.toSpliced.call(spy, 1, 1);
    Array.prototype.toSorted.call(spy);
    return seen;
  },
  () => {
    class Own extends Array<number> {}
    return [Own.from([2, 1]).toSorted() instanceof Own, Own.from([2, 1]).toReversed().constructor === Array];
  },
  () => (["toSorted", "toReversed", "with", "toSpliced"] as const).map((key) => [key, [][key].name, [][key].length]),
  () => Object.getOwnPropertyDescriptor(Array.prototype, "with")?.enumerable,
  () => nameOf(() => new (Array.prototype.toSorted as unknown as new () => unknown)()),
  // DOMException.
  () => [new DOMException().name, new DOMException().message, new DOMException().code],
  () => [new DOMException("m", "AbortError").code, DOMException.ABORT_ERR, new DOMException("m", "Own").code],
  () => String(new DOMException("m", "DataCloneError")),
  () => Object.prototype.toString.call(new DOMException()),
  () => [new DOMException() instanceof Error, typeof new DOMException().stack],
  () => nameOf(() => (DOMException as unknown as () => unknown)()),
  () => Object.entries(DOMException).filter(([key]) => key.endsWith("_ERR")),
  () => new DOMException(5 as never, null as never).name + new DOMException(5 as never).message,
  () => {
    class Own extends DOMException {}
    return [new Own("m", "TimeoutError").code, new Own() instanceof Own, DOMException.length];
  },
  // Stacks.
  () => {
    const own: { stack?: string } = {};
    Error.captureStackTrace(own);
    return [typeof own.stack, Object.keys(own), Object.getOwnPropertyDescriptor(own, "stack")?.configurable];
  },
  () => {
    const inner = (own: object) => Error.captureStackTrace(own, outer);
    const outer = (own: object) => inner(own);
    const [all, cut] = [{} as { stack: string }, {} as { stack: string }];
    Error.captureStackTrace(all);
    outer(cut);
    return [/inner|outer/.test(cut.stack), cut.stack.includes("captureStackTrace"), all.stack.length > 0];
  },
  () => [1, null, undefined].map((target) => nameOf(() => Error.captureStackTrace(target as never))),
  () => nameOf(() => Error.captureStackTrace(Object.freeze({}))),
  // The end of the stack, and texts too long.
  () => {
    const fall = (): number => fall() + 1;
    try {
      return fall();
    } catch (error) {
      const { name, constructor } = error as Error;
      return [name, error instanceof RangeError, error instanceof Error, constructor === RangeError];
    }
  },
  () => nameOf(() => "x".repeat(2 ** 30).length),
  () => "InternalError" in globalThis,
];

/** The same, of what takes a promise. */
const SAME_LATER: readonly (() => Promise<unknown>)[] = [
  () => Array.fromAsync([1, Promise.resolve(2), 3]),
  () => Array.fromAsync(new Set([1, 2]), (value, index) => Promise.resolve([value, index])),
  () => Array.fromAsync({ length: 3, 0: "a", 1: Promise.resolve("b") }),
  () => Array.fromAsync({ length: 2 } as ArrayLike<number>, async (value, index) => [value ?? "none", index]),
  () =>
    Array.fromAsync(
      (async function* () {
        yield 1;
        yield Promise.resolve(2);
      })(),
    ),
  () => Array.fromAsync("a😀"),
  async () => {
    class Own extends Array<number> {}
    const own = await Own.fromAsync([1, 2]);
    return [own instanceof Own, own.length];
  },
  async () => {
    let closed = 0;
    const items = (function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        closed += 1;
      }
    })();
    const failed = await Array.fromAsync(items, () => Promise.reject(new TypeError("x"))).catch((e: Error) => e.name);
    return [failed, closed];
  },
  async () => {
    const made = [undefined, null, 5, {}].map((items) => Array.fromAsync(items as never));
    return (await Promise.allSettled(made)).map(({ status }) => status);
  },
  () => Array.fromAsync([1], 5 as never).catch((error: Error) => error.name),
  () => (Reflect.apply(Array.fromAsync, () => {}, [[1]]) as Promise<unknown>).catch((error: Error) => error.name),
  async () => [Array.fromAsync.name, "prototype" in Array.fromAsync],
];

async function inGuest(expressions: readonly (() => unknown)[]): Promise<readonly unknown[]> {
  const list = expressions.map((expression) => `(${String(expression)})`).join(",\n");
  const body = `const nameOf = ${String(nameOf)};
    const out = []; for (const f of [${list}]) out.push((await f()) ?? null); return out;`;
  return toValue(await run(main(body))) as unknown[];
}

test.each([
  ["at once", SAME],
  ["in time", SAME_LATER],
])("what answers %s is the same on both sides", async (_what, expressions) => {
  const inside = await inGuest(expressions);
  for (const [index, expression] of expressions.entries())
    expect(inside[index], String(expression)).toEqual(
      JSON.parse(JSON.stringify({ value: (await expression()) ?? null })).value,
    );
});

// workerd keeps the name on the instance, so there is nothing to compare with.
test("the name of no DOMException is asked in vain", async () => {
  const body = `
    const { get } = Object.getOwnPropertyDescriptor(DOMException.prototype, "name");
    try { return get.call({}) } catch (error) { return [error.name, get.call(new DOMException("m", "AbortError"))] }`;
  expect(toValue(await run(main(body)))).toEqual(["TypeError", "AbortError"]);
});

describe("no buffer is resized", () => {
  test("by any way there is", async () => {
    const body = `
      const buffer = new ArrayBuffer(8, { maxByteLength: 16 }), view = new Uint8Array(buffer);
      const tried = [];
      for (const owner of [ArrayBuffer.prototype, buffer, view, DataView.prototype, Object.getPrototypeOf(Uint8Array.prototype)])
        for (const key of ["resize", "grow", "resizable", "growable", "maxByteLength"]) if (owner[key] !== undefined) tried.push(key);
      const moved = buffer.transfer(12);
      return [tried, moved.byteLength, typeof moved.resize, buffer.byteLength, view.length, typeof SharedArrayBuffer];`;
    expect(toValue(await run(main(body)))).toEqual([[], 12, "undefined", 0, 0, "undefined"]);
  });
});

describe("a list that is copied while it collects", () => {
  /** Old bytes all over the heap that look like objects far away, and a collection between two items. */
  const litter = (method: string) => `
    const collect = () => { for (let i = 0; i < 30000; i++) { const a = {}; a.a = a } };
    const litter = () => { const all = []; for (let size = 64; size < 40000; size += 512) all.push(new BigUint64Array(size >> 3).fill(0xffffffff41414141n)); };
    const trap = (length) => new Proxy([], { get(_, key) { if (key === "length") return length; if (key === "${method}") return Array.prototype.${method}; if (key === "3") { litter(); collect(); } return { key } }, has: () => true });`;

  test.each([
    ["toSorted", "() => 0", 2220],
    ["toReversed", "", 2220],
    ["toSpliced", "1, 1", 2217],
    ["with", "1, 1", 2220],
  ])("by %s(%s) is whole", async (method, args, count) => {
    const body = `${litter(method)}
      let good = 0;
      for (const length of [20, 200, 2000]) {
        litter();
        const list = trap(length).${method}(${args});
        for (let i = 0; i < list.length; i += 1) if (list[i] === 1 || list[i].key !== undefined) good += 1;
      }
      return good;`;
    expect(toValue(await run(main(body)))).toBe(count);
    await assertVictimAnswers();
  });
});

describe("what is added", () => {
  test("holds where every method it could use is replaced", async () => {
    const poison = `
      const make = { from: Array.fromAsync, capture: Error.captureStackTrace, DOMException };
      const { toSorted, toReversed, toSpliced } = Array.prototype, replace = Array.prototype.with;
      const { apply, defineProperty, ownKeys } = Reflect;
      const owners = [Array, Array.prototype, Object, Reflect, Math, Number, String.prototype, Function.prototype];
      const all = owners.flatMap((owner) => ownKeys(owner).map((key) => [owner, key]));
      const kept = ["constructor", "prototype", "length", Symbol.hasInstance];
      const taken = all.filter(([, key]) => !kept.includes(key));
      for (let i = 0; i < taken.length; i += 1)
        defineProperty(taken[i][0], taken[i][1], { __proto__: null, configurable: true, get() { throw new Error("replaced") } });
      for (let i = 0; i < 4; i += 1) for (let j = 0; j < 2; j += 1)
        defineProperty(j ? Array.prototype : Object.prototype, i, { __proto__: null, configurable: true, set() { throw new Error("set") } });`;
    const body = `
      const list = [3, 1, 2], own = {};
      make.capture(own);
      const error = new make.DOMException("m", "AbortError");
      const got = [apply(toSorted, list, []), apply(toReversed, list, []), apply(toSpliced, list, [1, 1]), apply(replace, list, [0, 9]), await apply(make.from, Fixed, [{ __proto__: null, length: 3, 0: 3, 1: 1, 2: 2 }])];
      let text = "";
      for (let i = 0; i < got.length; i += 1) { for (let j = 0; j < got[i].length; j += 1) text += got[i][j]; text += " " }
      return text + typeof own.stack + error.code + error.name;`;
    const bundle = `const Fixed = Array;${poison}\n${main(body)}`;
    expect(toValue(await run(bundle))).toBe("123 213 32 912 312 string20AbortError");
  });
});
