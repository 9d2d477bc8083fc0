/** Does a metered module pay for exactly what it does, and do the same as before? Counted by hand on tiny modules. */
import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { readBody } from "../../sandbox/engine/meter/code.ts";
import { meter } from "../../sandbox/engine/meter/meter.ts";
import { readModule } from "../../sandbox/engine/meter/module.ts";
import { WRITTEN_PAGE_SHIFT, WRITTEN_REACH } from "../../sandbox/engine/meter/stores.ts";
import { asm, assemble, FUNCTIONS, instantiate, TABLE, toMetered, TYPES, type Parts } from "./build-assemble.ts";

const { constant, get, set } = asm;

/** Runs with the least fuel that shall do, and with one unit less, which must trap. */
function expectPrice(parts: Parts, units: number, input = 0, options?: Parameters<typeof toMetered>[1]) {
  const metered = toMetered(assemble(parts), options);
  const enough = instantiate(metered);
  enough.fuel.value = units;
  enough.run(input);
  expect(enough.fuel.value).toBe(0);
  const short = instantiate(metered);
  short.fuel.value = units - 1;
  expect(() => short.run(input)).toThrow(WebAssembly.RuntimeError);
  expect(short.fuel.value).toBeLessThan(0);
  return { enough, short };
}

describe("a charge", () => {
  test("is one unit for each time a loop's header is passed", () => {
    const run = [...constant(7), ...set(1), ...asm.repeat(1, []), ...constant(0)];
    expectPrice({ run }, 7);
  });

  test("is taken in a loop within a loop too", () => {
    const inner = [...constant(3), ...set(2), ...asm.repeat(2, [])];
    expectPrice({ run: [...constant(5), ...set(1), ...asm.repeat(1, inner), ...constant(0)] }, 5 + 5 * 3);
  });

  const call = [...constant(1), ...asm.call(FUNCTIONS.twice), ...asm.drop];
  const callTable = [...constant(1), ...constant(TABLE.twice), ...asm.callTable(TYPES.run), ...asm.drop];
  test.each([
    ["a call", call, 1],
    ["a call through the table", callTable, 1],
    ["several calls", [...call, ...callTable, ...call], 3],
    ["a call that is never made", [...constant(0), ...asm.when(call)], 0],
  ])("is two units for each round of a loop with %s", (_what, body, calls) => {
    const run = [...constant(3), ...set(1), ...asm.repeat(1, body), ...constant(0)];
    expectPrice({ run }, 3 * (2 + calls * 64));
  });

  test("counts a call for the innermost loop alone", () => {
    const inner = [...constant(2), ...set(2), ...asm.repeat(2, call)];
    const run = [...constant(5), ...set(1), ...asm.repeat(1, inner), ...constant(0)];
    expectPrice({ run }, 5 * (1 + 2 * (2 + 64)));
  });

  test("is one unit where a table of branches chooses what is done", () => {
    const run = [...constant(3), ...set(1), ...asm.repeat(1, [...asm.choose(1), ...call]), ...constant(0)];
    expectPrice({ run }, 3 * (1 + 64));
  });

  test.each([
    [0, 2],
    [1, 2],
    [63, 2],
    [64, 3],
    [4096, 66],
    [65_536, 1026],
  ])("is one unit for 64 bytes filled, and two more: %i bytes", (bytes, units) => {
    const { enough, short } = expectPrice(
      { run: [...constant(0), ...constant(9), ...get(0), ...asm.fill, ...constant(0)] },
      units,
      bytes,
    );
    expect(enough.memory.reduce((sum, byte) => sum + byte, 0)).toBe(9 * bytes);
    expect(short.memory.every((byte) => byte === 0)).toBe(true);
  });

  test.each([
    [0, 2],
    [63, 2],
    [64, 3],
    [32_768, 514],
  ])("is the same for bytes copied: %i bytes", (bytes, units) => {
    const run = [...constant(32_768), ...constant(0), ...get(0), ...asm.copy, ...constant(0)];
    expectPrice({ run }, units, bytes);
  });

  test("of a length that looks negative is large, and comes before the move is refused", () => {
    const fill = { run: [...constant(0), ...constant(9), ...get(0), ...asm.fill, ...constant(0)] };
    const vm = instantiate(toMetered(assemble(fill)));
    vm.fuel.value = 2 ** 26 + 1;
    expect(() => vm.run(-1)).toThrow("memory access out of bounds");
    expect(vm.fuel.value).toBe(0);
    vm.fuel.value = 2 ** 26;
    expect(() => vm.run(-1)).toThrow("unreachable");
    expect(vm.fuel.value).toBe(-1);
  });

  test("is 64 units for each call of an import, or what the table says", () => {
    const twice = [...constant(1), ...asm.call(FUNCTIONS.twice)];
    const run = [...twice, ...twice, ...asm.call(FUNCTIONS.add)];
    expect(expectPrice({ run }, 192).short.calls).toEqual([[1], [1]]);
    expectPrice({ run }, 64 + 2 * 1000, 0, { importCosts: { twice: 1000 } });
  });

  test("is taken for an import in the table", () => {
    const run = [...get(0), ...constant(TABLE.twice), ...asm.callTable(TYPES.run)];
    expect(expectPrice({ run }, 64, 21).short.calls).toEqual([]);
  });

  test("is taken for an import that is exported again", () => {
    const vm = instantiate(toMetered(assemble({ run: constant(0), isImportExported: true })));
    vm.fuel.value = 64;
    expect(vm.twice(4)).toBe(8);
    expect(() => vm.twice(4)).toThrow("unreachable");
  });

  test("is not taken for calling the module's own functions", () => {
    const again = [...get(0), ...asm.when([...constant(0), ...asm.call(FUNCTIONS.run), ...asm.drop]), ...constant(0)];
    expectPrice({ run: [...constant(1), ...set(1), ...asm.repeat(1, []), ...again] }, 2, 1);
  });
});

describe("fuel", () => {
  const loop = { run: [...get(0), ...set(1), ...asm.repeat(1, []), ...constant(0)] };

  test("is plenty until somebody sets it", () => {
    expect(instantiate(toMetered(assemble(loop))).fuel.value).toBe(2 ** 31 - 1);
  });

  test("that was taken away stays away, however often the module is entered again", () => {
    const everything = [...constant(0), ...constant(0), ...constant(-1), ...asm.fill, ...constant(0)];
    for (const [run, wasm] of [
      ["loop", toMetered(assemble(loop))],
      ["fill", toMetered(assemble({ run: everything }))],
      ["call", toMetered(assemble({ run: [...get(0), ...asm.call(FUNCTIONS.twice)] }))],
    ] as const) {
      const vm = instantiate(wasm);
      vm.fuel.value = -1;
      for (let entry = 0; entry < 100; entry += 1) expect(() => vm.run(1), run).toThrow("unreachable");
      expect(vm.fuel.value).toBeLessThan(0);
      expect(vm.calls).toEqual([]);
    }
  });
});

describe("a stack pointer", () => {
  const low = 1000;
  const stack = { pointer: 0, low };
  const write = { global: 5000, run: [...get(0), ...asm.globalSet(0), ...constant(1), ...set(1), ...constant(3)] };

  test("may be set to its lowest place, and no lower", () => {
    const vm = instantiate(toMetered(assemble(write), { stack }));
    expect(vm.run(low)).toBe(3);
    expect(() => vm.run(low - 1)).toThrow("unreachable");
  });

  test("that wraps below zero is above every stack, where there is no memory to run into", () => {
    const below = { ...write, run: [...get(0), ...asm.globalSet(0), ...asm.globalGet(0), ...asm.load8] };
    expect(() => instantiate(toMetered(assemble(below), { stack })).run(-16)).toThrow("memory access out of bounds");
  });

  test("is not confused with another global", () => {
    const vm = instantiate(toMetered(assemble(write), { stack: { pointer: 1, low } }));
    expect(vm.run(0)).toBe(3);
  });
});

describe("what nobody has priced", () => {
  test.each([
    ["memory.grow", [...constant(1), 0x40, 0, ...asm.drop]],
    ["memory.init", [...constant(0), ...constant(0), ...constant(0), 0xfc, 0x08, 0, 0]],
    ["table.copy", [...constant(0), ...constant(0), ...constant(0), 0xfc, 0x0e, 0, 0]],
    ["table.grow", [0xfc, 0x0f, 0]],
    ["table.fill", [0xfc, 0x11, 0]],
    ["table.init", [0xfc, 0x0c, 0, 0]],
    ["return_call", [...get(0), 0x12, FUNCTIONS.run]],
    ["return_call_indirect", [...get(0), ...get(0), 0x13, TYPES.run, 0]],
    ["a vector instruction", [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0), ...asm.drop]],
    ["an atomic instruction", [0xfe, 0x03, 0]],
    ["an opcode the meter does not know", [0xd0, 0x70, ...asm.drop]],
    ["an opcode the meter does not know", [0xfb, 0x00, 0x00]],
    ["an opcode the meter does not know", [0x06, 0x40, 0x0b]],
  ])("stops the build: %s", (what, bytes) => {
    expect(() => toMetered(assemble({ run: [...bytes, ...constant(0)] }))).toThrow(
      new RegExp(`Cannot meter the engine: 0x[0-9a-f]+ at byte \\d+ is ${what}\\.`),
    );
  });

  test("stops it within a constant that is cut off, too", () => {
    expect(() => toMetered(assemble({ run: [0x41, 0x80, 0x80] }))).toThrow("Cannot read the wasm");
    expect(() => toMetered(assemble({ run: [0x41, 0xff, 0xff, 0xff, 0xff, 0x0f] }))).toThrow("does not fit");
  });

  test("stops it as a section", () => {
    for (const section of [13, 5])
      expect(() => toMetered(Uint8Array.of(...assemble({ run: constant(0) }), section, 1, 0))).toThrow(
        `a section ${section}`,
      );
  });

  test("stops it as an import's price", () => {
    expect(() => toMetered(assemble({ run: constant(0) }), { importCosts: { fetch: 9 } })).toThrow(
      "it imports nothing named fetch",
    );
  });

  test("stops it as a name that is taken", () => {
    expect(() => toMetered(toMetered(assemble({ run: constant(0) })))).toThrow("it exports __fuel already");
  });
});

/** A program whose result, effects and price can be told without running it. */
type Step =
  | { readonly kind: "mix"; readonly value: number }
  | { readonly kind: "repeat"; readonly times: number; readonly body: readonly Step[] }
  | { readonly kind: "fill"; readonly to: number; readonly value: number; readonly bytes: number }
  | { readonly kind: "copy"; readonly to: number; readonly from: number; readonly bytes: number }
  | { readonly kind: "peek"; readonly at: number }
  /** Points one of two locals somewhere, and stores at a distance from there. */
  | { readonly kind: "point"; readonly local: 7 | 8; readonly at: number }
  | { readonly kind: "store"; readonly local: 7 | 8; readonly offset: number; readonly width: 1 | 2 | 4 | 8 }
  | { readonly kind: "call"; readonly by: "name" | "table" }
  | { readonly kind: "whenOdd"; readonly body: readonly Step[] };

const HALF_PAGE = 32_768;
/** The end of the memory is kept for a table of written pages: one byte for each. */
const TABLE_BYTES = (2 * HALF_PAGE) >>> WRITTEN_PAGE_SHIFT;
const WRITTEN_TABLE = 2 * HALF_PAGE - TABLE_BYTES;
const offset = fc.nat({ max: HALF_PAGE - 1 });
const bytes = fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: HALF_PAGE - TABLE_BYTES }));
const near = fc.constantFrom(4_090, 4_095, 4_096, 8_189, 16_000);
const local = fc.constantFrom(7 as const, 8 as const);
const leaf: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("mix" as const), value: fc.integer({ min: -1000, max: 1000 }) }),
  fc.record({ kind: fc.constant("fill" as const), to: offset, value: fc.nat({ max: 255 }), bytes }),
  fc.record({ kind: fc.constant("copy" as const), to: offset, from: offset, bytes }),
  fc.record({ kind: fc.constant("peek" as const), at: offset }),
  fc.record({ kind: fc.constant("point" as const), local, at: fc.oneof(near, offset) }),
  fc.record({
    kind: fc.constant("store" as const),
    local,
    offset: fc.oneof(fc.nat({ max: 300 }), fc.nat({ max: 9_000 })),
    width: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
  }),
  fc.record({ kind: fc.constant("call" as const), by: fc.constantFrom("name" as const, "table" as const) }),
);
const toSteps = (depth: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    depth === 0
      ? leaf
      : fc.oneof(
          { weight: 3, arbitrary: leaf },
          {
            weight: 1,
            arbitrary: fc.record({
              kind: fc.constant("repeat" as const),
              times: fc.integer({ min: 1, max: 4 }),
              body: toSteps(depth - 1),
            }),
          },
          {
            weight: 1,
            arbitrary: fc.record({ kind: fc.constant("whenOdd" as const), body: toSteps(depth - 1) }),
          },
        ),
    { maxLength: 5 },
  );

/** Local 0 is the value worked on, 1 and up count the loops by their depth. */
function compile(steps: readonly Step[], depth = 1): number[] {
  return steps.flatMap((step): readonly number[] => {
    switch (step.kind) {
      case "mix":
        return [...get(0), ...constant(31), ...asm.multiply, ...constant(step.value), ...asm.add, ...set(0)];
      case "repeat":
        return [...constant(step.times), ...set(depth), ...asm.repeat(depth, compile(step.body, depth + 1))];
      case "fill":
        return [...constant(step.to), ...constant(step.value), ...constant(step.bytes), ...asm.fill];
      case "copy":
        return [...constant(step.to), ...constant(step.from), ...constant(step.bytes), ...asm.copy];
      case "peek":
        return [...get(0), ...constant(step.at), ...asm.load8, ...asm.add, ...set(0)];
      case "point":
        return [...constant(step.at), ...set(step.local)];
      case "store":
        return step.width === 8
          ? [...get(step.local), ...constant(-1), ...asm.widen, ...asm.store64(step.offset)]
          : [...get(step.local), ...constant(-1), ...asm.store(step.width, step.offset)];
      case "call":
        return step.by === "name"
          ? [...get(0), ...constant(5), ...asm.call(FUNCTIONS.add), ...set(0)]
          : [...get(0), ...constant(TABLE.twice), ...asm.callTable(TYPES.run), ...set(0)];
      case "whenOdd":
        return [...get(0), ...constant(1), ...asm.and, ...asm.when(compile(step.body, depth))];
    }
  });
}

/** Whether a call stands in a loop, and not in one within. */
function hasCall(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === "call" || (step.kind === "whenOdd" && hasCall(step.body)));
}

/** What a program does and costs, told from the steps. */
function simulate(
  steps: readonly Step[],
  state: { value: number; price: number; memory: Uint8Array; locals: { 7: number; 8: number } },
): void {
  for (const step of steps) {
    switch (step.kind) {
      case "mix":
        state.value = (Math.imul(state.value, 31) + step.value) | 0;
        break;
      case "repeat":
        for (let turn = 0; turn < step.times; turn += 1) {
          state.price += hasCall(step.body) ? 2 : 1;
          simulate(step.body, state);
        }
        break;
      case "fill":
        state.price += (step.bytes >>> 6) + 2;
        state.memory.fill(step.value, step.to, step.to + step.bytes);
        break;
      case "copy":
        state.price += (step.bytes >>> 6) + 2;
        state.memory.copyWithin(step.to, step.from, step.from + step.bytes);
        break;
      case "peek":
        state.value = (state.value + state.memory[step.at]!) | 0;
        break;
      case "point":
        state.locals[step.local] = step.at;
        break;
      case "store": {
        // Of the eight bytes four are ones: the value was widened without its sign.
        const at = state.locals[step.local] + step.offset;
        state.memory.fill(0xff, at, at + Math.min(step.width, 4));
        if (step.width === 8) state.memory.fill(0, at + 4, at + 8);
        break;
      }
      case "call":
        state.price += 64;
        state.value = (step.by === "name" ? state.value + 5 : state.value * 2) | 0;
        break;
      case "whenOdd":
        if (state.value & 1) simulate(step.body, state);
        break;
    }
  }
}

test("any program does metered what it did before, for exactly its price", () => {
  fc.assert(
    fc.property(toSteps(3), fc.integer(), (steps, input) => {
      const wasm = assemble({ run: [...compile(steps), ...get(0)] });
      const told = { value: input | 0, price: 0, memory: new Uint8Array(2 * HALF_PAGE), locals: { 7: 0, 8: 0 } };
      simulate(steps, told);
      const plain = instantiate(wasm);
      const metered = instantiate(toMetered(wasm));
      metered.fuel.value = told.price;
      expect([plain.run(input), metered.run(input)]).toEqual([told.value, told.value]);
      expect(metered.fuel.value).toBe(0);
      expect(metered.calls).toEqual(plain.calls);
      expect(Buffer.compare(metered.memory, plain.memory)).toBe(0);
      if (told.price === 0) return;
      metered.fuel.value = told.price - 1;
      metered.memory.fill(0);
      expect(() => metered.run(input)).toThrow("unreachable");
    }),
    { numRuns: 300 },
  );
});

test("any program notes every page it writes, and does nothing else otherwise", () => {
  fc.assert(
    fc.property(toSteps(3), fc.integer(), (steps, input) => {
      const wasm = assemble({ run: [...compile(steps), ...get(0)] });
      const [plain, noting] = [instantiate(wasm), instantiate(toMetered(wasm, { writtenTable: WRITTEN_TABLE }))];
      // Both begin with bytes that nobody writes, so that every write shows.
      for (const { memory } of [plain, noting]) memory.fill(0x5a, 0, WRITTEN_TABLE);
      expect(noting.run(input)).toBe(plain.run(input));
      const table = noting.memory.slice(WRITTEN_TABLE);
      expect(Buffer.compare(noting.memory.subarray(0, WRITTEN_TABLE), plain.memory.subarray(0, WRITTEN_TABLE))).toBe(0);
      const isNoted = (at: number) =>
        table[at >>> WRITTEN_PAGE_SHIFT] === 1 ||
        (table[(at - WRITTEN_REACH) >>> WRITTEN_PAGE_SHIFT] === 1 && at > WRITTEN_REACH);
      const missed = plain.memory.subarray(0, WRITTEN_TABLE).findIndex((byte, at) => byte !== 0x5a && !isNoted(at));
      expect(missed).toBe(-1);
    }),
    { numRuns: 1_000 },
  );
});

describe("stores near one address", () => {
  const noted = (run: readonly number[]) => {
    const module = readModule(assemble({ run: [...run, ...get(0)] }));
    return meter(module, module.code.map(readBody), { writtenTable: WRITTEN_TABLE }).counts;
  };
  const store = (at: number) => [...get(7), ...constant(1), ...asm.store(4, at)];

  const when = (body: readonly number[]) => [...get(0), ...asm.when(body)];
  test.each([
    ["share a note", [store(8), store(0), store(50)], 3, 1],
    ["share one as far as it reaches", [store(0), store(WRITTEN_REACH - 8)], 2, 1],
    ["have two when they lie further apart", [store(0), store(WRITTEN_REACH - 7)], 2, 2],
    ["have two when the local was set in between", [store(0), [...constant(9_000), ...set(7)], store(4)], 2, 2],
    ["have two when the first may be left out", [when(store(0)), store(4)], 2, 2],
    ["have two when control may come from elsewhere", [store(0), asm.repeat(1, store(4))], 2, 2],
    ["share one with what may be left out, if it comes later", [store(0), when(store(4))], 2, 1],
    ["share none with those of another local", [store(0), [...get(8), ...constant(1), ...asm.store(4, 0)]], 2, 2],
  ])("%s", (_what, parts, stores, notes) => {
    expect(noted(parts.flat())).toMatchObject({ stores, notes });
  });
});
