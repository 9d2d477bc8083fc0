/** What does one entry get, give back and report? */
import { describe, expect, test } from "vitest";
import { ENGINE } from "../../sandbox/engine/quickjs.gen.ts";
import { PAGE_BYTES } from "../../sandbox/index.ts";
import { createHost, main, openVm, run, sandbox, toLimits, toProgram, toStop, toThrown, toValue } from "./harness.ts";

describe("an entry", () => {
  test("gets its input and context and returns JSON", async () => {
    const vm = await openVm(`export const main = (input, ctx) => ({ input, site: ctx.site });`);
    const entry = { name: "main", input: '{"title":"ä\\u0000\\ud800"}', context: '{"site":"x"}' };
    const outcome = await vm.invoke(entry, createHost().host, toLimits());
    expect(toValue(outcome)).toEqual({ input: { title: "ä\u0000\ud800" }, site: "x" });
  });

  test("that returns nothing returns null", async () => {
    expect(toValue(await run(main("")))).toBeNull();
  });

  test("that throws tells name, message, code and guest positions only", async () => {
    const thrown = toThrown(await run(main(`throw Object.assign(new TypeError("no"), { code: "E_NO" });`)));
    expect(thrown).toMatchObject({ name: "TypeError", message: "no", code: "E_NO" });
    expect(thrown?.stack).toContain("demo@1.0.0:1:");
    expect(thrown?.stack).not.toMatch(/node_modules|file:|wasm:|\.ts\b/);
  });

  test.each([
    ["a string", `throw "plain"`, "Thrown: plain"],
    ["nothing", `throw undefined`, "Thrown: undefined"],
    ["an error whose message throws", `throw { get message() { throw 1 } }`, "(the thrown value could not be read)"],
    [
      "a proxy that always throws",
      `throw new Proxy({}, { get() { throw 1 } })`,
      "(the thrown value could not be read)",
    ],
    ["an unprintable object", `throw Object.create(null)`, ""],
  ])("that throws %s is still described", async (_what, body, message) => {
    expect(toThrown(await run(main(body)))?.message).toBe(message);
  });

  test.each([
    ["a cycle", "const a = {}; a.a = a; return a"],
    ["a bigint", "return 1n"],
  ])("that returns %s throws a TypeError", async (_what, body) => {
    expect(toThrown(await run(main(body)))?.name).toBe("TypeError");
  });

  test("may return a thenable", async () => {
    expect(toValue(await run(main("return { then(resolve) { resolve(7) } }")))).toBe(7);
  });

  test.each([
    ["a number", `return 5`, 5],
    ["a list", `return [1, { a: undefined }]`, [1, {}]],
    ["an object without a prototype", `return Object.assign(Object.create(null), { a: 1 })`, { a: 1 }],
    ["an object of a class", `return new (class { a = 1; toJSON() { return { b: this.a } } })()`, { b: 1 }],
    ["a proxy", `return new Proxy({ a: 1 }, {})`, { a: 1 }],
    ["a function", `return () => 1`, null],
    ["a promise, with no then to be found", `delete Promise.prototype.then; return Promise.resolve(3)`, 3],
    ["a promise that hides its then", `return Object.assign(Promise.resolve(3), { then: undefined })`, 3],
    ["an object whose then comes from afar", `return Object.create({ then(resolve) { resolve(4) } })`, 4],
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
    ["an object whose own then is no function", `return { then: 1 }`, { then: 1 }],
  ])("without await may return %s", async (_what, body, value) => {
    expect(toValue(await run(`export function main() { ${body} }`))).toEqual(value);
  });

  test.each([
    ["a job adds to it", `const r = {}; queueMicrotask(() => { r.x = 1 }); return r`, { x: 1 }],
    ["many jobs add to it", `const r = []; [1, 2, 3].forEach(async (i) => { r.push(await i) }); return r`, [1, 2, 3]],
    ["a job makes it unfit", `const r = {}; queueMicrotask(() => { r.r = r }); return r`, "TypeError"],
  ])("returns what it is after its jobs: %s", async (_what, body, value) => {
    const outcome = await run(`export const main = () => { ${body} };`);
    expect(outcome.ok ? toValue(outcome) : toThrown(outcome)?.name).toEqual(value);
  });

  test("that returns at once still has its jobs run, within their budget", async () => {
    const { host, logs } = createHost();
    const later = `queueMicrotask(() => { console.log("later"); Promise.resolve().then(() => console.log("last")) })`;
    expect(toValue(await run(`export const main = () => { ${later}; return 1 };`, { host }))).toBe(1);
    expect(logs.map(({ message }) => message)).toEqual(["later", "last"]);
    const flood = `const again = () => Promise.resolve().then(again); export const main = () => { again(); return 1 };`;
    expect(toStop(await run(flood, { limits: toLimits({ jobs: 50 }) }))).toBe("jobs");
  });

  test("sees no source of what it did not bring along", async () => {
    const body = `return [structuredClone, URL, new URL("https://a.test").toString, Headers.prototype.get, console.log].map((f) =>
      Function.prototype.toString.call(f).replace(/\\s+/g, " "))`;
    for (const source of toValue(await run(main(body))) as string[])
      expect(source).toMatch(/^(function|class)? ?\w* ?\([^)]*\) \{ \[native code\] \}$/);
    expect(toValue(await run(`const own = (a) => a + 41; export const main = () => String(own);`))).toBe(
      "(a) => a + 41",
    );
  });

  test("may import trusted modules and nothing else", async () => {
    expect(toValue(await run(`import { answer } from "emdash"; export const main = () => answer;`))).toBe(42);
    const opened = await sandbox.open(toProgram(`import fs from "node:fs"; export const main = () => 1;`), toLimits());
    expect(opened).toMatchObject({ ok: false, failure: { kind: "threw" } });
    expect(JSON.stringify(opened)).toContain('Cannot import \\"node:fs\\": modules available are: emdash');
  });

  test("reports what it used", async () => {
    const { host } = createHost({ "kv.get": () => "v" });
    const outcome = await run(main(`await ctx.call("kv.get", "k"); for (let i = 0; i < 1e5; i++); return 1`), { host });
    expect(outcome.usage.hostCalls).toBe(1);
    expect(outcome.usage.fuel).toBeGreaterThanOrEqual(500_000);
    expect(outcome.usage.fuel).toBeLessThan(5_000_000);
    expect(outcome.usage.peakBytes).toBe(ENGINE.minimumPages * PAGE_BYTES);
    expect(outcome.usage.bytesIn).toBeGreaterThan(10);
    expect(outcome.usage.bytesOut).toBeGreaterThan(10);
  });

  test("runs alone in its VM", async () => {
    const vm = await openVm(main("await new Promise((r) => setTimeout(r, 5)); return 1"));
    const entry = { name: "main", input: "1", context: "{}" };
    const first = vm.invoke(entry, createHost().host, toLimits());
    await expect(vm.invoke(entry, createHost().host, toLimits())).rejects.toThrow("an entry is running");
    expect(toValue(await first)).toBe(1);
    vm.close();
    vm.close();
    await expect(vm.invoke(entry, createHost().host, toLimits())).rejects.toThrow("the VM is closed");
  });

  test("inspection tells the exports and has no host", async () => {
    const bundle = `export const a = 1; export function b() {}`;
    expect(await sandbox.inspect(toProgram(bundle), toLimits())).toMatchObject({ ok: true, value: '["a","b"]' });
    const runtime = `(sandbox) => ({ dispatch() {}, inspect: () => sandbox.call("kv.get", []) })`;
    const outcome = await sandbox.inspect(toProgram(bundle, { runtime }), toLimits());
    expect(toThrown(outcome)?.message).toContain("Cannot call kv.get at top level");
  });

  test("is dropped with its VM after a stop, and every later entry says why", async () => {
    const vm = await openVm(`export const loop = () => { for (;;); }; export const main = () => 1;`);
    const invoke = (name: string) =>
      vm.invoke({ name, input: "1", context: "{}" }, createHost().host, toLimits({ fuel: 1_000_000 }));
    expect(toValue(await invoke("main"))).toBe(1);
    expect(toStop(await invoke("loop"))).toBe("fuel");
    expect(toStop(await invoke("main"))).toBe("fuel");
  });
});

describe("timers", () => {
  test("fire in order, pass arguments, and can be cleared", async () => {
    const body = `
      const seen = [];
      const gone = setTimeout(() => seen.push("gone"), 1);
      clearTimeout(gone);
      clearTimeout(undefined);
      setTimeout((x) => seen.push(x), 8, "late");
      setTimeout((x) => seen.push(x), 2, "early");
      const id = setInterval(() => { seen.push("tick"); if (seen.length > 4) clearInterval(id); }, 3);
      await new Promise((r) => setTimeout(r, 30));
      return seen;`;
    const seen = toValue(await run(main(body))) as string[];
    expect(seen[0]).toBe("early");
    expect(seen).toContain("late");
    expect(seen).not.toContain("gone");
    expect(seen.filter((name) => name === "tick").length).toBeGreaterThanOrEqual(2);
  });

  test("fire by due time, then by age, with promise jobs in between", async () => {
    const { host } = createHost({ wait: () => new Promise((resolve) => setTimeout(() => resolve(1), 30)) });
    const body = `
      const seen = [];
      setTimeout(() => seen.push("c"), 9);
      setTimeout(() => { seen.push("a"); Promise.resolve().then(() => seen.push("job of a")); }, 3);
      setTimeout(() => seen.push("b"), 3);
      await ctx.call("wait");
      await new Promise((r) => setTimeout(r, 1));
      return seen;`;
    expect(toValue(await run(main(body), { host }))).toEqual(["a", "job of a", "b", "c"]);
  });

  test("are dropped at the end of the entry", async () => {
    const vm = await openVm(`
      let ticks = 0;
      export const start = () => { setInterval(() => ticks++, 1); setTimeout(() => ticks++, 0); return ticks; };
      export const main = async () => { await new Promise((r) => setTimeout(r, 20)); return ticks; };`);
    const invoke = (name: string) => vm.invoke({ name, input: "1", context: "{}" }, createHost().host, toLimits());
    expect(toValue(await invoke("start"))).toBe(0);
    expect(toValue(await invoke("main"))).toBe(0);
  });

  test("that throw end nothing but themselves", async () => {
    expect(
      toValue(
        await run(main(`setTimeout(() => { throw 1 }, 0); await new Promise((r) => setTimeout(r, 5)); return "on"`)),
      ),
    ).toBe("on");
  });
});
