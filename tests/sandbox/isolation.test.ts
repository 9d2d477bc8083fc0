/** What do two programs, two openings, or two entries share? Entries of one VM share its state; nothing else shares anything. */
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../sandbox/index.ts";
import { createHost, main, openVm, run, sandbox, toLimits, toProgram, toStop, toThrown, toValue } from "./harness.ts";

const invoke = (vm: { invoke: Awaited<ReturnType<typeof openVm>>["invoke"] }, name: string): Promise<Outcome> =>
  vm.invoke({ name, input: "1", context: "{}" }, createHost({ ping: () => 1 }).host, toLimits());

describe("state", () => {
  const bundle = `
    let count = 0;
    globalThis.kept ??= "first";
    export const main = () => [++count, globalThis.kept, [].poisoned ?? null, typeof Math.random()];
    export const poison = () => { globalThis.kept = "changed"; Array.prototype.poisoned = 1; Math.random = () => "fixed"; return count };`;

  test("is shared by the entries of one VM", async () => {
    const vm = await openVm(bundle);
    expect(toValue(await invoke(vm, "main"))).toEqual([1, "first", null, "number"]);
    await invoke(vm, "poison");
    expect(toValue(await invoke(vm, "main"))).toEqual([2, "changed", 1, "string"]);
  });

  test("is pristine in the next VM of the same program, also after a stop", async () => {
    const poisoned = await openVm(bundle);
    await invoke(poisoned, "poison");
    poisoned.close();
    await run(`${bundle} export const loop = () => { for (;;); };`, {
      entry: "loop",
      limits: toLimits({ fuel: 1e6 }),
      openLimits: toLimits(),
    });
    expect(toValue(await invoke(await openVm(bundle), "main"))).toEqual([1, "first", null, "number"]);
  });

  test("survives an entry that throws", async () => {
    const vm = await openVm(
      `let n = 0; export const fail = () => { n++; throw new Error("x") }; export const main = () => n;`,
    );
    expect(toThrown(await invoke(vm, "fail"))?.message).toBe("x");
    expect(toValue(await invoke(vm, "main"))).toBe(1);
  });

  test("a promise of an earlier entry cannot answer for a later one", async () => {
    const vm = await openVm(`
      let late;
      export const first = () => { new Promise((r) => (late = r)); return { then(resolve) { late = resolve; resolve("first"); } } };
      export const second = () => { late("forged"); return "second"; };`);
    expect(toValue(await invoke(vm, "first"))).toBe("first");
    expect(toValue(await invoke(vm, "second"))).toBe("second");
  });
});

describe("memory of another program", () => {
  test("never holds the canary of the first, while both live", async () => {
    const memories: WebAssembly.Memory[] = [];
    const Original = WebAssembly.Memory;
    class Recorded extends Original {
      constructor(descriptor: { readonly initial: number; readonly maximum: number }) {
        super(descriptor);
        memories.push(this);
      }
    }
    Object.assign(WebAssembly, { Memory: Recorded });
    try {
      const secret = ["CANARY", "7f3a91"].join("-");
      const first = await openVm(
        `globalThis.canary = []; export const main = (input) => { for (let i = 0; i < 1000; i++) canary.push(input + i); return canary.length; };`,
      );
      const second = await openVm(main("return Object.keys(globalThis).length"));
      const { host } = createHost();
      await first.invoke({ name: "main", input: JSON.stringify(secret), context: "{}" }, host, toLimits());
      await second.invoke({ name: "main", input: "1", context: "{}" }, host, toLimits());
      expect(memories).toHaveLength(2);
      const holds = (memory: WebAssembly.Memory | undefined) =>
        memory !== undefined && indexOfText(memory, secret) >= 0;
      expect(holds(memories[0])).toBe(true);
      expect(holds(memories[1])).toBe(false);
    } finally {
      Object.assign(WebAssembly, { Memory: Original });
    }
  });
});

function indexOfText(memory: WebAssembly.Memory, text: string): number {
  const heap = new Uint8Array(memory.buffer);
  const wanted = Uint8Array.from(text, (char) => char.charCodeAt(0));
  for (let at = heap.indexOf(wanted[0]!); at >= 0; at = heap.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, index) => heap[at + index] === byte)) return at;
  }
  return -1;
}

describe("randomness", () => {
  const draws = main(`return [
    ...Array.from({ length: 200 }, () => Math.random()),
    ...Array.from({ length: 50 }, () => crypto.randomUUID()),
    ...Array.from({ length: 50 }, () => String(crypto.getRandomValues(new Uint8Array(16)))),
  ]`);

  test("differs between VMs and between entries of one", async () => {
    const vm = await openVm(draws);
    const all = [await invoke(vm, "main"), await invoke(vm, "main"), await run(draws), await run(draws)].flatMap(
      (o) => toValue(o) as unknown[],
    );
    expect(all).toHaveLength(1_200);
    expect(new Set(all).size).toBe(1_200);
  });

  test("of a thousand draws in each of two restored VMs never meets, nor do 100,000 UUIDs of twenty", async () => {
    const numbers = main(`return Array.from({ length: 1_000 }, () => Math.random())`);
    const pair = [toValue(await run(numbers)), toValue(await run(numbers))] as number[][];
    expect(new Set(pair.flat()).size).toBe(2_000);
    const many = main(`return Array.from({ length: 5_000 }, () => crypto.randomUUID())`);
    const uuids = new Set<unknown>();
    for (let left = 20; left > 0; left -= 1) for (const uuid of toValue(await run(many)) as unknown[]) uuids.add(uuid);
    expect(uuids.size).toBe(100_000);
  });

  test("is uniform enough to be used", async () => {
    const body = `
      const buckets = new Array(10).fill(0);
      for (let i = 0; i < 20000; i++) { const r = Math.random(); if (r < 0 || r >= 1) throw r; buckets[Math.floor(r * 10)]++; }
      return buckets;`;
    for (const bucket of toValue(await run(main(body))) as number[]) {
      expect(bucket).toBeGreaterThan(1_800);
      expect(bucket).toBeLessThan(2_200);
    }
  });
});

describe("the clock", () => {
  test("stands still within a synchronous section and moves with the host's answers", async () => {
    const { host } = createHost({ wait: () => new Promise((resolve) => setTimeout(() => resolve(1), 30)) });
    const body = `
      const a = [Date.now(), performance.now(), +new Date()];
      for (let i = 0; i < 3e5; i++);
      const b = [Date.now(), performance.now(), +new Date()];
      await ctx.call("wait");
      return { a, b, later: Date.now() };`;
    const before = Date.now();
    const { a, b, later } = toValue(await run(main(body), { host })) as { a: number[]; b: number[]; later: number };
    expect(b).toEqual(a);
    expect(new Set(a).size).toBe(1);
    expect(a[0]).toBeGreaterThanOrEqual(before);
    expect(later).toBeGreaterThan(a[0]!);
  });

  test("is in UTC whatever the machine's zone is", async () => {
    const body = `const d = new Date(Date.UTC(2026, 6, 1, 12)); return [d.getTimezoneOffset(), d.getHours(), new Date(2026, 0, 1).toISOString(), d.toString()]`;
    expect(toValue(await run(main(body)))).toEqual([
      0,
      12,
      "2026-01-01T00:00:00.000Z",
      "Wed Jul 01 2026 12:00:00 GMT+0000",
    ]);
  });
});

describe("top level", () => {
  test("may use what is pure", async () => {
    const bundle = `
      const url = new URL("https://a.test/x?y=1");
      const bytes = new TextEncoder().encode("ä");
      console.log("dropped");
      export const made = Date.now();
      await null;
      export const main = () => [url.searchParams.get("y"), bytes.length, made, structuredClone({ a: 1 })];`;
    expect(toValue(await run(bundle))).toEqual(["1", 2, 0, { a: 1 }]);
  });

  test.each([
    ["Math.random", "Math.random()"],
    ["crypto.getRandomValues", "crypto.getRandomValues(new Uint8Array(1))"],
    ["crypto.randomUUID", "crypto.randomUUID()"],
    ["crypto.subtle.digest", `await crypto.subtle.digest("SHA-256", new Uint8Array(1))`],
    ["setTimeout", "setTimeout(() => {}, 1)"],
    ["setInterval", "setInterval(() => {}, 1)"],
    ["AbortSignal.timeout", "AbortSignal.timeout(1)"],
  ])("refuses %s", async (_what, code) => {
    for (const wrapped of [code, `await null; ${code}`]) {
      const opened = await sandbox.open(toProgram(`${wrapped}; export const main = () => 1;`), toLimits());
      expect(opened).toMatchObject({ ok: false, failure: { kind: "threw" } });
      expect(JSON.stringify(opened)).toContain("at top level");
    }
    expect(toValue(await run(main(`${code}; return "allowed in an entry"`)))).toBe("allowed in an entry");
  });

  test("refuses host calls through the embedder's runtime", async () => {
    const runtime = `(sandbox) => { globalThis.call = sandbox.call; return { dispatch: (e, n) => e[n](), inspect: () => 1 } }`;
    const opened = await sandbox.open(toProgram(`call("kv.get", []); export {};`, { runtime }), toLimits());
    expect(JSON.stringify(opened)).toContain("Cannot call kv.get at top level");
  });

  test("must not await what cannot arrive, and may await what does", async () => {
    for (const bundle of ["await new Promise(() => {});", "await new Promise(() => {}); export const main = 1;"]) {
      const opened = await sandbox.open(toProgram(bundle), toLimits());
      expect(JSON.stringify(opened)).toContain("still awaits at top level");
    }
    expect(toValue(await run(`const x = await Promise.resolve(5); export const main = () => x;`))).toBe(5);
  });

  test.each([
    ["throws", `throw new TypeError("top")`, "top"],
    ["throws after an await", `await null; throw new TypeError("top")`, "top"],
    ["does not parse", `export const main = ;`, ""],
    ["is of another age", `with ({}) {}`, ""],
  ])("that %s is a failure", async (_what, bundle, message) => {
    const opened = await sandbox.open(toProgram(bundle), toLimits());
    if (opened.ok || opened.failure.kind !== "threw") throw new Error("expected a throw");
    expect(opened.failure.error.message).toContain(message);
    expect(opened.failure.error.name).toMatch(/TypeError|SyntaxError/);
  });

  test("stays top level between two entries", async () => {
    const vm = await openVm(`
      let job = "none";
      export const start = () => { Promise.resolve().then(() => 0).then(() => { try { job = typeof Math.random() } catch { job = "refused" } }); return 1; };
      export const main = () => job;`);
    await invoke(vm, "start");
    expect(toValue(await invoke(vm, "main"))).toBe("number");
  });
});

test("a stop of one VM leaves the others of the program alone", async () => {
  const bundle = `export const loop = () => { for (;;); }; export const main = () => "fine";`;
  const [a, b] = [await openVm(bundle), await openVm(bundle)];
  expect(
    toStop(await a.invoke({ name: "loop", input: "1", context: "{}" }, createHost().host, toLimits({ fuel: 1e6 }))),
  ).toBe("fuel");
  expect(toValue(await invoke(b, "main"))).toBe("fine");
});
