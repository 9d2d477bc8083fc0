/**
 * Is everything in the engine that can take long paid for, and every move of its stack checked? Read from the wasm that
 * is shipped, by looking at its instructions, without asking the meter what it did.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { buildEngine, readUpstream, toSha256 } from "../../sandbox/build.ts";
import { readBody, type Body, type Instruction } from "../../sandbox/engine/meter/code.ts";
import { findLayout, moveBreak } from "../../sandbox/engine/meter/layout.ts";
import { KIND, readModule, type Module } from "../../sandbox/engine/meter/module.ts";
import { OPCODES } from "../../sandbox/engine/meter/opcodes.ts";
import { PINS } from "../../sandbox/engine/meter/pins.ts";
import { WRITTEN_PAGE_SHIFT } from "../../sandbox/engine/meter/stores.ts";
import { ENGINE } from "../../sandbox/engine/quickjs.gen.ts";

const WASM = readFileSync(resolve(import.meta.dirname, "../../sandbox/engine/quickjs.gen.wasm"));
const upstream = readModule(readUpstream());
const engine = readModule(WASM);
const bodies = engine.code.map(readBody);
const importCount = engine.imports.filter(({ kind }) => kind === KIND.function).length;
/** Functions of the engine's own; the meter's come after them. */
const ownBodies = bodies.slice(0, upstream.code.length);
const addedBodies = bodies.slice(upstream.code.length);

const toName = ({ opcode }: Instruction) => OPCODES.get(opcode)?.name ?? "unknown";
const toText = (instruction: Instruction) => [toName(instruction), instruction.operand ?? []].flat().join(" ");
const toTexts = ({ instructions }: Body) => instructions.map(toText);
const globalOf = (name: string) => engine.exports.find((found) => found.name === name && found.kind === KIND.global)!;
const fuel = globalOf("__fuel").index;
const stackPointer = globalOf("__stack_pointer").index;
const VOID = -64;
const TRAP = [`if ${VOID}`, "unreachable", "end"];
const charge = (units: number) =>
  [
    [`global.get ${fuel}`, `i32.const ${units}`, "i32.sub", `global.set ${fuel}`],
    [`global.get ${fuel}`, "i32.const 0", "i32.lt_s", TRAP],
  ].flat(2);

/** What each loop costs, in the order they begin: twice for calls, unless it chooses by a table. Moves pay for themselves. */
function toLoopPrices(texts: readonly string[]): number[] {
  const copy = importCount + upstream.code.length + importCount;
  const loops: { calls: number; tables: number }[] = [];
  const open: ({ calls: number; tables: number } | undefined)[] = [];
  for (const text of texts) {
    const [name, operand] = text.split(" ");
    const innermost = open.findLast((loop) => loop !== undefined);
    if (name === "loop") {
      loops.push({ calls: 0, tables: 0 });
      open.push(loops.at(-1));
    } else if (name === "block" || name === "if") open.push(undefined);
    else if (name === "end") open.pop();
    else if (innermost === undefined) continue;
    else if (name === "br_table") innermost.tables += 1;
    else if (name === "call_indirect" || (name === "call" && Number(operand) < copy)) innermost.calls += 1;
  }
  return loops.map(({ calls, tables }) => (calls > 0 && tables === 0 ? 2 : 1));
}

/** What follows each instruction that fits, as far as `length`. */
function following(texts: readonly string[], fits: (text: string) => boolean, length: number): string[][] {
  return texts.flatMap((text, at) => (fits(text) ? [texts.slice(at + 1, at + 1 + length)] : []));
}

describe("in the engine's own functions", () => {
  test("each loop begins with its charge", () => {
    const prices = ownBodies.flatMap((body) => {
      const texts = toTexts(body);
      const found = toLoopPrices(texts);
      following(texts, (text) => text.startsWith("loop "), charge(1).length).forEach((start, index) => {
        expect(start).toEqual(charge(found[index]!));
      });
      return found;
    });
    expect(prices.length).toBe(1079);
    expect(ENGINE.loops).toBe(prices.length);
    expect(prices.filter((price) => price === 2).length).toBe(512);
  });

  test("fuel is written by charges alone", () => {
    const loops = ownBodies.flatMap((body) => following(toTexts(body), (text) => text.startsWith("loop "), 0)).length;
    const writes = ownBodies.flatMap((body) => following(toTexts(body), (text) => text === `global.set ${fuel}`, 0));
    // One more is malloc's.
    expect(writes.length).toBe(loops + 1);
    const malloc = engine.exports.find(({ name, kind }) => name === "v" && kind === KIND.function)!;
    expect(toTexts(bodies[malloc.index - importCount]!).slice(0, charge(4).length)).toEqual(charge(4));
  });

  test("nothing stores but what did, and each note follows its store", () => {
    // Which stores share a note, and that they may, is tested in build-meter.test.ts; that nothing is missed, byte by
    // byte, in image.test.ts and corpus.test.ts.
    const texts = ownBodies.flatMap(toTexts);
    const all = texts.filter((text) => isStoreText(text) && text !== NOTE);
    const whole = texts.filter((text, at) => isStoreText(text) && text !== NOTE && noteAt(texts, at).isWhole);
    const upstreamStores = upstream.code.flatMap((code) => readBody(code).instructions.map(toName)).filter(isStoreText);
    expect(all.length).toBe(upstreamStores.length);
    expect([ENGINE.stores, ENGINE.notes]).toEqual([all.length, whole.length]);
    expect(texts.filter((text) => text === NOTE).length).toBe(whole.length);
  });

  test("no memory is moved and no import called directly", () => {
    const direct = ownBodies
      .flatMap(({ instructions }) => instructions)
      .filter((part) => toName(part).startsWith("memory.") || (toName(part) === "call" && part.operand! < importCount));
    expect(direct.map(toText)).toEqual([]);
  });

  test("each move of the stack is checked, but for those that give back", () => {
    const low = ENGINE.stackLow + 256;
    const guard = [`global.get ${stackPointer}`, `i32.const ${low}`, "i32.lt_u", ...TRAP];
    const counts = { taking: 0, givingBack: 0 };
    for (const texts of ownBodies.map(toTexts))
      texts.forEach((text, at) => {
        if (text !== `global.set ${stackPointer}`) return;
        const more = Number(/^i32\.const (\d+)$/.exec(texts[at - 2] ?? "")?.[1] ?? -1);
        if (texts[at - 1] === "i32.add" && more >= 0) counts.givingBack += 1;
        else {
          expect(texts.slice(at + 1, at + 1 + guard.length)).toEqual(guard);
          counts.taking += 1;
        }
      });
    expect(counts.taking).toBe(ENGINE.stackWrites);
    expect(counts.taking + counts.givingBack).toBe(835);
  });

  test("nothing else was changed", () => {
    // Taken out again, what the meter put in must leave what upstream built, but for the calls it renamed.
    const copy = importCount + upstream.code.length + importCount;
    const changed: string[] = [];
    ownBodies.forEach((body, index) => {
      const before = toTexts(readBody(upstream.code[index]!)).map((text) => {
        const [name, operand] = text.split(" ");
        if (name === "call" && Number(operand) < importCount)
          return `call ${Number(operand) + importCount + upstream.code.length}`;
        if (name === "memory.copy") return `call ${copy}`;
        if (name === "memory.fill") return `call ${copy + 1}`;
        return text;
      });
      const texts = toTexts(body);
      const noted = new Set(
        texts.flatMap((text, at) => (isStoreText(text) && text !== NOTE ? noteAt(texts, at).added : [])),
      );
      const isEntry = ownIndexOf("v") === index;
      const after = texts.filter(
        (_text, at) => !isAdded(texts, at) && !noted.has(at) && !(isEntry && at < charge(4).length),
      );
      if (after.join() !== before.join())
        before.forEach((text, at) => text !== after[at] && changed.push(`${text} -> ${after[at]}`));
    });
    expect(changed.toSorted()).toEqual([
      "i32.const 5242880 -> i32.const 524288",
      `i32.const 5333088 -> i32.const ${ENGINE.stackHigh}`,
      "memory.size 0 -> global.get 2",
    ]);
  });
});

function ownIndexOf(name: string): number {
  return engine.exports.find((found) => found.name === name && found.kind === KIND.function)!.index - importCount;
}

const NOTE = `i32.store8 ${ENGINE.writtenTable}`;

function isStoreText(text: string): boolean {
  return /^[if](32|64)\.store/.test(text);
}

/** Whether the store at `at` is followed by a note, and what was put around it. */
function noteAt(texts: readonly string[], at: number) {
  const [value = "", address = ""] = [texts[at - 3]?.split(" ")[1], texts[at - 2]?.split(" ")[1]];
  const before = [`local.set ${value}`, `local.tee ${address}`, `local.get ${value}`];
  const hasOffset = texts[at + 2]?.startsWith("i32.const") && texts[at + 3] === "i32.add";
  const after = [
    `local.get ${address}`,
    ...(hasOffset ? [texts[at + 2]!, "i32.add"] : []),
    `i32.const ${WRITTEN_PAGE_SHIFT}`,
    "i32.shr_u",
    "i32.const 1",
    NOTE,
  ];
  const isWhole =
    before.every((text, index) => texts[at - 3 + index] === text) &&
    after.every((text, index) => texts[at + 1 + index] === text);
  const around = [-3, -2, -1, ...after.map((_text, index) => index + 1)].map((distance) => at + distance);
  return { isWhole, added: isWhole ? around : [] };
}

/** Whether an instruction belongs to a charge or to a guard before it. */
function isAdded(texts: readonly string[], at: number): boolean {
  const guard = [`global.get ${stackPointer}`, `i32.const ${ENGINE.stackLow + 256}`, "i32.lt_u", ...TRAP];
  for (const [sequence, opener] of [
    [charge(1), /^loop /],
    [charge(2), /^loop /],
    [guard, new RegExp(`^global\\.set ${stackPointer}$`)],
  ] as const)
    for (let offset = 0; offset < sequence.length; offset += 1) {
      const start = at - offset;
      if (!opener.test(texts[start - 1] ?? "")) continue;
      if (sequence.every((text, index) => texts[start + index] === text)) return true;
    }
  return false;
}

describe("the meter's functions", () => {
  test("pay for each import before they call it", () => {
    const prices = new Map([
      ["c", 1024],
      ["m", 128],
    ]);
    engine.imports.slice(0, importCount).forEach((from, index) => {
      const units = prices.get(from.name) ?? 64;
      const texts = toTexts(addedBodies[index]!);
      expect(texts.slice(0, charge(units).length)).toEqual(charge(units));
      expect(texts.slice(-2)).toEqual([`call ${index}`, "end"]);
    });
  });

  test("pay for memory moved and filled before it is", () => {
    const bulk = addedBodies.slice(importCount).map(toTexts);
    const payment = [
      ["local.get 2", "i32.const 6", "i32.shr_u", "i32.const 2", "i32.add", "local.tee 3"],
      [`global.get ${fuel}`, "i32.gt_s", `if ${VOID}`, "i32.const -1", `global.set ${fuel}`, "unreachable", "end"],
      [`global.get ${fuel}`, "local.get 3", "i32.sub", `global.set ${fuel}`],
      ["local.get 0", "local.get 1", "local.get 2"],
    ].flat();
    for (const texts of bulk) expect(texts.slice(0, payment.length)).toEqual(payment);
    expect(bulk.map((texts) => texts[payment.length])).toEqual(["memory.copy 0", "memory.fill 0"]);
  });

  test("note every page that was moved or filled", () => {
    const page = [`i32.const ${WRITTEN_PAGE_SHIFT}`, "i32.shr_u"];
    const first = ["local.get 0", ...page];
    const last = ["local.get 0", "local.get 2", "i32.add", "i32.const 1", "i32.sub", ...page];
    const note = [
      ["local.get 2", `if ${VOID}`, first, "i32.const 1", NOTE, last, "i32.const 1", NOTE],
      [last, first, "i32.sub", "i32.const 1", "i32.gt_u", `if ${VOID}`],
      [`i32.const ${ENGINE.writtenTable}`, first, "i32.add", "i32.const 1", last, first, "i32.sub"],
      ["memory.fill 0", "end", "end", "end"],
    ].flat(2);
    for (const texts of addedBodies.slice(importCount).map(toTexts)) expect(texts.slice(-note.length)).toEqual(note);
  });

  test("are all there is beside the engine's own", () => {
    expect(addedBodies).toHaveLength(importCount + 2);
  });
});

describe("no way around them leads", () => {
  test("through the table, the exports or the start", () => {
    const reachable = [
      ...engine.elements.flatMap(({ functions }) => functions),
      ...engine.exports.filter(({ kind }) => kind === KIND.function).map(({ index }) => index),
      engine.start!,
    ];
    expect(reachable.filter((index) => index < importCount)).toEqual([]);
  });

  test("through an instruction that is not on this list", () => {
    const names = new Set(bodies.flatMap(({ instructions }) => instructions.map(toName)));
    // Of fixed cost: one number, or eight bytes of memory, at a time.
    const isFixed = (name: string) => /^([if](32|64)|local|global)\./.test(name);
    expect([...names].filter((name) => !isFixed(name)).toSorted()).toEqual([
      "block",
      "br",
      "br_if",
      "br_table",
      "call",
      "call_indirect",
      "drop",
      "else",
      "end",
      "if",
      "loop",
      "memory.copy",
      "memory.fill",
      "return",
      "select",
      "unreachable",
    ]);
  });

  test("through an import that is not on this list", () => {
    const { types } = engine;
    const listed = engine.imports.flatMap((from) =>
      from.kind === KIND.function ? [`${from.name}/${types[from.type]!.params.length}`] : [],
    );
    expect(listed.join(" ")).toBe("b/4 c/4 d/1 e/2 f/2 g/4 h/3 i/1 j/2 k/1 l/0 m/2 n/4 o/4 p/0 q/0 r/1 s/5 t/2");
  });
});

/** An instance whose imports do nothing. */
function instantiate(initial: number = ENGINE.minimumPages, maximum: number = ENGINE.maximumPages) {
  const memory = new WebAssembly.Memory({ initial, maximum });
  const nothing = Object.fromEntries(engine.imports.map(({ name }) => [name, () => 0]));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(WASM), { a: { ...nothing, a: memory } });
  return { exports: instance.exports as Readonly<Record<string, unknown>>, memory };
}

describe("the build", () => {
  test("is the same each time, byte for byte", () => {
    const first = buildEngine();
    const second = buildEngine();
    expect(Buffer.compare(first.wasm, second.wasm)).toBe(0);
    expect(Buffer.compare(first.wasm, WASM)).toBe(0);
    expect(toSha256(first.wasm)).toBe(ENGINE.sha256);
  });

  test("does not touch what it was given", () => {
    const wasm = readUpstream();
    buildEngine(wasm);
    expect(toSha256(wasm)).toBe(PINS.upstream);
  });

  test("refuses another result than the pinned one", () => {
    const pins = { ...PINS, engine: PINS.upstream };
    expect(() => buildEngine(readUpstream(), pins)).toThrow("the rewritten engine has sha256");
  });
});

describe("the layout", () => {
  const original = upstream.code.map(readBody);
  const word = (address: number) => ({ address, bytes: Uint8Array.from([0x60, 0x60, 0x51, 0x0]) });
  const twice = (body: Body): Body => ({ ...body, instructions: [...body.instructions, ...body.instructions] });
  const hasBase = ({ instructions }: Body) => instructions.some(({ operand }) => operand === 5_333_088);
  const withBodies = (change: (body: Body) => Body) => () =>
    findLayout(
      upstream,
      original.map((body) => (hasBase(body) ? change(body) : body)),
    );
  const withModule = (change: Partial<Module>) => () => findLayout({ ...upstream, ...change }, original);

  test("is found in the pinned build", () => {
    expect(findLayout(upstream, original)).toMatchObject({
      stackLow: 90_208,
      stackHigh: 5_333_088,
      sbrkAddress: 86_864,
    });
  });

  test.each([
    ["a second word", withModule({ data: [...upstream.data, word(87_001)] }), "in the data is there 2 times"],
    ["no word", withModule({ data: upstream.data.slice(0, 3) }), "in the data is there 0 times"],
    ["a second constant", withBodies(twice), "in the code is there 2 times"],
    ["no constant", withBodies((body) => ({ ...body, instructions: [] })), "in the code is there 0 times"],
    [
      "another size of the stack",
      withBodies((body) => ({ ...body, instructions: body.instructions.filter((part) => part.operand !== 5_242_880) })),
      "the stack's size 5242880 in the function that has its base is there 0 times",
    ],
    ["a second global", withModule({ globals: [...upstream.globals, ...upstream.globals] }), "the stack pointer, is"],
    ["no start", withModule({ start: undefined }), "its start function does not just zero memory"],
    ["data beyond", withModule({ data: [...upstream.data, word(90_216)] }), "data beyond what is zeroed"],
  ])("with %s stops the build", (_what, find, message) => {
    expect(find).toThrow(message);
  });

  test("is not moved to where no data reaches", () => {
    const far = { stackLow: 0, stackHigh: 0x0100_0000, sbrkAddress: 86_864 };
    expect(() => moveBreak(upstream.data, far)).toThrow("no data reaches address 86867");
  });

  test("is what the instance has", () => {
    const { exports, memory } = instantiate();
    const { __fuel, __stack_pointer } = exports as Readonly<Record<string, WebAssembly.Global>>;
    const before = new DataView(memory.buffer).getUint32(ENGINE.sbrkAddress, true);
    expect(__stack_pointer!.value).toBe(ENGINE.stackHigh);
    expect(before).toBe(ENGINE.stackHigh);
    // Zeroing memory at the start is paid from what the fuel is at first.
    expect(__fuel!.value).toBe(2 ** 31 - 1 - ((1980 >> 6) + 2));
    const malloc = exports["v"] as (bytes: number) => number;
    const pointer = malloc(1000);
    expect(pointer).toBeGreaterThan(ENGINE.stackHigh);
    expect(new DataView(memory.buffer).getUint32(ENGINE.sbrkAddress, true)).toBeGreaterThan(pointer + 1000);
  });

  test("has a stack that ends before it reaches the data", () => {
    const { exports, memory } = instantiate();
    const pointer = exports["__stack_pointer"] as WebAssembly.Global;
    // Emscripten's export that makes room on the stack.
    const allocate = exports["Na"] as (bytes: number) => number;
    const data = new Uint8Array(memory.buffer, 0, ENGINE.writtenTable).slice();
    expect(allocate(ENGINE.stackHigh - ENGINE.stackLow - 256)).toBe(ENGINE.stackLow + 256);
    expect(() => allocate(16)).toThrow("unreachable");
    pointer.value = ENGINE.stackHigh;
    expect(() => allocate(ENGINE.stackHigh)).toThrow("unreachable");
    expect(Buffer.compare(data, new Uint8Array(memory.buffer, 0, ENGINE.writtenTable))).toBe(0);
  });

  test.each([
    ["less memory than it needs", ENGINE.minimumPages - 1, ENGINE.maximumPages],
    ["memory that may grow further", ENGINE.minimumPages, ENGINE.maximumPages + 1],
  ])("refuses %s", (_what, initial, maximum) => {
    expect(() => instantiate(initial, maximum)).toThrow(WebAssembly.LinkError);
  });
});
