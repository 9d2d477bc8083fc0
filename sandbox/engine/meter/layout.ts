/**
 * Where do data, stack and heap lie in the engine's memory, and how are they moved? The compiler left the heap's base in
 * three places: the stack pointer's initial value, one constant in the code that notes down the stack, and one word of
 * data from which the heap grows. Each is searched for and must be there exactly once, or the build stops.
 */
import { s32 } from "./bytes.ts";
import type { Body, Instruction } from "./code.ts";
import { KIND, type Data, type Module } from "./module.ts";
import { OP } from "./opcodes.ts";

export const STACK_POINTER = 0;
/** The compiler keeps stack and heap at multiples of this. */
const ALIGNMENT = 16;
const WORD_BYTES = 4;

export interface Layout {
  /** The first byte of the stack: data and zeroed memory end below it. */
  readonly stackLow: number;
  /** The heap's base, and what an empty stack's pointer is. */
  readonly stackHigh: number;
  /** Where the word lies that holds the end of the heap. */
  readonly sbrkAddress: number;
}

export interface FoundLayout extends Layout {
  /** The two constants with which the code notes the stack down. */
  readonly baseConstant: Instruction;
  readonly sizeConstant: Instruction;
}

function only<Item>(items: readonly Item[], what: string): Item {
  if (items.length === 1) return items[0]!;
  throw new Error(
    `Cannot find the engine's layout: ${what} is there ${items.length} times, expected once. Look at this build by hand.`,
  );
}

const isConstant = (instruction: Instruction, value: number) =>
  instruction.opcode === OP.i32Const && instruction.operand === value;

/** @throws Error when anything is missing, ambiguous, or does not fit the rest. */
export function findLayout(module: Module, bodies: readonly Body[]): FoundLayout {
  const stackPointer = only(module.globals, "a global, the stack pointer,");
  const stackHigh = stackPointer.initial;
  const stackLow = findEndOfData(module, bodies);
  const notes = bodies.flatMap(({ instructions }) =>
    instructions.filter((part) => isConstant(part, stackHigh)).map((base) => ({ base, instructions })),
  );
  const { base, instructions } = only(notes, `the heap's base ${stackHigh} in the code`);
  const size = stackHigh - stackLow;
  const sizeConstant = only(
    instructions.filter((part) => isConstant(part, size)),
    `the stack's size ${size} in the function that has its base`,
  );
  const sbrkAddress = only(findWord(module.data, stackHigh), `the heap's base ${stackHigh} in the data`);
  assertIsBreak(bodies, sbrkAddress);
  return { stackLow, stackHigh, sbrkAddress, baseConstant: base, sizeConstant };
}

/** The start function zeroes what follows the data: `memory.fill(address, 0, length)` and nothing else. */
function findEndOfData(module: Module, bodies: readonly Body[]): number {
  const imported = module.imports.filter((from) => from.kind === KIND.function).length;
  const start = bodies[(module.start ?? -1) - imported]?.instructions ?? [];
  const [address = 0, value, length = 0] = start.map(({ operand }) => operand);
  const expected = [OP.i32Const, OP.i32Const, OP.i32Const, OP.memoryFill, OP.end];
  if (start.map(({ opcode }) => opcode).join() !== expected.join() || value !== 0)
    throw new Error("Cannot find the engine's layout: its start function does not just zero memory.");
  const end = address + length;
  const lastByte = Math.max(...module.data.map((data) => data.address + data.bytes.length));
  if (lastByte > end) throw new Error("Cannot find the engine's layout: there is data beyond what is zeroed.");
  return Math.ceil(end / ALIGNMENT) * ALIGNMENT;
}

/** Addresses that hold `value` as a little-endian word before the module runs, aligned or not. */
function findWord(data: readonly Data[], value: number): number[] {
  const bytes = new Uint8Array(Math.max(...data.map((part) => part.address + part.bytes.length)) + WORD_BYTES);
  for (const part of data) bytes.set(part.bytes, part.address);
  const view = new DataView(bytes.buffer);
  const addresses = Array.from({ length: bytes.length - WORD_BYTES }, (_, address) => address);
  return addresses.filter((address) => view.getUint32(address, true) === value);
}

/** The word is the heap's end only if the one function that asks how large the memory is reads and writes it. */
function assertIsBreak(bodies: readonly Body[], address: number): void {
  const growing = bodies.filter((body) => body.instructions.some((part) => part.opcode === OP.memorySize));
  const { instructions } = only(growing, "a function that asks for the size of the memory");
  if (!instructions.some((part) => isConstant(part, address)))
    throw new Error(`Cannot find the engine's layout: the word at ${address} is not the end of the heap.`);
}

/** Where everything lies in the end. */
export interface EngineLayout extends Layout {
  /** Data and zeroed memory end below it; from here to the stack stands the table of written pages. */
  readonly writtenTable: number;
}

/** The layout with a stack of `bytes`, and room for a table below it. */
export function resizeStack(found: Layout, bytes: number, tableBytes: number): EngineLayout {
  if (bytes % ALIGNMENT !== 0 || tableBytes % ALIGNMENT !== 0)
    throw new Error(`Cannot make a stack of ${bytes} bytes over ${tableBytes}: not a multiple of ${ALIGNMENT}.`);
  const stackLow = found.stackLow + tableBytes;
  return { writtenTable: found.stackLow, stackLow, stackHigh: stackLow + bytes, sbrkAddress: found.sbrkAddress };
}

/** What stands instead of an instruction once the heap begins elsewhere. */
export function moveConstant(instruction: Instruction, from: FoundLayout, to: Layout): Uint8Array {
  if (instruction === from.baseConstant) return Uint8Array.of(OP.i32Const, ...s32(to.stackHigh));
  if (instruction === from.sizeConstant) return Uint8Array.of(OP.i32Const, ...s32(to.stackHigh - to.stackLow));
  return instruction.bytes;
}

/** The data with another start of the heap. The compiler leaves zeros at the end of a part out, so a byte may be in none. */
export function moveBreak(data: readonly Data[], to: Layout): Data[] {
  const moved = data.map((part) => ({ ...part, bytes: Uint8Array.from(part.bytes) }));
  for (let index = 0; index < WORD_BYTES; index += 1) {
    const address = to.sbrkAddress + index;
    const byte = (to.stackHigh >>> (8 * index)) & 0xff;
    const part = moved.find((part) => address >= part.address && address < part.address + part.bytes.length);
    if (part !== undefined) part.bytes[address - part.address] = byte;
    else if (byte !== 0)
      throw new Error(`Cannot move the heap to ${to.stackHigh}: no data reaches address ${address}.`);
  }
  return moved;
}
