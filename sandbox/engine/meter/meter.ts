/**
 * How does a module come to count its own work? One pass over its functions takes fuel at loop headers, bulk moves and
 * calls of the host, checks what is written to the stack pointer, and notes which pages were written. Function indices stay
 * as they are; what is added is appended.
 */
import { concat, u32 } from "./bytes.ts";
import { bulkFunction, chargeUnits, COSTS, guardStack, importFunction, INITIAL_FUEL } from "./charges.ts";
import type { Body, Instruction } from "./code.ts";
import { priceLoops } from "./loops.ts";
import { KIND, VALUE_TYPE, type FunctionType, type Module } from "./module.ts";
import { OP } from "./opcodes.ts";
import { findAddresses } from "./operands.ts";
import { createScratch, isStore, notedStore, noteRange, planNotes, type Scratch } from "./stores.ts";

export interface MeterOptions {
  /** What calling an import costs, by its name, where that is not `COSTS.importCall`. */
  readonly importCosts?: Readonly<Record<string, number>>;
  /** The stack pointer's global, and the address it must never be set below. */
  readonly stack?: { readonly pointer: number; readonly low: number };
  /** What entering a function costs, by the name it is exported under, where its loops do not tell. */
  readonly entryCosts?: Readonly<Record<string, number>>;
  /** Address of the table in which written pages are noted; without it none are. */
  readonly writtenTable?: number;
  /** What to write instead of an instruction that is neither charged nor guarded; by default the instruction itself. */
  readonly replace?: (instruction: Instruction) => Uint8Array;
}

/** How many places of each kind were changed. */
export interface Counts {
  readonly loops: number;
  readonly copies: number;
  readonly fills: number;
  readonly importCalls: number;
  readonly stackWrites: number;
  readonly stores: number;
  readonly notes: number;
}

/** Name under which the driver finds the fuel: a mutable i32 global. */
export const FUEL_EXPORT = "__fuel";

const { i32 } = VALUE_TYPE;
const BULK_TYPE: FunctionType = { params: [i32, i32, i32], results: [] };

/** What is known of a function before it is rewritten, by the index of the instruction. */
interface Found {
  readonly notes: ReadonlyMap<number, number>;
  readonly loops: ReadonlyMap<number, number>;
  readonly scratch: Scratch;
}

/** What is appended, and where it will stand. */
interface Additions {
  readonly fuel: number;
  readonly copy: number;
  readonly fill: number;
  /** Of a function: the one that pays before it calls it if it is an import, or itself. */
  payingFor(index: number): number;
  readonly types: readonly FunctionType[];
  readonly functions: readonly { readonly type: number; readonly body: Uint8Array }[];
}

/** @param bodies the module's functions, decoded: `module.code.map(readBody)`. */
export function meter(
  module: Module,
  bodies: readonly Body[],
  options: MeterOptions = {},
): { readonly module: Module; readonly counts: Counts } {
  if (module.exports.some(({ name }) => name === FUEL_EXPORT))
    throw new Error(`Cannot meter the module: it exports ${FUEL_EXPORT} already.`);
  const { writtenTable } = options;
  const added = planAdditions(module, options.importCosts ?? {}, writtenTable);
  const entryCosts = findEntries(module, options.entryCosts ?? {});
  const counts = { loops: 0, copies: 0, fills: 0, importCalls: 0, stackWrites: 0, stores: 0, notes: 0 };

  function rewrite(body: Body, at: number, found: Found): Iterable<number> {
    const instruction = body.instructions[at]!;
    const isGivingBack = givesStackBack(body, at);
    const { opcode, operand, bytes } = instruction;
    if (isStore(instruction)) counts.stores += 1;
    const note = found.notes.get(at);
    if (writtenTable !== undefined && note !== undefined) {
      counts.notes += 1;
      return notedStore(instruction, note, writtenTable, found.scratch);
    }
    switch (opcode) {
      case OP.loop:
        // SECURITY: nothing goes on for long without passing here (tests/sandbox/build-engine.test.ts).
        counts.loops += 1;
        return [...bytes, ...chargeUnits(added.fuel, found.loops.get(at)!)];
      case OP.memoryCopy:
        counts.copies += 1;
        return [OP.call, ...u32(added.copy)];
      case OP.memoryFill:
        counts.fills += 1;
        return [OP.call, ...u32(added.fill)];
      case OP.call: {
        const paying = added.payingFor(operand!);
        if (paying === operand) return bytes;
        counts.importCalls += 1;
        return [OP.call, ...u32(paying)];
      }
      case OP.globalSet:
        if (operand !== options.stack?.pointer || isGivingBack) return bytes;
        // SECURITY: the stack never runs into the data below it (tests/sandbox/build-engine.test.ts).
        counts.stackWrites += 1;
        return [...bytes, ...guardStack(options.stack!)];
      default:
        return options.replace?.(instruction) ?? bytes;
    }
  }

  const code = bodies.map((body, index) => {
    const scratch = createScratch(body, module.types[module.functions[index]!]!.params.length);
    const notes = planNotes(body.instructions, findAddresses(module, body));
    const found = { notes, scratch, loops: priceLoops(body.instructions) };
    const instructions = body.instructions.map((_instruction, at) => rewrite(body, at, found));
    const entry = entryCosts.get(index);
    return concat([scratch.declare(), entry === undefined ? [] : chargeUnits(added.fuel, entry), ...instructions]);
  });
  const metered: Module = {
    ...module,
    types: added.types,
    functions: [...module.functions, ...added.functions.map(({ type }) => type)],
    globals: [...module.globals, { isMutable: true, initial: INITIAL_FUEL }],
    exports: [
      ...module.exports.map((exported) =>
        exported.kind === KIND.function ? { ...exported, index: added.payingFor(exported.index) } : exported,
      ),
      { name: FUEL_EXPORT, kind: KIND.global, index: added.fuel },
    ],
    start: module.start === undefined ? undefined : added.payingFor(module.start),
    // SECURITY: what the table holds is called without being named, so it has to pay by itself
    // (tests/sandbox/build-meter.test.ts, "is taken for an import in the table").
    elements: module.elements.map((part) => ({ ...part, functions: part.functions.map(added.payingFor) })),
    code: [...code, ...added.functions.map(({ body }) => body)],
  };
  return { module: metered, counts };
}

/** Whether a global is set to something and a positive constant more: a function that gives back what it took of the stack. */
function givesStackBack({ instructions }: Body, at: number): boolean {
  const [constant, add] = [instructions[at - 2], instructions[at - 1]];
  return add?.opcode === OP.i32Add && constant?.opcode === OP.i32Const && (constant.operand ?? -1) >= 0;
}

/** Costs by the index of a function's body. */
function findEntries(module: Module, costs: Readonly<Record<string, number>>): ReadonlyMap<number, number> {
  const imported = module.imports.filter((from) => from.kind === KIND.function).length;
  return new Map(
    Object.entries(costs).map(([name, units]) => {
      const found = module.exports.find((exported) => exported.name === name && exported.kind === KIND.function);
      if (found === undefined || found.index < imported)
        throw new Error(`Cannot meter the module: it exports no function of its own named ${name}.`);
      return [found.index - imported, units];
    }),
  );
}

function planAdditions(
  module: Module,
  importCosts: Readonly<Record<string, number>>,
  writtenTable: number | undefined,
): Additions {
  const imports = module.imports.filter((from) => from.kind === KIND.function);
  const unknown = Object.keys(importCosts).filter((name) => !imports.some((from) => from.name === name));
  if (unknown.length > 0) throw new Error(`Cannot meter the module: it imports nothing named ${unknown.join(", ")}.`);
  const fuel = module.globals.length;
  const first = imports.length + module.functions.length;
  const known = module.types.findIndex(
    ({ params, results }) => results.length === 0 && params.join() === BULK_TYPE.params.join(),
  );
  const types = known >= 0 ? module.types : [...module.types, BULK_TYPE];
  const bulkType = known >= 0 ? known : module.types.length;
  const paying = imports.map(({ name, type }, index) => ({
    type,
    body: importFunction(fuel, types[type]!, index, importCosts[name] ?? COSTS.importCall),
  }));
  const note = writtenTable === undefined ? new Uint8Array(0) : noteRange(writtenTable);
  const bulk = [OP.memoryCopy, OP.memoryFill].map((move) => ({ type: bulkType, body: bulkFunction(fuel, move, note) }));
  return {
    fuel,
    types,
    functions: [...paying, ...bulk],
    copy: first + imports.length,
    fill: first + imports.length + 1,
    payingFor: (index) => (index < imports.length ? first + index : index),
  };
}
