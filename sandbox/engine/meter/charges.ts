/**
 * Which instructions take fuel and check the stack? Short sequences that leave the operand stack as it was, and whole
 * functions for what cannot be charged in place. A trap is `unreachable`: nothing in the guest can catch it.
 */
import { concat, s32, u32 } from "./bytes.ts";
import { VALUE_TYPE, type FunctionType } from "./module.ts";
import { BULK_PREFIX, OP } from "./opcodes.ts";

/** What work costs. Units are loop iterations: 1 to 9 ns each. */
export const COSTS = {
  /** At each loop header. */
  loop: 1,
  /** The same where other functions are called in the loop (`loops.ts`). */
  callingLoop: 2,
  /** Bytes moved by `memory.copy` and `memory.fill` cost one unit for each 64, and some for being moved at all. */
  bulkShift: 6,
  bulk: 2,
  /** A call of the host, whatever it does there; what it does there is charged by the host. */
  importCall: 64,
} as const;

/** The largest value of an i32: whoever sets no fuel has plenty. Static constructors run before anybody can set it. */
export const INITIAL_FUEL = 0x7fff_ffff;

const NO_RESULT = 0x40;
const TRAP_IF = [OP.if, NO_RESULT, OP.unreachable, OP.end] as const;
const EMPTY = -1;

const get = (global: number) => [OP.globalGet, ...u32(global)];
const set = (global: number) => [OP.globalSet, ...u32(global)];
const constant = (value: number) => [OP.i32Const, ...s32(value)];
const local = (index: number) => [OP.localGet, ...u32(index)];

/** Takes `units` away and traps below zero. */
export function chargeUnits(fuel: number, units: number): number[] {
  return [
    ...get(fuel),
    ...constant(units),
    OP.i32Sub,
    ...set(fuel),
    ...get(fuel),
    ...constant(0),
    OP.i32LtS,
    ...TRAP_IF,
  ];
}

/** Traps when the stack pointer, just written, points below `low`. */
export function guardStack(stack: { readonly pointer: number; readonly low: number }): number[] {
  return [...get(stack.pointer), ...constant(stack.low), OP.i32LtU, ...TRAP_IF];
}

/**
 * The body of `(target, source or value, bytes)` that pays for a bulk move and then makes it. The price is at most
 * 2^26, so it never looks negative; and it is compared before it is taken, so fuel cannot wrap, however it stands.
 *
 * @param after what else is to be done, with the same locals.
 */
export function bulkFunction(
  fuel: number,
  move: typeof OP.memoryCopy | typeof OP.memoryFill,
  after: Uint8Array,
): Uint8Array {
  const bytes = 2;
  const price = 3;
  const memories = move === OP.memoryCopy ? [0, 0] : [0];
  return concat([
    [1, 1, VALUE_TYPE.i32],
    // price = (bytes >>> 6) + 2
    local(bytes),
    constant(COSTS.bulkShift),
    [OP.i32ShrU],
    constant(COSTS.bulk),
    [OP.i32Add, OP.localTee, price],
    // if (price > fuel) { fuel = -1; trap }
    get(fuel),
    [OP.i32GtS, OP.if, NO_RESULT],
    constant(EMPTY),
    set(fuel),
    [OP.unreachable, OP.end],
    // fuel -= price
    get(fuel),
    local(price),
    [OP.i32Sub],
    set(fuel),
    // the move itself
    local(0),
    local(1),
    local(bytes),
    [BULK_PREFIX, move & 0xff, ...memories],
    after,
    [OP.end],
  ]);
}

/** The body of a function that pays for a call of an import and then makes it. */
export function importFunction(fuel: number, type: FunctionType, index: number, units: number): Uint8Array {
  return concat([
    [0],
    chargeUnits(fuel, units),
    ...type.params.map((_type, at) => local(at)),
    [OP.call, ...u32(index), OP.end],
  ]);
}
