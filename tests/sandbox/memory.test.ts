/** Does the host's own memory stay bounded however many VMs come and go? */
import { expect, test } from "vitest";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox, PAGE_BYTES } from "../../sandbox/index.ts";
import { createHost, main, openVm, run, sandbox, toLimits, toProgram, toStop, toValue } from "./harness.ts";

const ROUNDS = 200;

/** Counts the linear memories still alive, by wrapping the class the sandbox makes them of. */
function countMemories() {
  const Original = WebAssembly.Memory;
  let made = 0;
  let collected = 0;
  let most = 0;
  const registry = new FinalizationRegistry(() => {
    collected += 1;
  });
  class Counted extends Original {
    constructor(descriptor: { readonly initial: number; readonly maximum: number }) {
      super(descriptor);
      made += 1;
      most = Math.max(most, made - collected);
      registry.register(this, undefined);
    }
  }
  Object.assign(WebAssembly, { Memory: Counted });
  return {
    made: () => made,
    most: () => most,
    restore: () => Object.assign(WebAssembly, { Memory: Original }),
  };
}

test("VMs of one program share an instance, also after running out of memory", async () => {
  const counter = countMemories();
  const bundle = `export const bomb = () => { const a = []; for (;;) a.push(new ArrayBuffer(1e6)); }; ${main("return input + 1")}`;
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const outcome = await run(bundle, { input: round, entry: round % 20 === 0 ? "bomb" : "main" });
      if (round % 20 === 0) expect(toStop(outcome)).toBe("memory");
      else expect(toValue(outcome)).toBe(round + 1);
    }
    expect(counter.made()).toBe(1);
  } finally {
    counter.restore();
  }
});

test("memories of dropped VMs do not pile up", async () => {
  const counter = countMemories();
  const small = createSandbox({ wasm, pool: { budgetBytes: 100 * PAGE_BYTES, shareOfProgram: 1, shareOfNested: 0 } });
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const opened = await small.open(toProgram(main(`return ${round}`), { name: `p${round}@1.0.0` }), toLimits());
      if (!opened.ok) throw new Error(opened.failure.kind);
      const entry = { name: "main", input: "1", context: "{}" };
      expect(toValue(await opened.vm.invoke(entry, createHost().host, toLimits()))).toBe(round);
      opened.vm.close();
      expect(small.stats().linearBytes).toBeLessThanOrEqual(100 * PAGE_BYTES);
      // The engine tells of what it collected between two turns of the event loop.
      if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    expect(counter.made()).toBe(ROUNDS);
    expect(counter.most()).toBeLessThan(ROUNDS / 2);
  } finally {
    counter.restore();
  }
});

test("one VM serves many entries without growing", async () => {
  const vm = await openVm(main(`const answer = await ctx.call("echo", "x".repeat(10000)); return answer[0].length`));
  const { host } = createHost({ echo: (args) => args });
  let peak = 0;
  for (let round = 0; round < 500; round += 1) {
    const outcome = await vm.invoke(
      { name: "main", input: JSON.stringify("y".repeat(10_000)), context: "{}" },
      host,
      toLimits(),
    );
    expect(toValue(outcome)).toBe(10_000);
    peak = Math.max(peak, outcome.usage.peakBytes);
  }
  expect(peak).toBeLessThan(3_000_000);
});

test("a failed opening gives its engine back", async () => {
  for (let round = 0; round < 50; round += 1)
    expect((await sandbox.open(toProgram("throw 1"), toLimits())).ok).toBe(false);
  expect(toValue(await run(main("return 1")))).toBe(1);
});
