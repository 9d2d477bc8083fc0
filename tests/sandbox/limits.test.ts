/** Does every limit hold at its edge, and stop one over? */
import { describe, expect, test } from "vitest";
import { ENGINE } from "../../sandbox/engine/quickjs.gen.ts";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox, PAGE_BYTES } from "../../sandbox/index.ts";
import { createHost, main, openVm, run, sandbox, toLimits, toProgram, toStop, toThrown, toValue } from "./harness.ts";

describe("fuel", () => {
  const loop = (times: number) => main(`for (let i = 0; i < ${times}; i++); return "done"`);

  test("an entry that fits runs, one that needs more is stopped", async () => {
    const limits = toLimits({ fuel: 2_000_000 });
    expect(toValue(await run(loop(80_000), { limits, openLimits: toLimits() }))).toBe("done");
    const outcome = await run(loop(1_000_000), { limits, openLimits: toLimits() });
    expect(toStop(outcome)).toBe("fuel");
    expect(outcome.usage.fuel).toBe(limits.fuel);
  });

  test("exactly what an entry needs passes, one unit less does not", async () => {
    // What an entry costs depends on the digits of its seed.
    const fixed = createSandbox({ wasm, now: () => 1, seed: () => "0123456789abcdef".repeat(2) });
    const runWith = async (fuel: number) => {
      const opened = await fixed.open(toProgram(loop(100_000)), toLimits());
      if (!opened.ok) throw new Error("could not open");
      const entry = { name: "main", input: "1", context: "{}" };
      return opened.vm.invoke(entry, createHost().host, toLimits({ fuel })).finally(() => opened.vm.close());
    };
    const used = (await runWith(2_000_000)).usage.fuel;
    expect(toValue(await runWith(used))).toBe("done");
    expect(toStop(await runWith(used - 1))).toBe("fuel");
  });

  test("evaluation of the bundle is under fuel too", async () => {
    const opened = await sandbox.open(toProgram("for (;;);"), toLimits({ fuel: 10_000_000 }));
    expect(opened).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "fuel" } });
  });

  test("many short entries into the VM do not escape it", async () => {
    const { host } = createHost({ ping: () => 1 });
    const body = `for (;;) { await ctx.call("ping"); for (let i = 0; i < 5000; i++); }`;
    const limits = toLimits({ fuel: 1_000_000, hostCalls: 10_000 });
    expect(toStop(await run(main(body), { host, limits, openLimits: toLimits() }))).toBe("fuel");
  });

  test("work the host does on the spot is paid for", async () => {
    const ask = main(`for (let i = 0; i < 20; i++) new URL("https://x.test/" + "a".repeat(60000)); return 1`);
    expect((await run(ask)).usage.fuel).toBeGreaterThan(20 * 60_000 * 10);
    expect(toStop(await run(ask, { limits: toLimits({ fuel: 5_000_000 }), openLimits: toLimits() }))).toBe("fuel");
  });
});

describe("memory", () => {
  const hold = (bytes: number) => main(`const b = new Uint8Array(${bytes}); b[0] = 1; return b.length`);

  test("what fits runs, what does not stops, and the memory stays under the cap", async () => {
    const limits = toLimits({ memoryBytes: 256 * PAGE_BYTES });
    expect(toValue(await run(hold(8_000_000), { limits }))).toBe(8_000_000);
    const outcome = await run(hold(20_000_000), { limits });
    expect(toStop(outcome)).toBe("memory");
    expect(outcome.usage.peakBytes).toBeLessThanOrEqual(limits.memoryBytes);
  });

  test("an entry's own cap below the VM's holds", async () => {
    const openLimits = toLimits({ memoryBytes: 512 * PAGE_BYTES });
    const limits = toLimits({ memoryBytes: 200 * PAGE_BYTES });
    expect(toValue(await run(hold(20_000_000), { limits: openLimits, openLimits }))).toBe(20_000_000);
    const outcome = await run(hold(20_000_000), { limits, openLimits });
    expect(toStop(outcome)).toBe("memory");
    expect(outcome.usage.peakBytes).toBeLessThanOrEqual(limits.memoryBytes);
  });

  test("the engine's own maximum holds whatever an entry is allowed", async () => {
    const limits = toLimits({ memoryBytes: 2 ** 31 });
    const outcome = await run(main("const a = []; for (;;) a.push(new Uint8Array(100_000))"), { limits });
    expect(toStop(outcome)).toBe("memory");
    expect(outcome.usage.peakBytes).toBeLessThanOrEqual(ENGINE.maximumPages * PAGE_BYTES);
  });

  test("to the page: one page more than the cap is refused", async () => {
    const openLimits = toLimits();
    const grow = main("const a = []; for (let i = 0; i < 60; i++) a.push(new Uint8Array(60_000)); return a.length");
    const { peakBytes } = (await run(grow, { openLimits })).usage;
    expect(toValue(await run(grow, { openLimits, limits: toLimits({ memoryBytes: peakBytes }) }))).toBe(60);
    // The engine grows by more than it needs at the moment where it may, so what is needed is looked for.
    let least = peakBytes;
    const holds = async (memoryBytes: number) =>
      (await run(grow, { openLimits, limits: toLimits({ memoryBytes }) })).ok;
    while (await holds(least - PAGE_BYTES)) least -= PAGE_BYTES;
    expect(peakBytes - least).toBeLessThanOrEqual(4 * PAGE_BYTES);
    expect(toStop(await run(grow, { openLimits, limits: toLimits({ memoryBytes: least - PAGE_BYTES }) }))).toBe(
      "memory",
    );
    expect(toStop(await run(grow, { openLimits, limits: toLimits({ memoryBytes: least - 1 }) }))).toBe("memory");
  });

  test("the floor is enough to ask for, one byte less is refused", async () => {
    const program = toProgram("export {}");
    const floor = ENGINE.minimumPages * PAGE_BYTES;
    expect(await sandbox.open(program, toLimits({ memoryBytes: floor }))).toBeDefined();
    await expect(sandbox.open(program, toLimits({ memoryBytes: floor - 1 }))).rejects.toThrow(
      `the engine needs at least ${floor}`,
    );
  });

  test("running out sticks, whatever the guest catches", async () => {
    const body = `try { new Uint8Array(100e6) } catch {} return "went on"`;
    expect(toStop(await run(main(body)))).toBe("memory");
  });
});

describe("stack", () => {
  const recurse = main(
    `let depth = 0; const f = () => { depth++; f(); }; try { f() } catch (e) { return [depth, e.name] }`,
  );

  test("more stack means more frames, and the guest may catch the end of it", async () => {
    const depthAt = async (stackBytes: number) =>
      toValue(await run(recurse, { limits: toLimits({ stackBytes }) })) as [number, string];
    const [small, name] = await depthAt(64 * 1024);
    const [large] = await depthAt(256 * 1024);
    expect(name).toBe("RangeError");
    expect(small).toBeGreaterThan(150);
    expect(large).toBeGreaterThan(3 * small);
    expect(large).toBeLessThan(5_000);
  });

  test("to the frame: as deep as it goes it returns, one deeper throws", async () => {
    const dive = main(`const f = (n) => (n === 0 ? 0 : 1 + f(n - 1)); return f(input)`);
    const goes = async (input: number) => (await run(dive, { input })).ok;
    let [deep, tooDeep] = [100, 5_000];
    expect([await goes(deep), await goes(tooDeep)]).toEqual([true, false]);
    while (tooDeep - deep > 1) {
      const middle = Math.floor((deep + tooDeep) / 2);
      if (await goes(middle)) deep = middle;
      else tooDeep = middle;
    }
    expect(toValue(await run(dive, { input: deep }))).toBe(deep);
    expect(toThrown(await run(dive, { input: deep + 1 }))?.name).toBe("RangeError");
  });
});

describe("jobs", () => {
  const jobs = (count: number) => main(`for (let i = 0; i < ${count}; i++) await null; return "done"`);

  test("the job that is one too many stops", async () => {
    const needed = async () => {
      for (let limit = 1; ; limit += 1)
        if ((await run(jobs(20), { limits: toLimits({ jobs: limit }) })).ok) return limit;
    };
    const limit = await needed();
    expect(limit).toBeGreaterThanOrEqual(20);
    expect(limit).toBeLessThan(40);
    expect(toValue(await run(jobs(20), { limits: toLimits({ jobs: limit }) }))).toBe("done");
    expect(toStop(await run(jobs(20), { limits: toLimits({ jobs: limit - 1 }) }))).toBe("jobs");
  });

  test("timers count", async () => {
    const body = `await new Promise(() => setInterval(() => {}, 0))`;
    expect(toStop(await run(main(body), { limits: toLimits({ jobs: 10 }) }))).toBe("jobs");
  });
});

describe("wall clock", () => {
  const { host } = createHost({ slow: () => new Promise((resolve) => setTimeout(() => resolve(1), 400)) });

  test("waiting within the budget passes, longer stops and calls the host off", async () => {
    expect(toValue(await run(main(`return ctx.call("slow")`), { host, limits: toLimits({ wallMs: 20_000 }) }))).toBe(1);
    let aborted = false;
    const stuck = createHost({
      stuck: (_args, signal) => new Promise(() => signal.addEventListener("abort", () => (aborted = true))),
    });
    const outcome = await run(main(`return ctx.call("stuck")`), { host: stuck.host, limits: toLimits({ wallMs: 30 }) });
    expect(toStop(outcome)).toBe("wall");
    expect(aborted).toBe(true);
  });

  test("a timer beyond it stops at once when nothing else can come", async () => {
    expect(toStop(await run(main(`await new Promise((r) => setTimeout(r, 86400000))`)))).toBe("wall");
  });

  test("it is summed over the entry, timers included", async () => {
    const body = `for (let i = 0; i < 20; i++) await new Promise((r) => setTimeout(r, 10)); return 1`;
    expect(toStop(await run(main(body), { limits: toLimits({ wallMs: 100 }) }))).toBe("wall");
    expect(toValue(await run(main(body), { limits: toLimits({ wallMs: 20_000 }) }))).toBe(1);
  });
});

describe("host calls", () => {
  const calls = (count: number) => main(`for (let i = 0; i < ${count}; i++) await ctx.call("ping"); return "done"`);
  const { host } = createHost({ ping: () => 1 });

  test("the last one allowed passes, the next stops", async () => {
    const limits = toLimits({ hostCalls: 5 });
    expect(toValue(await run(calls(5), { host, limits }))).toBe("done");
    const outcome = await run(calls(6), { host, limits });
    expect(toStop(outcome)).toBe("host-calls");
    expect(outcome.usage.hostCalls).toBe(5);
  });
});

describe("traffic", () => {
  const { host, seen } = createHost({ echo: ([text]) => text });
  const body = main(`return (await ctx.call("echo", "x".repeat(500))).length`);

  test.each(["bytesIn", "bytesOut"] as const)("%s: all that is used passes, one less stops", async (key) => {
    const { usage } = await run(body, { host });
    expect(usage[key]).toBeGreaterThan(500);
    expect(toValue(await run(body, { host, limits: toLimits({ [key]: usage[key] }) }))).toBe(500);
    expect(toStop(await run(body, { host, limits: toLimits({ [key]: usage[key] - 1 }) }))).toBe("traffic");
  });

  test("what is too much to send is not sent", async () => {
    seen.length = 0;
    expect(toStop(await run(body, { host, limits: toLimits({ bytesOut: 500 }) }))).toBe("traffic");
    expect(seen).toEqual([]);
  });
});

describe("message size", () => {
  const limits = toLimits({ messageChars: 1_000 });
  const { host } = createHost({ echo: ([text]) => text, make: ([count]) => "x".repeat(Number(count)) });

  test("input: at the limit enters, one over stops", async () => {
    expect(toValue(await run(main("return input.length"), { input: "x".repeat(998), limits }))).toBe(998);
    expect(toStop(await run(main("return input.length"), { input: "x".repeat(999), limits }))).toBe("message-size");
  });

  test("result: at the limit leaves, one over stops", async () => {
    expect(toValue(await run(main(`return "x".repeat(998)`), { limits }))).toHaveLength(998);
    expect(toStop(await run(main(`return "x".repeat(999)`), { limits }))).toBe("message-size");
    expect(toStop(await run(main(`return "x".repeat(4e6)`), { limits }))).toBe("message-size");
  });

  test("arguments: at the limit pass, one over is an error of that call", async () => {
    expect(toValue(await run(main(`return (await ctx.call("echo", "x".repeat(996))).length`), { host, limits }))).toBe(
      996,
    );
    const body = `try { await ctx.call("echo", "x".repeat(997)) } catch (e) { return [e.name, e.code, await ctx.call("echo", "on")] }`;
    expect(toValue(await run(main(body), { host, limits }))).toEqual(["RangeError", "MESSAGE_SIZE", "on"]);
  });

  test("results of the host: at the limit pass, one over is an error of that call", async () => {
    expect(toValue(await run(main(`return (await ctx.call("make", 998)).length`), { host, limits }))).toBe(998);
    const body = `try { await ctx.call("make", 999) } catch (e) { return e.code }`;
    expect(toValue(await run(main(body), { host, limits }))).toBe("MESSAGE_SIZE");
  });

  test("text of three bytes a character counts by characters", async () => {
    expect(toValue(await run(main(`return "€".repeat(998)`), { limits }))).toHaveLength(998);
    expect(toStop(await run(main(`return "€".repeat(999)`), { limits }))).toBe("message-size");
  });

  test("arguments that queue are bounded together", async () => {
    const body = `
      const sent = [];
      for (let i = 0; i < 20; i++) sent.push(ctx.call("echo", "x".repeat(900)).then(() => "ok", (e) => e.code));
      return [...new Set(await Promise.all(sent))].sort();`;
    expect(toValue(await run(main(body), { host, limits }))).toEqual(["MESSAGE_SIZE", "ok"]);
  });
});

describe("logs", () => {
  test("lines over either budget are counted and told in one line", async () => {
    const { host, logs } = createHost();
    await run(main(`for (let i = 0; i < 10; i++) console.log("line", i)`), { host, limits: toLimits({ logLines: 4 }) });
    expect(logs.map((line) => line.message)).toEqual([
      "line 0",
      "line 1",
      "line 2",
      "line 3",
      expect.stringContaining("6 log lines were dropped"),
    ]);
    const long = createHost();
    await run(main(`console.log("x".repeat(200)); console.log("short")`), {
      host: long.host,
      limits: toLimits({ logChars: 100 }),
    });
    expect(long.logs.map((line) => line.message)).toEqual([
      "short",
      expect.stringContaining("1 log lines were dropped"),
    ]);
  });

  test("to the character: a line is as long as its level, message and data as JSON", async () => {
    const line = JSON.stringify(["info", "x".repeat(50), null]).length;
    const said = async (logChars: number) => {
      const { host, logs } = createHost();
      await run(main(`console.log("x".repeat(50))`), { host, limits: toLimits({ logChars }) });
      return logs[0]?.message;
    };
    let least = line - 10;
    while ((await said(least)) !== "x".repeat(50)) least += 1;
    expect(least).toBeLessThanOrEqual(line);
    expect(await said(least - 1)).toContain("1 log lines were dropped");
  });

  test("lines of an entry that is stopped still arrive", async () => {
    const { host, logs } = createHost();
    await run(main(`console.error("before"); for (;;);`), {
      host,
      limits: toLimits({ fuel: 1_000_000 }),
      openLimits: toLimits(),
    });
    expect(logs).toEqual([{ level: "error", message: "before", data: undefined }]);
  });
});

test("a promise that nothing can settle ends at once", async () => {
  expect(toStop(await run(main("await new Promise(() => {})")))).toBe("never-settled");
  const vm = await openVm(main("await new Promise(() => {})"));
  expect(
    toThrown(await vm.invoke({ name: "missing", input: "1", context: "{}" }, createHost().host, toLimits()))?.name,
  ).toBe("TypeError");
});
