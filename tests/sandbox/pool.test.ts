/** Who gets memory when there is not enough for all? */
import { describe, expect, test } from "vitest";
import type { Engine } from "../../sandbox/engine/engine.ts";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createPool } from "../../sandbox/image/pool.ts";
import { createSandbox, PAGE_BYTES, type Sandbox, type Vm } from "../../sandbox/index.ts";
import { createHost, main, toLimits, toProgram, toStop, toValue } from "./harness.ts";

const BODY = main("return input");
const ENTRY = { name: "main", input: "1", context: "{}" };
const { host } = createHost({ never: () => new Promise(() => {}) });
const program = (name: string, bundle = BODY) => toProgram(bundle, { name });
const now = { waitMs: 0 };

/** Linear memory of one idle instance of the smallest program. */
async function sizeOfOne(): Promise<number> {
  const sandbox = createSandbox({ wasm });
  const opened = await sandbox.open(program("size@1"), toLimits());
  if (opened.ok) opened.vm.close();
  return sandbox.stats().linearBytes;
}

const ONE = await sizeOfOne();

async function open(sandbox: Sandbox, name: string, options = {}): Promise<Vm> {
  const opened = await sandbox.open(program(name), toLimits(), { ...now, ...options });
  if (!opened.ok) throw new Error(`could not open: ${JSON.stringify(opened.failure)}`);
  return opened.vm;
}

async function isRefused(sandbox: Sandbox, name: string, options = {}): Promise<boolean> {
  const opened = await sandbox.open(program(name), toLimits(), { ...now, ...options });
  if (opened.ok) opened.vm.close();
  else expect(opened.failure).toMatchObject({ kind: "stopped", reason: "busy" });
  return !opened.ok;
}

describe("the budget", () => {
  test("what fits runs, one more is refused, and a place given back is used again", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 3 * ONE, shareOfProgram: 1, shareOfNested: 0 } });
    const vms = [await open(sandbox, "a@1"), await open(sandbox, "b@1"), await open(sandbox, "c@1")];
    expect(await isRefused(sandbox, "d@1")).toBe(true);
    expect(sandbox.stats()).toMatchObject({ linearBytes: 3 * ONE, instances: 3, leased: 3 });
    vms[1]?.close();
    expect(await isRefused(sandbox, "d@1")).toBe(false);
    expect(sandbox.stats().linearBytes).toBeLessThanOrEqual(3 * ONE);
  });

  test("idle instances make room", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 2 * ONE, shareOfProgram: 1, shareOfNested: 0 } });
    for (const name of ["a@1", "b@1", "a@1", "c@1"]) (await open(sandbox, name)).close();
    expect(sandbox.stats()).toMatchObject({ instances: 2, leased: 0 });
  });

  test("the one unused for longest goes first", async () => {
    const gone: string[] = [];
    const pool = createPool({ budgetBytes: 2, shareOfProgram: 1, shareOfNested: 0, now: () => 0 });
    for (const key of ["a", "b", "a", "c", "d"]) {
      const lease = await pool.lease({
        owner: key,
        key,
        lane: "outer",
        bytes: 1,
        waitMs: 0,
        leaseMs: 1_000,
        onLost: () => {},
      });
      const engine = { linearBytes: () => 1, close: () => gone.push(key) } as unknown as Engine;
      if (!lease!.engine) lease!.attach(engine);
      lease!.release();
    }
    expect(gone).toEqual(["b", "a"]);
  });

  test("whoever waits gets what comes free", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: ONE, shareOfProgram: 1, shareOfNested: 0 } });
    const first = await open(sandbox, "a@1");
    setTimeout(() => first.close(), 60);
    const second = await open(sandbox, "b@1", { waitMs: 5_000 });
    expect(toValue(await second.invoke(ENTRY, host, toLimits()))).toBe(1);
  });

  test("growth inside a VM is admitted by the same budget", async () => {
    const grow = `${main("return new Uint8Array(input).length")}`;
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 4 * ONE, shareOfProgram: 1, shareOfNested: 0 } });
    const other = await open(sandbox, "other@1");
    const invoke = async (bytes: number) => {
      const opened = await sandbox.open(program("grow@1", grow), toLimits(), now);
      if (!opened.ok) throw new Error("could not open");
      const outcome = await opened.vm.invoke({ ...ENTRY, input: String(bytes) }, host, toLimits());
      opened.vm.close();
      return outcome;
    };
    expect(toStop(await invoke(4 * ONE))).toBe("memory");
    expect(sandbox.stats().linearBytes).toBeLessThanOrEqual(4 * ONE);
    expect(toValue(await invoke(ONE))).toBe(ONE);
    expect(toValue(await other.invoke(ENTRY, host, toLimits()))).toBe(1);
  });
});

describe("the share of one program", () => {
  test("a quarter and not one more, while others still get theirs", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 8 * ONE, shareOfProgram: 1 / 4, shareOfNested: 0 } });
    await open(sandbox, "greedy@1");
    await open(sandbox, "greedy@1");
    expect(await isRefused(sandbox, "greedy@1")).toBe(true);
    expect(await isRefused(sandbox, "modest@1")).toBe(false);
  });

  test("is the owner's: two versions of one plugin have it together", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 8 * ONE, shareOfProgram: 1 / 4, shareOfNested: 0 } });
    const openOf = (name: string, owner: string) =>
      sandbox.open({ ...program(name), owner }, toLimits(), { waitMs: 0 });
    for (const name of ["greedy@1", "greedy@2"]) expect(await openOf(name, "greedy")).toMatchObject({ ok: true });
    expect(await openOf("greedy@3", "greedy")).toMatchObject({ ok: false, failure: { reason: "busy" } });
    expect(await openOf("modest@1", "modest")).toMatchObject({ ok: true });
  });

  test("fifty calls that wait leave the other plugin as it was", async () => {
    const sandbox = createSandbox({ wasm });
    const slow = program("slow@1", main(`return ctx.call("never")`));
    const parked = Array.from({ length: 50 }, async () => {
      const opened = await sandbox.open(slow, toLimits(), { waitMs: 40 });
      if (!opened.ok) return opened.failure.kind === "stopped" ? opened.failure.reason : "threw";
      return toStop(await opened.vm.invoke(ENTRY, host, toLimits({ wallMs: 300 })).finally(() => opened.vm.close()));
    });
    const quick = await open(sandbox, "quick@1");
    expect(toValue(await quick.invoke(ENTRY, host, toLimits()))).toBe(1);
    const { budgetBytes, linearBytes } = sandbox.stats();
    expect(linearBytes).toBeLessThanOrEqual(budgetBytes / 4 + ONE);
    const ends = await Promise.all(parked);
    expect(new Set(ends)).toEqual(new Set(["busy", "wall"]));
  });
});

describe("lanes", () => {
  test("a part is kept for entries that a running entry waits for", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 4 * ONE, shareOfProgram: 1, shareOfNested: 1 / 2 } });
    await open(sandbox, "a@1");
    await open(sandbox, "b@1");
    expect(await isRefused(sandbox, "c@1")).toBe(true);
    await open(sandbox, "c@1", { lane: "nested" });
    await open(sandbox, "d@1", { lane: "nested" });
    expect(await isRefused(sandbox, "e@1", { lane: "nested" })).toBe(true);
  });
});

describe("VMs that are held", () => {
  test("are taken back between entries when somebody needs the memory, and only where that was agreed", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: 2 * ONE, shareOfProgram: 1, shareOfNested: 0 } });
    let reclaimed = 0;
    const held = await open(sandbox, "held@1", { onReclaim: () => (reclaimed += 1) });
    const kept = await open(sandbox, "kept@1");
    for (const vm of [held, kept]) toValue(await vm.invoke(ENTRY, host, toLimits()));
    expect(await isRefused(sandbox, "c@1")).toBe(false);
    expect(reclaimed).toBe(1);
    await expect(held.invoke(ENTRY, host, toLimits())).rejects.toThrow("the VM is closed");
    expect(toValue(await kept.invoke(ENTRY, host, toLimits()))).toBe(1);
  });

  test("are never taken back while they run", async () => {
    const sandbox = createSandbox({ wasm, pool: { budgetBytes: ONE, shareOfProgram: 1, shareOfNested: 0 } });
    const opened = await sandbox.open(program("a@1", main(`await ctx.call("wait"); return 2`)), toLimits(), {
      ...now,
      onReclaim: () => {},
    });
    if (!opened.ok) throw new Error("could not open");
    const waiting = createHost({ wait: () => new Promise((resolve) => setTimeout(resolve, 100)) });
    const running = opened.vm.invoke(ENTRY, waiting.host, toLimits());
    expect(await isRefused(sandbox, "b@1")).toBe(true);
    expect(toValue(await running)).toBe(2);
  });

  test("whose request was cancelled are given up after their time", async () => {
    let time = 0;
    const sandbox = createSandbox({
      wasm,
      now: () => time,
      pool: { budgetBytes: ONE, shareOfProgram: 1, shareOfNested: 0 },
    });
    let told = 0;
    const lost = await open(sandbox, "lost@1", { leaseMs: 1_000, onReclaim: () => (told += 1) });
    expect(sandbox.stats().leased).toBe(1);
    time = 1_000;
    expect(await isRefused(sandbox, "next@1")).toBe(true);
    time = 1_001;
    expect(await isRefused(sandbox, "next@1")).toBe(false);
    expect(told).toBe(1);
    await expect(lost.invoke(ENTRY, host, toLimits())).rejects.toThrow("the VM is closed");
  });
});

test("a VM given up while it runs ends, and its instance serves nobody else", async () => {
  let time = 0;
  const sandbox = createSandbox({ wasm, now: () => time });
  let answer = (_value: unknown): void => {};
  const slow = createHost({ wait: () => new Promise((resolve) => (answer = resolve)) });
  const waits = program("slow@1", main(`await ctx.call("wait"); return 1`));
  const opened = await sandbox.open(waits, toLimits(), { leaseMs: 1_000 });
  if (!opened.ok) throw new Error("could not open");
  const running = opened.vm.invoke(ENTRY, slow.host, toLimits());
  await new Promise((resolve) => setTimeout(resolve, 5));
  time = 2_000;
  const next = await sandbox.open(waits, toLimits());
  expect(sandbox.stats()).toMatchObject({ instances: 1, leased: 1 });
  answer(null);
  expect(toStop(await running)).toMatch(/crashed|wall/);
  if (next.ok) next.vm.close();
  expect(sandbox.stats()).toMatchObject({ instances: 1, leased: 0 });
});

test("a program that cannot be evaluated leaves nothing behind", async () => {
  const sandbox = createSandbox({ wasm });
  for (let round = 0; round < 30; round += 1)
    expect((await sandbox.open(program("bad@1", "throw 1"), toLimits(), now)).ok).toBe(false);
  expect(sandbox.stats()).toMatchObject({ instances: 0, linearBytes: 0 });
  expect(PAGE_BYTES).toBe(65_536);
});
