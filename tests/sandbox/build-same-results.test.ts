/**
 * Do metering, the smaller stack and restoring change what a program computes? Random programs run in the engine as
 * upstream built it, once, and in this one, again and again from the same image.
 */
import variant from "@jitl/quickjs-wasmfile-release-sync";
import * as fc from "fast-check";
import { newQuickJSWASMModuleFromVariant, type QuickJSWASMModule } from "quickjs-emscripten";
import { beforeAll, expect, test } from "vitest";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox } from "../../sandbox/index.ts";
import { createHost, ROOMY, toLimits, toProgram, toValue } from "./harness.ts";

let upstream: QuickJSWASMModule;
beforeAll(async () => {
  upstream = await newQuickJSWASMModuleFromVariant(variant);
});

const names = fc.constantFrom("a", "b", "c", "d");
const literal = fc.oneof(
  fc.integer({ min: -100, max: 100 }).map(String),
  fc.double({ noDefaultInfinity: true }).map((n) => (Number.isNaN(n) ? "NaN" : `(${n})`)),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((n) => `(${n}n)`),
  fc.string({ maxLength: 12 }).map((s) => JSON.stringify(s)),
  fc.constantFrom(
    "null",
    "undefined",
    "true",
    "[]",
    "{}",
    "[3, 1, 2]",
    "({ x: 1, y: [2] })",
    "new Map([[1, 2]])",
    "/[a-c]+/gi",
  ),
);

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie("expression");
  const call = (method: string) => fc.tuple(inner, inner).map(([on, arg]) => `wrap(() => (${on}).${method}(${arg}))`);
  return {
    expression: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      literal,
      names,
      fc
        .tuple(inner, fc.constantFrom("+", "-", "*", "%", "<", "===", "&", "<<", ">>>", "??", "||", ","), inner)
        .map(([left, op, right]) => `wrap(() => (${left}) ${op} (${right}))`),
      call("concat"),
      call("indexOf"),
      call("repeat"),
      call("slice"),
      call("split"),
      call("replaceAll"),
      call("padStart"),
      call("at"),
      call("toString"),
      inner.map((e) => `wrap(() => [${e}].flat(3).toSorted().map(String).join("|"))`),
      inner.map((e) => `wrap(() => JSON.parse(JSON.stringify({ v: ${e} })).v)`),
      inner.map((e) => `wrap(() => [...String(${e}).matchAll(/(\\w)(\\d?)/g)].map((m) => m.slice()))`),
      inner.map((e) => `wrap(() => new Uint8Array([${e}, 2, 3]).fill(7, 1, 2).join())`),
      inner.map((e) => `wrap(() => [...(function* () { yield ${e}; yield* [1, 2]; })()].length)`),
      fc
        .tuple(inner, inner)
        .map(([x, y]) => `wrap(() => ((f, n) => f(f, n))((self, n) => (n > 0 ? self(self, n - 1) : ${x}), 5) ?? ${y})`),
    ),
  };
});

const statement = fc.oneof(
  fc.tuple(names, expression).map(([name, e]) => `${name} = ${e};`),
  fc
    .tuple(names, expression)
    .map(([name, e]) => `for (let i = 0; i < 5; i++) ${name} = wrap(() => [${name}, ${e}].length + i);`),
  fc
    .tuple(expression, names)
    .map(([e, name]) => `try { if (${e}) throw new TypeError("t"); ${name} = 1; } catch (e) { ${name} = e.message; }`),
  expression.map((e) => `out.push(${e});`),
);

/** Everything a result may be, as text; what throws gives the error's name. */
const PREFIX = `
  let a = 1, b = "two", c = [3], d = { four: 4 };
  const out = [];
  const wrap = (f) => { try { const v = f(); return typeof v === "string" && v.length > 1e4 ? v.length : v; } catch (e) { return e.name; } };
  const show = (v) => typeof v === "bigint" ? v + "n" : Object.is(v, -0) ? "-0" : typeof v === "number" ? String(v)
    : v instanceof Map ? "map" + v.size : v instanceof RegExp ? String(v) : Array.isArray(v) ? "[" + v.map(show) + "]"
    : v && typeof v === "object" ? "{" + Object.keys(v).sort().map((k) => k + ":" + show(v[k])) + "}" : typeof v + ":" + String(v);`;
const SUFFIX = "return [a, b, c, d, out].map(show).join(';');";

const sandbox = createSandbox({ wasm, pool: ROOMY });
const { host } = createHost();

async function runHere(body: string): Promise<unknown[]> {
  const program = toProgram(`export const main = () => { "use strict"; ${body} };`);
  const results = [];
  for (let visitor = 0; visitor < 3; visitor += 1) {
    const opened = await sandbox.open(program, toLimits());
    if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
    results.push(toValue(await opened.vm.invoke({ name: "main", input: "null", context: "{}" }, host, toLimits())));
    opened.vm.close();
  }
  return results;
}

function runUpstream(body: string): unknown {
  const context = upstream.newContext();
  try {
    const result = context.unwrapResult(context.evalCode(`(() => { "use strict"; ${body} })()`));
    return context.dump(result.consume((handle) => handle.dup())) as unknown;
  } finally {
    context.dispose();
  }
}

// As long as it takes: six hundred programs are a matter of the machine.
test("random programs give the same results, for the first visitor and the third", { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 8 }), async (statements) => {
      const body = `${PREFIX} ${statements.join("\n")} ${SUFFIX}`;
      const expected = runUpstream(body);
      expect(await runHere(body)).toEqual([expected, expected, expected]);
    }),
    { numRuns: 600 },
  );
});
