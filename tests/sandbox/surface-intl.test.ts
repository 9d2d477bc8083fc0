/** Does Intl in the guest say what the platform's own says, for a price, and nothing but en-US and UTC into an image? */
import { describe, expect, test } from "vitest";
import { answerAsk, ASK_OPS } from "../../sandbox/bridge/ask.ts";
import { main, openVm, run, sandbox, toLimits, toProgram, toThrown, toValue } from "./harness.ts";

/** Each runs in the guest and here; where the guest has defaults of its own they are written out. */
const SAME: readonly (() => unknown)[] = [
  () => new Intl.DateTimeFormat("en-US", { timeZone: "UTC" }).format(1770127506789),
  () =>
    new Intl.DateTimeFormat("de-DE", { dateStyle: "full", timeStyle: "long", timeZone: "Europe/Berlin" }).format(
      new Date(1770127506789),
    ),
  () =>
    new Intl.DateTimeFormat(["xx", "fr"], { year: "numeric", month: "long", day: "2-digit", timeZone: "UTC" }).format(
      1770127506789,
    ),
  () =>
    new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      hour12: false,
      fractionalSecondDigits: 3,
      timeZone: "Asia/Tokyo",
    }).format(1770127506789),
  () =>
    new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "medium", timeZone: "UTC" }).formatToParts(
      1770127506789,
    ),
  () =>
    new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" }).formatRange(
      1770127506789,
      1773018123000,
    ),
  () =>
    new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" }).formatRangeToParts(
      1770127506789,
      1773018123000,
    ),
  () => new Intl.DateTimeFormat("de", { timeZone: "Europe/Berlin" }).resolvedOptions().timeZone,
  () => [1770127506789, 1773018123000].map(new Intl.DateTimeFormat("de", { timeZone: "UTC" }).format),
  () => Intl.DateTimeFormat("en-US", { timeZone: "UTC", weekday: "long" }).format(1770127506789),
  () => Intl.DateTimeFormat.supportedLocalesOf(["de-de", "xx"]),
  () => new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234567.891),
  () => new Intl.NumberFormat("en-IN").format(12345678.9),
  () => new Intl.NumberFormat("en-US", { notation: "compact" }).format(1234567),
  () => new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 1 }).format(0.12345),
  () => new Intl.NumberFormat("en-US", { style: "unit", unit: "kilometer-per-hour" }).format(50),
  () =>
    [NaN, Infinity, -Infinity, -0, 0.1, 1e21, 5e-324, 123456789012345680000].map((n) =>
      new Intl.NumberFormat("en-US").format(n),
    ),
  () => new Intl.NumberFormat("en-US").format(12345678901234567890n),
  () => new Intl.NumberFormat("en-US").format("1234.5"),
  () => new Intl.NumberFormat("de", { style: "currency", currency: "USD" }).formatToParts(-5),
  () => Intl.NumberFormat("en-US").format(1e3),
  () => [0, 1, 2, 3, 4, 21].map((n) => new Intl.PluralRules("en-US", { type: "ordinal" }).select(n)),
  () => [1, 2, 5].map((n) => new Intl.PluralRules("ru").select(n)),
  () => new Intl.RelativeTimeFormat("en-US", { numeric: "auto" }).format(-1, "day"),
  () => new Intl.RelativeTimeFormat("de").formatToParts(3, "months"),
  () => new Intl.ListFormat("en-US", { type: "conjunction" }).format(["a", "b", "c"]),
  () => new Intl.ListFormat("de", { type: "disjunction" }).format(new Set(["a", "b"])),
  () => new Intl.DisplayNames("de", { type: "region" }).of("US"),
  () => new Intl.DisplayNames("en-US", { type: "language" }).of("pt-BR"),
  () => ["ä", "a", "z", "Z", "É"].sort(new Intl.Collator("sv").compare),
  () => ["a10", "a9", "A9"].sort(new Intl.Collator("en-US", { numeric: true }).compare),
  () => new Intl.Collator("en-US", { sensitivity: "base" }).compare("a", "Á"),
  () => [...new Intl.Segmenter("en-US", { granularity: "word" }).segment("Hello, wörld! 你好。")],
  () => [...new Intl.Segmenter("en-US").segment("a👩‍👩‍👧‍👦é\r\n")].map((part) => part.segment),
  () => [...new Intl.Segmenter("de", { granularity: "sentence" }).segment("Eins. Zwei? Drei")],
  () =>
    [0, 3, 5, 99].map(
      (at) => new Intl.Segmenter("en-US", { granularity: "word" }).segment("ab cd").containing(at) ?? null,
    ),
  () => [...new Intl.Segmenter("en-US").segment("")],
  () => Intl.getCanonicalLocales(["EN-us", "de"]),
  () => new Date(1770127506789).toLocaleString("en-US", { timeZone: "UTC" }),
  () =>
    new Date(1770127506789).toLocaleDateString("de-DE", {
      timeZone: "UTC",
      weekday: "short",
      year: "numeric",
      month: "long",
      day: "numeric",
    }),
  () => new Date(1770127506789).toLocaleTimeString("en-GB", { timeZone: "America/New_York", timeStyle: "short" }),
  () => new Date(NaN).toLocaleString(),
  () => (1234567.891).toLocaleString("en-US"),
  () => (0.5).toLocaleString("fr", { style: "percent" }),
  () => 12345678901234567890n.toLocaleString("de"),
  () => [1234.5, new Date(0)].toLocaleString("en-US", { timeZone: "UTC" }),
  () => ["b", "a", "C", "_x", "1", "aB", "Ab", "a b", "ab"].sort((x, y) => x.localeCompare(y)),
  () => ["résumé", "resume", "Resume"].sort((x, y) => x.localeCompare(y, "en-US")),
  () => "a".localeCompare("b", undefined, { sensitivity: "base" }),
  () => Object.prototype.toString.call(new Intl.NumberFormat("en-US")),
  () => Object.prototype.toString.call(Intl),
];

/** Both sides refuse, with the same class of error. */
const REFUSED: readonly (() => unknown)[] = [
  () => new Intl.DateTimeFormat("en-US", { timeZone: "Mars/Phobos" }),
  () => new Intl.DateTimeFormat("not a locale"),
  () => new Intl.DateTimeFormat("en-US", { dateStyle: "huge" as never }),
  () => new Intl.DateTimeFormat("en-US", { dateStyle: "short", hour: "numeric" }),
  () => new Intl.DateTimeFormat("en-US").format(NaN),
  () => new Intl.NumberFormat("en-US", { style: "currency" }),
  () => new Intl.NumberFormat("en-US", { maximumFractionDigits: 101 }),
  () => new Intl.NumberFormat("en-US", null as never),
  () => new Intl.RelativeTimeFormat("en-US").format(1, "eon" as never),
  () => new Intl.RelativeTimeFormat("en-US").format(NaN, "day"),
  () => new Intl.DisplayNames("en-US", undefined as never),
  () => new Intl.DisplayNames("en-US", { type: "region" }).of("not a region"),
  () => new Intl.Segmenter("en-US", { granularity: "line" as never }),
  () => Intl.supportedValuesOf("secrets" as never),
  () => Intl.getCanonicalLocales("no locale"),
  () => Intl.NumberFormat.prototype.formatToParts.call({}, 1),
  () => Number.prototype.toLocaleString.call("1"),
  () => Date.prototype.toLocaleDateString.call({}),
  () => new Date().toLocaleDateString("en-US", { timeStyle: "short" }),
];

/** Runs them in the guest, which gets their source. */
async function inGuest(expressions: readonly (() => unknown)[], wrap = "f() ?? null"): Promise<readonly unknown[]> {
  const list = expressions.map((expression) => `(${String(expression)})`).join(",\n");
  return toValue(await run(main(`return [${list}].map((f) => ${wrap})`))) as unknown[];
}

/** What JSON makes of a value. */
function crossed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

describe("Intl and its like say what the platform says", () => {
  test("values", async () => {
    const values = await inGuest(SAME);
    for (const [index, expression] of SAME.entries())
      expect([String(expression), values[index]]).toEqual([String(expression), crossed(expression())]);
  });

  test("refusals", async () => {
    const values = await inGuest(REFUSED, `{ try { f(); return "ran" } catch (e) { return e.name } }`);
    for (const [index, expression] of REFUSED.entries()) {
      let name = "ran";
      try {
        expression();
      } catch (error) {
        name = (error as Error).name;
      }
      expect([String(expression), values[index]]).toEqual([String(expression), name]);
    }
  });

  test("without a locale and a zone it is en-US and UTC, and without a time it is now", async () => {
    const body = `
      const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
      return [locale, timeZone, new Date(0).toLocaleString(), (1234.5).toLocaleString(), new Intl.DateTimeFormat().format() === new Date().toLocaleDateString(),
        new Intl.NumberFormat("xx-YY").resolvedOptions().locale, new Intl.NumberFormat([]).resolvedOptions().locale]`;
    expect(toValue(await run(main(body)))).toEqual([
      "en-US",
      "UTC",
      new Date(0).toLocaleString("en-US", { timeZone: "UTC" }),
      "1,234.5",
      true,
      "en-US",
      "en-US",
    ]);
  });

  test("every two of the printable ASCII characters, and words of them, are ordered as the platform orders them", async () => {
    const words = [
      ...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)),
      "",
      "ab",
      "aB",
      "Ab",
      "a b",
      "a-b",
      "abc",
      "B",
      "b1",
    ];
    const { compare } = new Intl.Collator("en-US");
    const expected = words.map((a) => words.map((b) => compare(a, b)));
    const body = `return input.map((a) => input.map((b) => a.localeCompare(b)))`;
    expect(toValue(await run(main(body), { input: words }))).toEqual(expected);
  });

  test("a subclass and a foreign this", async () => {
    const body = `
      class Own extends Intl.NumberFormat { twice(n) { return this.format(n * 2) } }
      const own = new Own("de");
      return [own.twice(1000), own instanceof Intl.NumberFormat, Object.keys(own), typeof Intl.NumberFormat.prototype.formatToParts]`;
    expect(toValue(await run(main(body)))).toEqual(["2.000", true, [], "function"]);
  });
});

describe("at top level", () => {
  const top = (expression: string) =>
    run(
      `let value; try { value = ${expression} } catch (e) { value = [e.name, e.message] } export const main = () => value;`,
    );

  test.each([
    [`new Intl.DateTimeFormat("en-US", { timeZone: "UTC" }).format(0)`, "1/1/1970"],
    [`new Intl.DateTimeFormat().format()`, "1/1/1970"],
    [`new Date(0).toLocaleDateString()`, "1/1/1970"],
    [`(1234.5).toLocaleString()`, "1,234.5"],
  ])("%s is en-US and UTC", async (expression, expected) => {
    expect(toValue(await top(expression))).toBe(expected);
  });

  test.each([
    `new Intl.NumberFormat("de").format(1)`,
    `new Intl.NumberFormat("de").resolvedOptions()`,
    `new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Berlin" }).format(0)`,
    `new Date(0).toLocaleString("de")`,
    `(1).toLocaleString(["en-US", "de"])`,
    `"ä".localeCompare("a", "de")`,
    `[...new Intl.Segmenter("de").segment("a")]`,
    `Intl.NumberFormat.supportedLocalesOf("de")`,
  ])("%s is refused", async (expression) => {
    expect(toValue(await top(expression))).toEqual(["TypeError", expect.stringContaining("at top level")]);
  });

  test("a formatter of another locale may be made there and used later", async () => {
    const bundle = `const format = new Intl.NumberFormat("de-DE"); export const main = () => format.format(1234.5);`;
    expect(toValue(await run(bundle))).toBe("1.234,5");
    expect(toValue(await top(`new Intl.NumberFormat("no locale")`))).toEqual(["RangeError", expect.anything()]);
  });
});

describe("the price", () => {
  const fuelOf = async (body: string): Promise<number> => {
    const outcome = await run(main(body), { limits: toLimits({ fuel: 2_000_000_000 }) });
    toValue(outcome);
    return outcome.usage.fuel;
  };

  test("is the same for a formatter that is kept and one that is not", () => {
    const paid = (locale: string): number => {
      let sum = 0;
      answerAsk("intl.NumberFormat", JSON.stringify(["format", locale, {}, 1]), "entry", (fuel) => (sum += fuel));
      return sum;
    };
    const locales = "en fr es it pl ru ja zh ko pt nl sv da fi cs hu tr".split(" ");
    const fresh = paid("de");
    expect(paid("de")).toBe(fresh);
    for (const locale of locales) expect(paid(locale)).toBe(fresh);
    expect(paid("de")).toBe(fresh);
  });

  test("is paid each time, before the work", async () => {
    const one = await fuelOf(`const f = new Intl.DateTimeFormat("de"); f.format(0)`);
    const three = await fuelOf(`const f = new Intl.DateTimeFormat("de"); f.format(0); f.format(0); f.format(0)`);
    expect(three - one).toBeGreaterThan(40_000);
    const outcome = await run(main(`for (;;) new Intl.DateTimeFormat("de").format(0)`), {
      limits: toLimits({ fuel: 10_000_000 }),
    });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "fuel" } });
  });

  test.each(Object.keys(ASK_OPS))("of %s is charged, and its argument capped, at the edge and one over", (op) => {
    const { maxChars, cost } = ASK_OPS[op] as (typeof ASK_OPS)[string];
    const edge = `[${" ".repeat(maxChars - 2)}]`;
    const charged: number[] = [];
    const answer = answerAsk(op, edge, "entry", (fuel) => charged.push(fuel));
    expect(answer).not.toContain("is over");
    expect(charged[0]).toBe(cost.base + cost.perChar * maxChars);
    expect(charged[0]).toBeGreaterThanOrEqual(4_000);
    expect(answerAsk(op, ` ${edge}`, "entry", () => {})).toBe(
      `!Cannot ask for ${op}: the argument is over ${maxChars} characters.`,
    );
  });

  // SECURITY: a unit of fuel is worth 10 ns; what a question costs the host must not exceed what it pays.
  test.each([
    `const u = "https://" + Array.from({ length: 512 }, (_, i) => String.fromCharCode(0x4e00 + i * 7919 % 20000)).join("") + "/"; for (;;) new URL(u)`,
    `const u = "https://" + "@".repeat(60000) + "a.test/"; for (;;) new URL(u)`,
    `for (let i = 0; ; i++) new Intl.DateTimeFormat(["de", "fr", "ja", "ar", "hi", "en"][i % 6], { dateStyle: "full", timeStyle: "long", timeZone: ["Asia/Tokyo", "UTC", "Europe/Berlin"][i % 3], hour12: i % 5 === 0 })`,
    `for (let i = 0; ; i++) i.toLocaleString(["de", "fr", "ja", "ar", "hi", "en"][i % 6], { notation: "compact", maximumFractionDigits: i % 20 })`,
    `const s = "ア".repeat(99000), g = new Intl.Segmenter("ja", { granularity: "word" }); for (;;) g.segment(s)`,
    `const a = "a" + "\\u0301\\u0316".repeat(1000) + "x", b = "a" + "\\u0316\\u0301".repeat(1000) + "y"; for (;;) a.localeCompare(b, "de")`,
    `const l = Array.from({ length: 20000 }, () => "x"), f = new Intl.ListFormat("de"); for (;;) f.formatToParts(l)`,
    `for (;;) Intl.supportedValuesOf("timeZone")`,
    `const s = "\\0".repeat(100000); for (;;) btoa(s)`,
    `const b = new Uint8Array(100000).fill(255), d = new TextDecoder(); for (;;) d.decode(b)`,
    `const a = new Uint8Array(65536); for (;;) crypto.getRandomValues(a)`,
    `const q = "a&".repeat(200000); for (;;) new URLSearchParams(q)`,
    `const p = new URLSearchParams("ä=字&".repeat(20000)); for (;;) p.toString()`,
  ])("%s ends within the time its fuel stands for", async (body) => {
    const started = Date.now();
    const outcome = await run(main(body), { limits: toLimits({ fuel: 50_000_000 }) });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: "stopped", reason: "fuel" } });
    // 0.5 s, and room for a machine that is slow and shared.
    expect(Date.now() - started).toBeLessThan(2_500);
  });

  test("an argument over the cap is an error of that call alone", async () => {
    const body = `
      const segments = (chars) => { try { return [...new Intl.Segmenter("en-US", { granularity: "sentence" }).segment("a".repeat(chars))].length } catch (e) { return e.name } };
      return [segments(99900), segments(100001), "on"]`;
    expect(toValue(await run(main(body)))).toEqual([1, "TypeError", "on"]);
  });
});

describe("what the host takes from a guest", () => {
  const ask = (op: string, args: readonly unknown[]) => answerAsk(op, JSON.stringify(args), "entry", () => {});

  test("options are picked by name and kind", () => {
    const options = { style: "percent", __proto__: null, toString: "x", polluted: 1, currency: { toString: "EUR" } };
    expect(ask("intl.NumberFormat", ["format", "en-US", options, 0.5])).toBe('="50%"');
    expect(ask("intl.NumberFormat", ["format", "en-US", [1], 5])).toBe('="5"');
    expect(ask("intl.NumberFormat", ["format", "en-US", { style: "x".repeat(100) }, 5])).toContain("!RangeError: ");
    expect(ask("intl.NumberFormat", ["format", "en-US", { style: "x".repeat(101) }, 5])).toContain(
      "over 100 characters",
    );
  });

  test("locales up to their cap and one over", () => {
    expect(ask("intl.canonical", [`${"en-US,".repeat(33)}en`])).toBe('=["en-US","en"]');
    expect(ask("intl.canonical", [`${"en-US,".repeat(33)}de,`])).toContain("!RangeError: ");
    expect(ask("intl.canonical", ["e".repeat(201)])).toContain("at most 200 characters");
  });

  test("methods are those of the table", () => {
    for (const method of ["constructor", "__proto__", "toString", "hasOwnProperty", "formatRange", "nothing", ""])
      expect(ask("intl.NumberFormat", [method, "en-US", {}, 1])).toBe("!Invalid argument for intl.NumberFormat.");
    expect(ask("intl.constructor", ["format", "en-US", {}, 1])).toBe(
      "!Cannot ask for intl.constructor: no such function.",
    );
  });

  test("a number of many digits is exact up to the cap, and a short one of a billion digits is none", () => {
    const digits = "9".repeat(400);
    expect(ask("intl.NumberFormat", ["format", "en-US", { useGrouping: false }, digits])).toBe(`="${digits}"`);
    expect(ask("intl.NumberFormat", ["format", "en-US", {}, `${digits}9`])).toContain("!RangeError: ");
    expect(ask("intl.NumberFormat", ["format", "en-US", {}, "1e1000000000"])).toBe('="∞"');
  });

  test("wrong values are refused, not thrown", () => {
    for (const args of [
      [],
      [1],
      ["format"],
      ["format", 1, {}, 1],
      ["format", "en-US", {}, {}],
      ["format", "en-US", {}, null],
    ])
      expect(ask("intl.DateTimeFormat", args)).toMatch(/^!/);
    expect(ask("intl.ListFormat", ["format", "en-US", {}, [1]])).toBe("!Expected a list of texts.");
    expect(ask("intl.Segmenter", ["segment", "en-US", {}, 1])).toBe("!Expected a text.");
  });
});

test("an image holds nothing of a formatter but what the bundle wrote", async () => {
  const bundle = `new Intl.DateTimeFormat("de"); export const main = () => 1;`;
  expect(await sandbox.prepare(toProgram(bundle), toLimits())).toMatchObject({ ok: true });
  const vm = await openVm(bundle);
  vm.close();
  expect(toThrown(await run(main(`new Intl.DateTimeFormat("x y")`)))).toMatchObject({ name: "RangeError" });
});
