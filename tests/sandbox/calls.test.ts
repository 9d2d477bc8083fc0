/** Do host calls behave: queued, bounded, settled in order, called off, and silent about the host? */
import { describe, expect, test } from "vitest";
import {
  createSandbox,
  type HostAnswer,
  type HostCallResult,
  type HostCalls,
  type Meter,
  type Vm,
} from "../../sandbox/index.ts";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createHost, main, openVm, run, toLimits, toProgram, toStop, toThrown, toValue } from "./harness.ts";

const SECRET = "token-8131";

/** A host whose answers are released by hand, and which knows how many calls were under way at once. */
function createGate() {
  let underWay = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const host: HostCalls = {
    async call(_op, args) {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        setTimeout(resolve, 1);
      });
      underWay -= 1;
      return { ok: true, value: args };
    },
    log: () => {},
  };
  return { host, most: () => most };
}

describe("calls", () => {
  test("carry JSON both ways, as plain objects of the guest's own", async () => {
    const { host } = createHost({ echo: (args) => args });
    const body = `
      const answer = await ctx.call("echo", { a: [1, "ü\\u0000\\ud800", null] }, undefined, () => {});
      return { answer, isPlain: Object.getPrototypeOf(answer[0]) === Object.prototype && Array.isArray(answer) };`;
    expect(toValue(await run(main(body), { host }))).toEqual({
      answer: [{ a: [1, "ü\u0000\ud800", null] }, null, null],
      isPlain: true,
    });
  });

  test("__proto__ in an answer stays an ordinary property", async () => {
    const host: HostCalls = { call: async () => ({ ok: true, value: '{"__proto__":{"admin":true}}' }), log: () => {} };
    const body = `const o = await ctx.call("x"); return [Object.keys(o), o.admin, ({}).admin]`;
    expect(toValue(await run(main(body), { host }))).toEqual([["__proto__"], null, null]);
  });

  test("run at most N at once while the rest queue, and all are answered", async () => {
    const gate = createGate();
    const body = `return (await Promise.all(Array.from({ length: 30 }, (_, i) => ctx.call("x", i)))).map((a) => a[0])`;
    const outcome = await run(main(body), { host: gate.host, limits: toLimits({ hostCallsInFlight: 3 }) });
    expect(toValue(outcome)).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(gate.most()).toBe(3);
  });

  test("settle in the order the host answers", async () => {
    const { host } = createHost({
      wait: ([ms]) => new Promise((resolve) => setTimeout(() => resolve(ms), Number(ms))),
    });
    const body = `const seen = []; await Promise.all([60, 5, 30].map((ms) => ctx.call("wait", ms).then((v) => seen.push(v)))); return seen`;
    expect(toValue(await run(main(body), { host }))).toEqual([5, 30, 60]);
  });

  test("an answer that is no JSON is an error of that call", async () => {
    const host: HostCalls = { call: async () => ({ ok: true, value: "not JSON" }), log: () => {} };
    const body = `try { await ctx.call("x"); return "parsed" } catch (e) { return e.name }`;
    expect(toValue(await run(main(body), { host }))).toBe("SyntaxError");
  });

  test("an operation with an endless name is an error of that call", async () => {
    const { host, seen } = createHost();
    const body = `try { await ctx.call("x".repeat(65)) } catch (e) { return e.code }`;
    expect(toValue(await run(main(body), { host }))).toBe("MESSAGE_SIZE");
    expect(seen).toEqual([]);
  });

  test("a log handler that throws is a bug that surfaces, and ends the VM", async () => {
    const vm = await openVm(main(`console.log("x"); return 1`));
    const host: HostCalls = {
      ...createHost().host,
      log: () => {
        throw new Error("bug of the host");
      },
    };
    const entry = { name: "main", input: "1", context: "{}" };
    await expect(vm.invoke(entry, host, toLimits())).rejects.toThrow("bug of the host");
    expect(toStop(await vm.invoke(entry, createHost().host, toLimits()))).toBe("crashed");
  });

  test("an answer nested too deeply stops the VM", async () => {
    const host: HostCalls = { call: async () => ({ ok: true, value: "[".repeat(9e5) }), log: () => {} };
    expect(toStop(await run(main(`await ctx.call("x").catch(() => {})`), { host }))).toBe("stack");
  });

  test("a refusal rejects with its name, code and message", async () => {
    const host: HostCalls = {
      call: async () => ({ ok: false, error: { name: "CapabilityError", code: "DENIED", message: "not granted" } }),
      log: () => {},
    };
    const body = `try { await ctx.call("x") } catch (e) { return [e instanceof Error, e.name, e.code, e.message, Object.keys(e)] }`;
    expect(toValue(await run(main(body), { host }))).toEqual([true, "CapabilityError", "DENIED", "not granted", []]);
  });

  test.each([
    ["rejects", async () => Promise.reject(new Error(`SQLITE_ERROR at /srv/app.js ${SECRET}`))],
    [
      "throws",
      () => {
        throw new TypeError(`D1 ${SECRET}`);
      },
    ],
    ["answers nonsense", async () => undefined],
    ["answers with a number", async () => ({ ok: true, value: 7 })],
    ["answers with half an error", async () => ({ ok: false, error: { name: SECRET } })],
  ])("a host that %s tells the guest nothing", async (_what, call) => {
    const host = { call, log: () => {} } as unknown as HostCalls;
    const body = `try { await ctx.call("kv.get") } catch (e) { return [e.name, e.code, e.message, e.stack] }`;
    const told = JSON.stringify(toValue(await run(main(body), { host })));
    expect(told).toContain("INTERNAL");
    expect(told).not.toMatch(/token-8131|SQLITE|srv|D1|wasm|node:|TypeError/);
  });

  test("what is under way at the end is called off and its late answer goes nowhere", async () => {
    let signal: AbortSignal | undefined;
    let release: (() => void) | undefined;
    const host: HostCalls = {
      call: (_op, _args, given) => {
        signal = given;
        return new Promise((resolve) => (release = () => resolve({ ok: true, value: '"late"' })));
      },
      log: () => {},
    };
    const vm = await openVm(`
      let got = "nothing";
      export const start = (input, ctx) => { ctx.call("slow").then((v) => (got = v)); return new Promise((r) => setTimeout(() => r(1), 1)); };
      export const main = async () => { await new Promise((r) => setTimeout(r, 5)); return got; };`);
    const invoke = (name: string) => vm.invoke({ name, input: "1", context: "{}" }, host, toLimits());
    expect(toValue(await invoke("start"))).toBe(1);
    expect(signal?.aborted).toBe(true);
    release?.();
    expect(toValue(await invoke("main"))).toBe("nothing");
  });

  test("a host function never enters the VM: a nested use of the same VM is refused", async () => {
    const vm = await openVm(main(`return ctx.call("nest")`));
    let refusal = "";
    const host: HostCalls = {
      async call() {
        await vm
          .invoke({ name: "main", input: "1", context: "{}" }, host, toLimits())
          .catch((error: Error) => (refusal = error.message));
        return { ok: true, value: "1" };
      },
      log: () => {},
    };
    expect(toValue(await vm.invoke({ name: "main", input: "1", context: "{}" }, host, toLimits()))).toBe(1);
    expect(refusal).toContain("an entry is running");
  });

  test("nesting across programs works while the caller waits", async () => {
    const inner = createHost({ deep: () => "inner" });
    const { host } = createHost({
      nest: async () => toValue(await run(main(`return (await ctx.call("deep")) + "!"`), { host: inner.host })),
    });
    expect(toValue(await run(main(`return ctx.call("nest")`), { host }))).toBe("inner!");
  });

  test("a VM closed while it waits ends its entry and nothing else", async () => {
    const vm = await openVm(main(`return ctx.call("close")`));
    const { host } = createHost({ close: () => vm.close() });
    expect((await vm.invoke({ name: "main", input: "1", context: "{}" }, host, toLimits())).ok).toBe(true);
    expect(toValue(await run(main("return 1")))).toBe(1);
  });

  test("many entries at once in many VMs do not mix", async () => {
    const { host } = createHost({
      wait: ([id, ms]) => new Promise((resolve) => setTimeout(() => resolve(id), Number(ms))),
    });
    const ids = Array.from({ length: 12 }, (_, index) => index);
    const body = `const a = await ctx.call("wait", input, 10 - (input % 5)); const b = await ctx.call("wait", input, input % 3); return [a, b]`;
    const outcomes = await Promise.all(ids.map((id) => run(main(body), { host, input: id })));
    expect(outcomes.map(toValue)).toEqual(ids.map((id) => [id, id]));
  });
});

describe("logs", () => {
  test("reach the host with level, text and data", async () => {
    const { host, logs } = createHost();
    const body = `
      console.log("a", 1, { b: 2 }, null, undefined, [1]);
      console.warn(new TypeError("bad").message);
      ctx.log("debug", "with data", { c: 3 });
      const cycle = {}; cycle.cycle = cycle; console.error(cycle);
      ctx.log("nonsense", "level");
      console.assert(false, "no");
      console.assert(true, "yes");`;
    await run(main(body), { host });
    expect(logs).toEqual([
      { level: "info", message: 'a 1 {"b":2} null undefined [1]', data: undefined },
      { level: "warn", message: "bad", data: undefined },
      { level: "debug", message: "with data", data: '{"c":3}' },
      { level: "error", message: expect.stringContaining("TypeError"), data: undefined },
      { level: "info", message: "level", data: undefined },
      { level: "error", message: "Assertion failed: no", data: undefined },
    ]);
  });
});

describe("answers of the host", () => {
  test("all pass one listener, in the order the guest got them", async () => {
    const seen: HostAnswer[] = [];
    const sandbox = createSandbox({ wasm, onAnswer: (answer) => seen.push(answer) });
    const body = `crypto.randomUUID(); await ctx.call("kv.get", "k"); new URL("https://a.test/"); await ctx.call("nope").catch(() => {}); return 1`;
    const opened = await sandbox.open(toProgram(main(body)), toLimits());
    if (!opened.ok) throw new Error("could not open");
    const { host } = createHost({ "kv.get": () => "v" });
    toValue(await opened.vm.invoke({ name: "main", input: "1", context: "{}" }, host, toLimits()));
    const atTopLevel: HostAnswer[] = [];
    const listening = createSandbox({ wasm, onAnswer: (answer) => atTopLevel.push(answer) });
    await listening.inspect(toProgram(`new URL("https://a.test/"); export {};`), toLimits());
    expect(atTopLevel).toMatchObject([{ kind: "ask", op: "url.parse" }]);
    expect(seen.map((answer) => ("op" in answer ? `${answer.kind} ${answer.op}` : answer.kind))).toEqual([
      "clock",
      "seed",
      "ask uuid",
      "clock",
      "settle kv.get",
      "ask url.parse",
      "clock",
      "settle nope",
    ]);
  });
});

describe("the meter of a call", () => {
  const invoke = (vm: Vm, host: HostCalls) =>
    vm.invoke({ name: "main", input: "1", context: "{}" }, host, toLimits({ fuel: 1_000_000 }));
  const answered: HostCallResult = { ok: true, value: "1" };

  test("reads what the entry has left, and what it charges is gone", async () => {
    const seen: number[] = [];
    const charging: HostCalls = {
      log: () => {},
      async call(_op, _args, _signal, meter) {
        seen.push(meter.fuelLeft());
        meter.charge(300_000);
        seen.push(meter.fuelLeft());
        return answered;
      },
    };
    const outcome = await invoke(await openVm(main(`await ctx.call("a"); return ctx.call("b")`)), charging);
    expect(toValue(outcome)).toBe(1);
    const [before = 0, after = 0, later = 0] = seen;
    expect(before).toBeGreaterThan(900_000);
    expect(after).toBe(before - 300_000);
    expect(later).toBeLessThan(after);
    expect(outcome.usage.fuel).toBeGreaterThan(600_000);
  });

  test("an entry that cannot pay ends, one that just can goes on", async () => {
    const taking = (all: boolean): HostCalls => ({
      log: () => {},
      async call(_op, _args, _signal, meter) {
        meter.charge(all ? meter.fuelLeft() + 1 : meter.fuelLeft() - 100_000);
        return answered;
      },
    });
    const vm = () => openVm(main(`return ctx.call("a")`));
    expect(toValue(await invoke(await vm(), taking(false)))).toBe(1);
    expect(toStop(await invoke(await vm(), taking(true)))).toBe("fuel");
  });

  test("does nothing after the end of its entry", async () => {
    let late: Meter | undefined;
    const keeping: HostCalls = {
      log: () => {},
      async call(_op, _args, _signal, meter) {
        late = meter;
        return answered;
      },
    };
    const bundle = main(`return ctx.call("a")`);
    expect(toValue(await invoke(await openVm(bundle), keeping))).toBe(1);
    const left = late?.fuelLeft();
    expect(left).toBeGreaterThan(0);
    const vm = await openVm(bundle);
    late?.charge(10_000_000);
    // What was left stays told, and is nobody's: the next entry has its own.
    expect(late?.fuelLeft()).toBe(left);
    expect(toValue(await invoke(vm, keeping))).toBe(1);
  });
});

test("an entry that throws after its calls reports the throw", async () => {
  const { host } = createHost({ ping: () => 1 });
  expect(toThrown(await run(main(`await ctx.call("ping"); throw new RangeError("after")`), { host }))?.name).toBe(
    "RangeError",
  );
  expect(toStop(await run(main(`ctx.call("ping"); await new Promise(() => {})`), { host }))).toBe("never-settled");
});
