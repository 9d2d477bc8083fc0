/**
 * Which pages of its memory has the engine written? Each store notes the page it wrote to in a table of one byte a page, so
 * that bringing a VM back into its first state costs what it changed, not what it is.
 */
import { concat, Reader, s32, u32 } from "./bytes.ts";
import type { Body, Instruction } from "./code.ts";
import { VALUE_TYPE } from "./module.ts";
import { BULK_PREFIX, OP } from "./opcodes.ts";

/**
 * Pages of 256 bytes. A guest touches counters all over its heap: by pages of 4 KB a short entry has 250 KB to be
 * brought back, by these 35, and what is not in the processor's caches is what costs.
 */
export const WRITTEN_PAGE_SHIFT = 8;
/** So far beyond the page that was noted something may have been written. */
export const WRITTEN_REACH = 64;
const WIDEST_STORE = 8;

/** The value each store takes from the operand stack. */
const STORED: ReadonlyMap<number, number> = new Map([
  [0x36, VALUE_TYPE.i32],
  [0x37, VALUE_TYPE.i64],
  [0x38, VALUE_TYPE.f32],
  [0x39, VALUE_TYPE.f64],
  [0x3a, VALUE_TYPE.i32],
  [0x3b, VALUE_TYPE.i32],
  [0x3c, VALUE_TYPE.i64],
  [0x3d, VALUE_TYPE.i64],
  [0x3e, VALUE_TYPE.i64],
]);

const NO_RESULT = 0x40;
const BYTE_ALIGNED = 0;
const local = (opcode: number, index: number) => [opcode, ...u32(index)];
const constant = (value: number) => [OP.i32Const, ...s32(value)];

/** Locals a function needs beside its own, to put a store's operands aside. */
export interface Scratch {
  /** Index of a local of this type. */
  of(type: number, use: "address" | "value"): number;
  /** The function's locals, with those that were asked for. */
  declare(): Uint8Array;
}

/** @param params how many parameters the function has: they are its first locals. */
export function createScratch({ locals }: Body, params: number): Scratch {
  const reader = new Reader(locals);
  const groups = reader.list(() => ({ count: reader.u32(), type: reader.byte() }));
  const first = groups.reduce((sum, { count }) => sum + count, params);
  const added = new Map<string, { readonly index: number; readonly type: number }>();
  return {
    of(type, use) {
      const name = `${use} ${type}`;
      const known = added.get(name) ?? { index: first + added.size, type };
      added.set(name, known);
      return known.index;
    },
    declare() {
      const all = [...groups, ...[...added.values()].map(({ type }) => ({ count: 1, type }))];
      return concat([u32(all.length), ...all.map(({ count, type }) => [...u32(count), type])]);
    },
  };
}

/**
 * Which stores need a note, and of which offset? Of those that write near one and the same address the first notes for
 * all; whoever reaches another has passed it. By the index of the instruction.
 *
 * @param addresses what `findAddresses` says.
 */
export function planNotes(
  instructions: readonly Instruction[],
  addresses: readonly (string | undefined)[],
): ReadonlyMap<number, number> {
  const groups = new Map<string, { readonly index: number; readonly offset: number }[]>();
  instructions.forEach((instruction, index) => {
    if (!STORED.has(instruction.opcode)) return;
    const name = addresses[index] ?? `alone ${index}`;
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    group.push({ index, offset: instruction.operand ?? 0 });
  });
  const notes = new Map<number, number>();
  for (const group of groups.values()) {
    const rest = group.toSorted((a, b) => a.offset - b.offset);
    while (rest.length > 0) {
      const { offset } = rest[0]!;
      const beyond = rest.findIndex((store) => store.offset + WIDEST_STORE > offset + WRITTEN_REACH);
      const near = rest.splice(0, beyond < 0 ? rest.length : Math.max(1, beyond));
      notes.set(Math.min(...near.map(({ index }) => index)), offset);
    }
  }
  return notes;
}

/** Whether an instruction writes memory. */
export function isStore({ opcode }: Instruction): boolean {
  return STORED.has(opcode);
}

/**
 * The store, and a note of the page at `offset` from its address. The store comes first: whoever writes beyond the memory
 * traps there. What lies less than `WRITTEN_REACH` further counts as noted too, so a store that reaches into the next page
 * needs no second note; whoever reads the table has to look that much further.
 */
export function notedStore(
  { opcode, bytes }: Instruction,
  offset: number,
  table: number,
  scratch: Scratch,
): Uint8Array {
  const value = scratch.of(STORED.get(opcode)!, "value");
  const address = scratch.of(VALUE_TYPE.i32, "address");
  return concat([
    local(OP.localSet, value),
    local(OP.localTee, address),
    local(OP.localGet, value),
    bytes,
    local(OP.localGet, address),
    offset === 0 ? [] : [...constant(offset), OP.i32Add],
    [...constant(WRITTEN_PAGE_SHIFT), OP.i32ShrU],
    constant(1),
    [OP.i32Store8, BYTE_ALIGNED, ...u32(table)],
  ]);
}

/**
 * Notes the pages of `(target, …, length)`, the first and the third local, once they were written. Most moves are short:
 * their first and last page are noted by two stores, and only what lies between needs to be filled in.
 */
export function noteRange(table: number): Uint8Array {
  const [target, length] = [local(OP.localGet, 0), local(OP.localGet, 2)];
  const shift = [...constant(WRITTEN_PAGE_SHIFT), OP.i32ShrU];
  const first = [...target, ...shift];
  const last = [...target, ...length, OP.i32Add, ...constant(1), OP.i32Sub, ...shift];
  const note = [...constant(1), OP.i32Store8, BYTE_ALIGNED, ...u32(table)];
  return concat([
    [...length, OP.if, NO_RESULT],
    [...first, ...note],
    [...last, ...note],
    [...last, ...first, OP.i32Sub, ...constant(1), OP.i32GtU, OP.if, NO_RESULT],
    [...constant(table), ...first, OP.i32Add, ...constant(1), ...last, ...first, OP.i32Sub],
    [BULK_PREFIX, OP.memoryFill & 0xff, 0, OP.end, OP.end],
  ]);
}
