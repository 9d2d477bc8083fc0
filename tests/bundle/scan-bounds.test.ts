/** Does the scan end, whatever the code is? Each shape fills a bundle of 1 MiB; what was not read is said. */
import { describe, expect, it } from "vitest";
import { BUNDLE_LIMITS } from "../../host/bundle/limits.ts";
import { SCAN_LIMITS } from "../../host/bundle/scan/limits.ts";
import { parseCode } from "../../host/bundle/scan/parse.ts";
import { route, scanned } from "./scanned.ts";

/** As often as it fits. */
const fill = (piece: string, before = "", after = "") =>
  before + piece.repeat(Math.floor((BUNDLE_LIMITS.codeBytes - before.length - after.length) / piece.length)) + after;
const codes = (code: string) => scanned(code).map((finding) => finding.code);

describe("hostile nesting ends in a finding", () => {
  // prettier-ignore
  it.each([
    ["brackets", fill("(")], ["lists", fill("[")], ["blocks", fill("{")], ["negations", fill("!", "x=")],
    ["sums", fill("1+", "x=", "1")], ["arrows", fill("a=>")], ["choices", fill("a?b:")], ["powers", fill("2**", "x=", "1")],
    ["templates", fill("`${")], ["else", fill("if(a){}else ")], ["labels", fill("a:")], ["constructors", fill("new ")],
    ["patterns", fill("[", "let ")], ["functions", fill("function f(){")], ["classes", fill("(class extends ")],
    ["assignments", fill("a=")], ["async arrows", fill("async()=>", "x=")], ["imports", fill("import(")], ["defaults", fill("(a=")],
    ["yields", fill("yield ", "function*f(){")], ["awaits", fill("await ")], ["parameters", fill("({a:", "let ")],
  ])("of %s", (_, code) => expect(codes(code)).toEqual(["scan-incomplete"]));
});

describe("much of one thing ends, too", () => {
  // prettier-ignore
  it.each([
    ["statements", fill(";")], ["members", fill(".b", "a")], ["calls", fill("()", "a")], ["elements", fill("1,", "x=[", "]")],
    ["names", Array.from({ length: 130_000 }, (_, i) => `a${i}`).join(";")],
    ["declarations", `let ${Array.from({ length: 130_000 }, (_, i) => `a${i}`).join(",")};`],
    ["exports", Array.from({ length: 30_000 }, (_, i) => `export let a${i};`).join("")],
    ["digits", fill("9", "x=")], ["digits of a BigInt", fill("9", "x=", "n")], ["hexadecimal digits", fill("f", "x=0x", "n")],
    ["groups in an expression", fill("(", "x=/", "/")], ["one text", fill("a", 'x="', '"')], ["escapes", fill("\\x41", 'x="', '"')],
    ["unseen characters", fill("\u200b", "//")], ["one comment", fill("x", "/*")],
    ["members of one object", fill("a:1,", "x={", "}")], ["spreads", fill("...y,", "x={", "}")],
    ["addresses", fill("https://a.dev ", 'x="', '"')], ["addresses without an end", fill("https://", 'x="', '"')],
    ["brackets of long sums", fill('y["a"+"b"+"c"+"d"+"e"];')],
    ["names of a deep scope", `${"{let a;".repeat(700)}${"b;".repeat(100_000)}${"}".repeat(700)}`],
  ])("%s", (_, code) => {
    expect(code.length).toBeLessThanOrEqual(BUNDLE_LIMITS.codeBytes);
    expect(() => scanned(code)).not.toThrow();
  });

  it("values that multiply with each step", () => {
    const names = Array.from({ length: 32 }, (_, i) => i);
    const top = [
      ...names.map((i) => `let v${i} = { p: v };`),
      `let v = ctx0;`,
      ...names.map((i) => `v = v${i};`),
      ...Array.from({ length: 3_000 }, () => `v${".p".repeat(20)};`),
      ...Array.from({ length: 1_000 }, (_, i) => `a = b || a; b = { ...a, ...b, c: a }; f(a, b, x${i});`),
      `let a, b, ctx0; function f(a, b) { return { ...a, ...b }; }`,
    ];
    expect(() => scanned(route("f(ctx, ctx);", top.join("\n")))).not.toThrow();
  });
});

describe("at its limits", () => {
  it("nodes are read, and one more is not", () => {
    // A statement `;` is a node, and so is the program.
    expect(parseCode(";".repeat(SCAN_LIMITS.nodes - 1)).ok).toBe(true);
    expect(parseCode(";".repeat(SCAN_LIMITS.nodes))).toEqual({ ok: false, reason: { kind: "limit", what: "nodes" } });
  });
  it("nesting is read, and one more is not", () => {
    // Each block is one step, and so is the statement within the last.
    const blocks = (count: number) => `${"{".repeat(count)}${"}".repeat(count)}`;
    expect(parseCode(blocks(SCAN_LIMITS.nesting)).ok).toBe(true);
    expect(parseCode(blocks(SCAN_LIMITS.nesting + 1))).toEqual({
      ok: false,
      reason: { kind: "limit", what: "nesting" },
    });
  });
  it("a chain of operators is read, and one more is not", () => {
    const sum = (operators: number) => `x=1${"+1".repeat(operators)}`;
    const found = [SCAN_LIMITS.operators - 200, SCAN_LIMITS.operators + 1].map((count) => parseCode(sum(count)).ok);
    expect(found).toEqual([true, false]);
  });
  it("code that is no module is said to be unread", () => {
    expect(codes("export default {")).toEqual(["scan-incomplete"]);
    expect(codes("")).toEqual([]);
  });
});
