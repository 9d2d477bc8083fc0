/** Does a VM from an image behave as one that was just evaluated, for every visitor, whatever the one before did? */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox, type HostAnswer, type ImageStore, type Program, type Sandbox } from "../../sandbox/index.ts";
import { createHost, main, toLimits, toProgram, toStop, toValue } from "./harness.ts";

const { host } = createHost({ ping: () => 1 });
const invokeIn = async (
  sandbox: Sandbox,
  program: Program,
  name = "main",
  input: unknown = null,
  limits = toLimits(),
) => {
  const opened = await sandbox.open(program, limits);
  if (!opened.ok) throw new Error(`could not open: ${JSON.stringify(opened.failure)}`);
  try {
    return await opened.vm.invoke({ name, input: JSON.stringify(input), context: "{}" }, host, limits);
  } finally {
    opened.vm.close();
  }
};

/** A store in memory, of the bytes as they are. */
function createStore() {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  const store: ImageStore = {
    get: async (key) => kept.get(key)?.slice(),
    put: async (key, bytes) => void kept.set(key, bytes.slice()),
  };
  return { kept, store };
}

async function macKey(secret = "a secret of 32 characters or more"): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign", "verify"]);
}

/** A new isolate, as far as the sandbox can tell; `evaluated` counts evaluations of bundles that ask for a URL. */
function createIsolate(store: ImageStore, secret?: string) {
  let evaluated = 0;
  const onAnswer = (answer: HostAnswer) => void (answer.kind === "ask" && answer.op === "url.parse" && evaluated++);
  const sandbox = createSandbox({ wasm, onAnswer, images: { store, macKey: () => macKey(secret) } });
  return { sandbox, evaluated: () => evaluated };
}

const COUNTING = `
  const made = new URL("https://made.test/").host;
  let count = 0;
  globalThis.log = [];
  export const main = (input) => { count += 1; log.push(input); return [made, count, log, [].poisoned ?? null, typeof Math.random()]; };
  export const poison = () => {
    count = 100; log.push("secret"); globalThis.extra = 1; Array.prototype.poisoned = 1; Math.random = () => "fixed";
    delete globalThis.URL; Promise.prototype.then = null; Object.freeze(log);
    setTimeout(() => { count += 1000; }, 0); Promise.resolve().then(() => { count += 1000; });
  };
  export const loop = () => { count = 1e6; for (;;); };
  export const bomb = () => { globalThis.a = []; for (;;) a.push(new Uint8Array(50_000).fill(7)); };
  export const deep = () => { const f = () => f() + 1; try { f(); } catch {} return JSON.parse("[".repeat(1e6)); };
  export const flood = () => { const f = () => { Promise.resolve().then(f); Promise.resolve().then(f); }; f(); return new Promise(() => {}); };
  export const never = () => new Promise(() => {});`;
const FRESH = ["made.test", 1, ["x"], null, "number"];

describe("every VM begins where evaluation ended", () => {
  test.each([
    ["poison", undefined],
    ["loop", "fuel"],
    ["bomb", "memory"],
    ["deep", "stack"],
    ["flood", "jobs"],
    ["never", "never-settled"],
    ["missing", undefined],
  ])("after %s", async (name, stop) => {
    const sandbox = createSandbox({ wasm });
    const program = toProgram(COUNTING);
    const limits = toLimits({ fuel: 50_000_000, jobs: 1_000 });
    expect(toValue(await invokeIn(sandbox, program, "main", "x"))).toEqual(FRESH);
    for (let round = 0; round < 3; round += 1) {
      expect(toStop(await invokeIn(sandbox, program, name, null, limits))).toBe(stop);
      expect(toValue(await invokeIn(sandbox, program, "main", "x"))).toEqual(FRESH);
    }
    expect(sandbox.stats()).toMatchObject({ instances: 1, leased: 0 });
  });
});

describe("memory at rest", () => {
  const memories: WebAssembly.Memory[] = [];
  const Original = WebAssembly.Memory;
  beforeEach(() => {
    class Recorded extends Original {
      constructor(descriptor: { readonly initial: number; readonly maximum: number }) {
        super(descriptor);
        memories.push(this);
      }
    }
    Object.assign(WebAssembly, { Memory: Recorded });
  });
  afterEach(() => {
    Object.assign(WebAssembly, { Memory: Original });
    memories.length = 0;
  });

  test("holds nothing of what one visitor left, in heap, stack or static data", async () => {
    const sandbox = createSandbox({ wasm });
    const canary = ["CANARY", "51c0ffee"].join("-");
    const program = toProgram(`
      globalThis.kept = [];
      export const main = (input) => {
        for (let i = 0; i < 20_000; i++) kept.push(input + i);
        const f = (n) => (n === 0 ? kept.join().length : f(n - 1));
        return [f(200), JSON.stringify(kept).length, new TextEncoder().encode(kept.join()).length];
      };`);
    const opened = await sandbox.open(program, toLimits());
    if (!opened.ok) throw new Error("could not open");
    const entry = { name: "main", input: JSON.stringify(canary), context: "{}" };
    toValue(await opened.vm.invoke(entry, host, toLimits()));
    expect(memories).toHaveLength(1);
    expect(holds(memories[0]!, canary)).toBe(true);
    opened.vm.close();
    expect(holds(memories[0]!, canary)).toBe(false);
  });

  /** Fills pages that only the host writes. */
  const LONG_INPUT = "canary".repeat(5_000);
  const bodies = [
    ["nothing", "return 1"],
    [
      "strings and objects",
      `globalThis.o = { input }; return Array.from({ length: 500 }, (_, i) => ({ i, s: "s" + i }))`,
    ],
    [
      "bytes moved about",
      "const b = new Uint8Array(300_000).fill(7); b.copyWithin(5, 100, 200_000); return b.slice(9).length",
    ],
    [
      "unaligned views",
      "const v = new DataView(new ArrayBuffer(9_000)); for (let i = 0; i < 8_990; i += 3) v.setFloat64(i, i); return 1",
    ],
    [
      "deep recursion",
      "const f = (n) => (n ? 1 + f(n - 1) : 0); try { (function g() { g() })() } catch {} return f(300)",
    ],
    [
      "host calls",
      `const all = []; for (let i = 0; i < 20; i++) all.push(ctx.call("ping", "x".repeat(i * 300))); return (await Promise.all(all)).length`,
    ],
    [
      "regexes and dates",
      `return ["a1b2".replace(/\\d/g, (d) => d * 2), new Date(input?.length ?? 0).toString(), /(a+)+b/.test("a".repeat(12))]`,
    ],
    [
      "logs and timers",
      `console.log("x".repeat(5_000)); await new Promise((r) => setTimeout(r, 1)); return Math.random()`,
    ],
    ["big numbers", "return String(3n ** 5_000n).length"],
    ["a throw", `throw new TypeError("x", { cause: new Error("y") })`],
    ["a loop without end", "let s = ''; for (;;) s += 'grow';"],
    ["all the memory", "const a = []; for (;;) a.push(new Float64Array(10_000).fill(1.5))"],
    ["a full stack", `return JSON.parse("[".repeat(1e6))`],
    ["a trap in a job", "await null; for (;;) globalThis.x = [globalThis.x];"],
    [
      "poisoned built-ins",
      "Array.prototype.push = null; Object.prototype.toJSON = () => 1; delete globalThis.Map; return {}",
    ],
  ] as const;

  test.each(bodies)("is the image in every byte after %s", async (_what, body) => {
    const sandbox = createSandbox({ wasm });
    const program = toProgram(main(body));
    const visit = async () => {
      await invokeIn(sandbox, program, "main", LONG_INPUT, toLimits({ fuel: 30_000_000 }));
      return new Uint8Array(memories[0]!.buffer).slice();
    };
    const opened = await sandbox.open(program, toLimits());
    if (!opened.ok) throw new Error("could not open");
    opened.vm.close();
    const atRest = new Uint8Array(memories[0]!.buffer).slice();
    for (let visitor = 0; visitor < 3; visitor += 1) {
      const after = await visit();
      expect(memories).toHaveLength(1);
      // Memory that was added meanwhile is empty again.
      expect(firstDifference(after, atRest)).toBe(-1);
    }
    // An image laid over a new instance is the same memory.
    const { store } = createStore();
    const stored = createSandbox({ wasm, images: { store, macKey: () => macKey() } });
    await stored.prepare(program, toLimits());
    await invokeIn(
      createSandbox({ wasm, images: { store, macKey: () => macKey() } }),
      program,
      "main",
      "canary",
      toLimits({ fuel: 30_000_000 }),
    );
    expect(firstDifference(new Uint8Array(memories.at(-1)!.buffer), atRest)).toBe(-1);
  });
});

describe("a write across the border of two pages", () => {
  const PAGE = 4_096;
  const Original = WebAssembly.Memory;
  afterEach(() => Object.assign(WebAssembly, { Memory: Original }));

  test.each([1, 2, 4, 7])("that reaches %i bytes into the second is undone there too", async (reach) => {
    let memory: WebAssembly.Memory | undefined;
    const keep = (made: WebAssembly.Memory) => (memory = made);
    class Recorded extends Original {
      constructor(descriptor: { readonly initial: number; readonly maximum: number }) {
        super(descriptor);
        keep(this);
      }
    }
    Object.assign(WebAssembly, { Memory: Recorded });
    const sandbox = createSandbox({ wasm });
    // The buffer is part of the image, so its pages are not written when it is made.
    const program = toProgram(`
      const bytes = new Uint8Array(10 * ${PAGE}).fill(0xa7);
      const view = new DataView(bytes.buffer);
      export const main = (at) => { view.setFloat64(at, Math.PI); return view.getFloat64(at); };`);
    const opened = await sandbox.open(program, toLimits());
    if (!opened.ok) throw new Error("could not open");
    opened.vm.close();
    const atRest = new Uint8Array(memory!.buffer).slice();
    let run = 0;
    const base = atRest.findIndex((byte) => (run = byte === 0xa7 ? run + 1 : 0) === 10 * PAGE) - 10 * PAGE + 1;
    expect(base).toBeGreaterThan(0);
    const border = Math.ceil(base / PAGE) * PAGE + 4 * PAGE;
    const outcome = await invokeIn(sandbox, program, "main", border - 8 + reach - base);
    expect(toValue(outcome)).toBe(Math.PI);
    expect(firstDifference(new Uint8Array(memory!.buffer), atRest)).toBe(-1);
  });
});

/** Address of the first byte that differs; what the longer one has more counts as different unless it is zero. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at += 1) if ((one[at] ?? 0) !== (other[at] ?? 0)) return at;
  return -1;
}

function holds(memory: WebAssembly.Memory, text: string): boolean {
  const heap = new Uint8Array(memory.buffer);
  const wanted = Uint8Array.from(text, (char) => char.charCodeAt(0));
  for (let at = heap.indexOf(wanted[0]!); at >= 0; at = heap.indexOf(wanted[0]!, at + 1))
    if (wanted.every((byte, index) => heap[at + index] === byte)) return true;
  return false;
}

describe("images in a store", () => {
  const program = () => toProgram(COUNTING);

  test("serve another isolate without evaluating", async () => {
    const { kept, store } = createStore();
    const first = createIsolate(store);
    expect(toValue(await invokeIn(first.sandbox, program(), "main", "x"))).toEqual(FRESH);
    expect([first.evaluated(), kept.size]).toEqual([1, 1]);
    const second = createIsolate(store);
    await invokeIn(second.sandbox, program(), "poison");
    expect(toValue(await invokeIn(second.sandbox, program(), "main", "x"))).toEqual(FRESH);
    expect(second.evaluated()).toBe(0);
  });

  test("are identical byte for byte when the input is", async () => {
    const [one, other] = [createStore(), createStore()];
    await createIsolate(one.store).sandbox.prepare(program(), toLimits());
    await new Promise((resolve) => setTimeout(resolve, 5));
    await createIsolate(other.store).sandbox.prepare(program(), toLimits());
    expect([...one.kept.keys()]).toEqual([...other.kept.keys()]);
    expect([...one.kept.values()]).toEqual([...other.kept.values()]);
  });

  test("are made ahead by prepare, once", async () => {
    const { kept, store } = createStore();
    const { sandbox, evaluated } = createIsolate(store);
    expect(await sandbox.prepare(program(), toLimits())).toMatchObject({ ok: true, stored: true });
    expect(await sandbox.prepare(program(), toLimits())).toMatchObject({ ok: true, stored: true });
    expect([evaluated(), kept.size]).toEqual([1, 1]);
    expect(await sandbox.prepare(toProgram("throw new Error('no')"), toLimits())).toMatchObject({ ok: false });
  });

  test("with one flipped byte anywhere are not loaded, and are replaced", async () => {
    const { kept, store } = createStore();
    await createIsolate(store).sandbox.prepare(program(), toLimits());
    const [[key, good] = [], ..._] = [...kept];
    if (key === undefined || good === undefined) throw new Error("nothing was stored");
    for (const at of [0, 31, 32, 40, 60, 5_000, Math.floor(good.length / 2), good.length - 1]) {
      const bad = good.slice();
      bad[at]! ^= 1;
      kept.set(key, bad);
      const isolate = createIsolate(store);
      expect(toValue(await invokeIn(isolate.sandbox, program(), "main", "x"))).toEqual(FRESH);
      expect(isolate.evaluated()).toBe(1);
      expect(kept.get(key)).toEqual(good);
    }
  });

  test("cut short, empty or of another secret are not loaded", async () => {
    const { kept, store } = createStore();
    await createIsolate(store).sandbox.prepare(program(), toLimits());
    const [[key, good] = []] = [...kept];
    if (key === undefined || good === undefined) throw new Error("nothing was stored");
    for (const bad of [good.slice(0, -1), good.slice(0, 32), new Uint8Array(0)]) {
      kept.set(key, bad);
      const isolate = createIsolate(store);
      expect(toValue(await invokeIn(isolate.sandbox, program(), "main", "x"))).toEqual(FRESH);
      expect(isolate.evaluated()).toBe(1);
    }
    kept.set(key, good);
    const stranger = createIsolate(store, "another secret of 32 characters or so");
    expect(toValue(await invokeIn(stranger.sandbox, program(), "main", "x"))).toEqual(FRESH);
    expect(stranger.evaluated()).toBe(1);
  });

  test("of two programs that were swapped are not loaded", async () => {
    const { kept, store } = createStore();
    const other = () => toProgram(COUNTING.replace("made.test", "evil.test"), { name: "other@1.0.0" });
    await createIsolate(store).sandbox.prepare(program(), toLimits());
    await createIsolate(store).sandbox.prepare(other(), toLimits());
    const [[a, first] = [], [b, second] = []] = [...kept];
    if (a === undefined || b === undefined || !first || !second) throw new Error("two images were expected");
    kept.set(a, second);
    kept.set(b, first);
    const isolate = createIsolate(store);
    expect(toValue(await invokeIn(isolate.sandbox, program(), "main", "x"))).toEqual(FRESH);
    expect(isolate.evaluated()).toBe(1);
  });

  test("are not needed: a store that fails costs an evaluation", async () => {
    const fail = async () => {
      throw new Error("the store is down");
    };
    const { sandbox, evaluated } = createIsolate({ get: fail, put: fail });
    expect(toValue(await invokeIn(sandbox, program(), "main", "x"))).toEqual(FRESH);
    expect(evaluated()).toBe(1);
    expect(await sandbox.prepare(program(), toLimits())).toMatchObject({ ok: true, stored: false });
  });

  test("have another key for other code, another half of the embedder, another stack or memory", async () => {
    const { kept, store } = createStore();
    const { sandbox } = createIsolate(store);
    await sandbox.prepare(program(), toLimits());
    await sandbox.prepare(toProgram(`${COUNTING} `), toLimits());
    await sandbox.prepare(toProgram(COUNTING, { name: "demo@1.0.1" }), toLimits());
    await sandbox.prepare(toProgram(COUNTING, { modules: { emdash: "export const answer = 43;" } }), toLimits());
    await sandbox.prepare(toProgram(COUNTING, { runtime: `${program().runtime} ` }), toLimits());
    await sandbox.prepare(program(), toLimits({ stackBytes: 128 * 1024 }));
    await sandbox.prepare(program(), toLimits({ memoryBytes: 200 * 65_536 }));
    expect(kept.size).toBe(7);
  });
});

describe("the same in, the same out", () => {
  const body = `
    const parts = [];
    for (let i = 0; i < 50; i++) parts.push(Math.random(), new URL("/" + i, "https://a.test").href, Date.now());
    await ctx.call("ping");
    return [parts, Object.groupBy(parts, (part) => typeof part), new Date().toISOString()];`;

  test("seed, clock and answers decide result and fuel, evaluated or restored, in place or from the store", async () => {
    const { store } = createStore();
    const fixed = { now: () => 1_700_000_000_000, seed: () => "0123456789abcdef0123456789abcdef" };
    const outcomes = [];
    for (let isolate = 0; isolate < 2; isolate += 1) {
      const sandbox = createSandbox({ wasm, ...fixed, images: { store, macKey: () => macKey() } });
      for (let round = 0; round < 3; round += 1) outcomes.push(await invokeIn(sandbox, toProgram(main(body))));
    }
    const first = outcomes[0]!;
    expect(first.ok).toBe(true);
    for (const outcome of outcomes)
      expect(outcome).toEqual({ ...first, usage: { ...first.usage, peakBytes: outcome.usage.peakBytes } });
  });

  test("another seed draws otherwise, and so does nobody's", async () => {
    const program = toProgram(main("return [Math.random(), Math.random(), crypto.randomUUID()]"));
    const sandbox = createSandbox({ wasm });
    const draws = [];
    for (let round = 0; round < 100; round += 1)
      draws.push(...(toValue(await invokeIn(sandbox, program)) as unknown[]));
    expect(new Set(draws).size).toBe(300);
  });
});
