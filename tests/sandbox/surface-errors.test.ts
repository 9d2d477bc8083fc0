/** Does an error come out as its author meant it, whatever it is, and never larger or deeper than the host wants it? */
import { describe, expect, test } from "vitest";
import { parseGuestError } from "../../sandbox/bridge/status.ts";
import { createHost, main, run, sandbox, toLimits, toProgram, toThrown } from "./harness.ts";

const thrownBy = async (body: string) => toThrown(await run(main(body)));

describe("the error of a host call that was refused", () => {
  const lines = (poison: string, call: string) =>
    `${poison}\nasync function ask(ctx) {\n  await null;\n  return ${call};\n}\nexport async function main(input, ctx) {\n  return await ask(ctx);\n}`;

  test.each([
    ["at once", `ctx.call("missing", 1)`],
    ["after another", `ctx.call("missing", 1).catch(() => ctx.call("missing", 2))`],
    ["by an API of the prelude", `ctx.call("missing").then(null, (e) => { throw e })`],
  ])("names the line it was made on: %s", async (_what, call) => {
    const error = toThrown(await run(lines("", call)));
    expect(error).toMatchObject({ name: "Error", code: "UNKNOWN", message: "No missing" });
    expect(error?.stack).toMatch(/demo@1\.0\.0:4:\d+/);
    expect(error?.stack?.split("\n")[0]).not.toContain("bulkhead:prelude");
  });

  test("however deep the author's own calls are", async () => {
    const body = `const deep = (n) => {\n  return n === 0 ? ctx.call("missing") : deep(n - 1);\n}; await null; await deep(50);`;
    expect((await thrownBy(body))?.stack).toContain("demo@1.0.0:2:");
  });

  test("is the author's to change, and to leave without a place", async () => {
    const kept = `try { await ctx.call("missing") } catch (e) { e.stack = "mine"; throw e }`;
    expect((await thrownBy(kept))?.stack).toBe("mine");
    const limited = toThrown(await run(lines("Error.stackTraceLimit = 0;", `ctx.call("missing")`)));
    expect(limited).toMatchObject({ code: "UNKNOWN", message: "No missing" });
    const replaced = lines(
      `Error.captureStackTrace = () => { throw 1 }; Error.prepareStackTrace = () => { throw 2 };`,
      `ctx.call("missing")`,
    );
    expect(toThrown(await run(replaced))?.stack).toMatch(/demo@1\.0\.0:4:/);
  });

  test("costs a call that succeeds no more than 4,000 units", async () => {
    const { host } = createHost({ ok: () => 1 });
    const fuelOf = async (calls: number) =>
      (await run(main(`for (let i = 0; i < ${calls}; i += 1) await ctx.call("ok", i); return 1`), { host })).usage.fuel;
    expect(((await fuelOf(60)) - (await fuelOf(10))) / 50).toBeLessThan(4_000);
  });
});

describe("a thrown error's cause", () => {
  test("is told with all its fields", async () => {
    const error = await thrownBy(
      `throw new Error("outer", { cause: Object.assign(new TypeError("inner"), { code: "E_INNER" }) })`,
    );
    expect(error).toMatchObject({
      name: "Error",
      message: "outer",
      cause: { name: "TypeError", message: "inner", code: "E_INNER" },
    });
    expect(error?.cause?.stack).toContain("main");
    expect(error).not.toHaveProperty("code");
  });

  test("is told three deep, and not one deeper", async () => {
    const error = await thrownBy(
      `let e; for (const m of ["5", "4", "3", "2", "1", "0"]) e = new Error(m, e === undefined ? {} : { cause: e }); throw e`,
    );
    expect(error).toMatchObject({
      message: "0",
      cause: { message: "1", cause: { message: "2", cause: { message: "3" } } },
    });
    expect(error?.cause?.cause?.cause).not.toHaveProperty("cause");
  });

  test("may be a cycle", async () => {
    const error = await thrownBy(`const a = new Error("a"), b = new Error("b"); a.cause = b; b.cause = a; throw a`);
    expect(error).toMatchObject({ message: "a", cause: { message: "b", cause: { message: "a" } } });
    expect(await thrownBy(`const a = new Error("self"); a.cause = a; throw a`)).not.toHaveProperty("cause");
  });

  test.each([
    [`"text"`, { name: "Error", message: "text" }],
    [`404`, { name: "Error", message: "404" }],
    [`Symbol("s")`, { name: "Error", message: "Symbol(s)" }],
    [`{ name: "Own", message: "plain", code: "C" }`, { name: "Own", message: "plain", code: "C" }],
    [`{ get message() { throw 1 } }`, { name: "Error", message: "(the thrown value could not be read)" }],
    [`new Proxy({}, { get() { throw 1 } })`, { name: "Error", message: "(the thrown value could not be read)" }],
  ])("may be %s", async (cause, expected) => {
    expect((await thrownBy(`throw new Error("outer", { cause: ${cause} })`))?.cause).toEqual(expected);
  });

  test.each([
    `Object.defineProperty(new Error("outer"), "cause", { get() { throw new Error("no") } })`,
    `new Error("outer", { cause: null })`,
    `new Error("outer", { cause: undefined })`,
  ])("is left out when it is none or cannot be read: %s", async (expression) => {
    const error = await thrownBy(`throw ${expression}`);
    expect(error).toMatchObject({ name: "Error", message: "outer" });
    expect(error).not.toHaveProperty("cause");
  });

  test("is told of errors at top level as well", async () => {
    const opened = await sandbox.open(toProgram(`throw new Error("outer", { cause: new Error("inner") })`), toLimits());
    expect(opened).toMatchObject({ ok: false, failure: { error: { message: "outer", cause: { message: "inner" } } } });
  });

  test("cannot be forged by toJSON, nor widened by what is in the text", async () => {
    const body = `
      Object.prototype.toJSON = String.prototype.toJSON = () => "forged";
      throw new Error('","cause":{"name":"x"}', { cause: new Error('"}}}') })`;
    expect(await thrownBy(body)).toMatchObject({ message: '","cause":{"name":"x"}', cause: { message: '"}}}' } });
  });
});

describe("an AggregateError", () => {
  test.each([
    [`new AggregateError([new Error("a"), "b"])`, "2 errors: a; b"],
    [`new AggregateError([new Error("a"), 2, null, 4], "")`, "4 errors: a; 2; null; ..."],
    [`new AggregateError([new Error("a")], "its own words")`, "its own words"],
    [`new AggregateError([], "")`, "0 errors"],
  ])("%s says %s", async (expression, message) => {
    expect(await thrownBy(`throw ${expression}`)).toMatchObject({ name: "AggregateError", message });
  });

  test("of Promise.any says what went wrong", async () => {
    const error = await thrownBy(
      `await Promise.any([Promise.reject(new Error("first")), Promise.reject(new Error("second"))])`,
    );
    expect(error).toMatchObject({ name: "AggregateError", message: "2 errors: first; second" });
  });
});

describe("the size of an error", () => {
  test("is cut in the guest, so that a large one is an error and no stop", async () => {
    for (const char of ["x", "\\u0000", "ä", "\\n"]) {
      const big = `"${char}".repeat(1e5)`;
      const error = await thrownBy(
        `const make = (cause) => Object.assign(new Error(${big}, { cause }), { name: ${big}, stack: ${big}, code: ${big} }); throw make(make(make(make())))`,
      );
      expect(error?.message.length).toBeGreaterThan(600);
      expect(error?.message.length).toBeLessThanOrEqual(4_000);
      const opened = await sandbox.open(
        toProgram(`throw Object.assign(new Error(${big}), { name: ${big}, stack: ${big}, code: ${big} })`),
        toLimits(),
      );
      expect(opened).toMatchObject({ ok: false, failure: { kind: "threw" } });
    }
  });

  test("the message of up to 4,000 characters is whole", async () => {
    expect((await thrownBy(`throw new Error("x".repeat(4000))`))?.message).toBe("x".repeat(4_000));
    expect((await thrownBy(`throw new Error("x".repeat(4001))`))?.message).toBe("x".repeat(4_000));
  });
});

describe("what the host reads of an error", () => {
  const nest = (levels: number): object =>
    levels === 0 ? { message: "end" } : { message: String(levels), cause: nest(levels - 1) };

  test("causes to a depth of three, and not one more", () => {
    expect(parseGuestError(JSON.stringify(nest(3)))).toEqual({
      name: "Error",
      message: "3",
      cause: {
        name: "Error",
        message: "2",
        cause: { name: "Error", message: "1", cause: { name: "Error", message: "end" } },
      },
    });
    expect(JSON.stringify(parseGuestError(JSON.stringify(nest(4))))).not.toContain("end");
    expect(JSON.stringify(parseGuestError(JSON.stringify(nest(500)))).match(/cause/g)).toHaveLength(3);
  });

  test("known fields that are text, cut", () => {
    const cause = {
      name: "n".repeat(101),
      message: "m".repeat(4_001),
      stack: "s".repeat(8_001),
      code: "c".repeat(101),
      other: 1,
      cause: "no",
    };
    expect(parseGuestError(JSON.stringify({ cause }))).toEqual({
      name: "Error",
      message: "",
      cause: { name: "n".repeat(100), message: "m".repeat(4_000), stack: "s".repeat(8_000), code: "c".repeat(100) },
    });
  });

  test.each([
    "null",
    "1",
    '"text"',
    "[]",
    '{"cause":[]}',
    '{"cause":null}',
    '{"cause":"x"}',
    "{",
    "",
    '{"__proto__":{"cause":{}}}',
  ])("%s has no cause", (json) => {
    expect(parseGuestError(json)).toEqual({ name: "Error", message: "" });
  });
});
