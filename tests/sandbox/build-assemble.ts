/**
 * How do the meter's tests come by modules small enough to count by hand? They write them byte for byte: one function
 * `run: (i32) -> i32`, two imports, a memory of one page, and a table through which an import can be called unnamed.
 */
import { concat, list, name, s32, sized, u32 } from "../../sandbox/engine/meter/bytes.ts";
import { readBody } from "../../sandbox/engine/meter/code.ts";
import { meter, type MeterOptions } from "../../sandbox/engine/meter/meter.ts";
import { readModule, writeModule } from "../../sandbox/engine/meter/module.ts";

const I32 = 0x7f;
const EMPTY = 0x40;

/** Types by index: what `add` is, what `run` and `twice` are. */
export const TYPES = { add: 0, run: 1 } as const;
/** Functions by index. `add` and `twice` are imported. */
export const FUNCTIONS = { add: 0, twice: 1, run: 2 } as const;
/** What stands at which place of the table. */
export const TABLE = { twice: 0, run: 1 } as const;

/** Takes one from a local and leaves what is left. */
const countDown = (local: number) => [0x20, ...u32(local), 0x41, 1, 0x6b, 0x22, ...u32(local)];

/** Instructions, as their bytes. */
export const asm = {
  constant: (value: number) => [0x41, ...s32(value)],
  get: (local: number) => [0x20, ...u32(local)],
  set: (local: number) => [0x21, ...u32(local)],
  globalGet: (global: number) => [0x23, ...u32(global)],
  globalSet: (global: number) => [0x24, ...u32(global)],
  call: (index: number) => [0x10, ...u32(index)],
  callTable: (type: number) => [0x11, ...u32(type), 0],
  drop: [0x1a],
  add: [0x6a],
  multiply: [0x6c],
  and: [0x71],
  load8: [0x2d, 0, 0],
  /** Pops a value of 32 bits and an address. */
  store: (width: 1 | 2 | 4, offset: number) => [{ 1: 0x3a, 2: 0x3b, 4: 0x36 }[width], 0, ...u32(offset)],
  /** Pops a value of 64 bits and an address. */
  store64: (offset: number) => [0x37, 0, ...u32(offset)],
  /** Makes 64 bits of 32. */
  widen: [0xad],
  fill: [0xfc, 0x0b, 0],
  copy: [0xfc, 0x0a, 0, 0],
  /** Pops a condition. */
  when: (body: readonly number[]) => [0x04, EMPTY, ...body, 0x0b],
  /** Goes on, whatever the local says, by way of a table of branches. */
  choose: (local: number) => [0x02, EMPTY, 0x20, ...u32(local), 0x0e, 1, 0, 0, 0x0b],
  /** Runs the body as often as the local says, which is counted down to zero; the header is passed as often. */
  repeat: (local: number, body: readonly number[]) => [0x03, EMPTY, ...body, ...countDown(local), 0x0d, 0, 0x0b],
} as const;

export interface Parts {
  /** The body of `run`, without its `end`; it must leave an i32. Local 0 is the parameter, 1 to 8 are free. */
  readonly run: readonly number[];
  /** Initial value of a mutable global 0, if there shall be one. */
  readonly global?: number;
  /** Exports the import `twice` as well. */
  readonly isImportExported?: boolean;
}

/** A module from its parts. */
export function assemble({ run, global, isImportExported = false }: Parts): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Uint8Array) => concat([[id], sized(content)]);
  const exported = (text: string, index: number) => [...name(text), 0, ...u32(index)];
  const wasm = concat([
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(
      1,
      list([
        [0x60, 2, I32, I32, 1, I32],
        [0x60, 1, I32, 1, I32],
        [0x60, 0, 0],
      ]),
    ),
    section(
      2,
      list([
        [...name("host"), ...name("add"), 0, TYPES.add],
        [...name("host"), ...name("twice"), 0, TYPES.run],
        [...name("host"), ...name("memory"), 2, 0, 1],
      ]),
    ),
    section(3, list([[TYPES.run]])),
    section(4, list([[0x70, 0, 2]])),
    section(6, list(global === undefined ? [] : [[I32, 1, ...asm.constant(global), 0x0b]])),
    section(
      7,
      list([exported("run", FUNCTIONS.run), ...(isImportExported ? [exported("twice", FUNCTIONS.twice)] : [])]),
    ),
    section(9, list([[0, ...asm.constant(0), 0x0b, 2, FUNCTIONS.twice, FUNCTIONS.run]])),
    section(10, list([sized(concat([[1, 8, I32], run, [0x0b]]))])),
  ]);
  return Uint8Array.from(wasm);
}

/** The module, metered. */
export function toMetered(wasm: Uint8Array, options?: MeterOptions): Uint8Array<ArrayBuffer> {
  const module = readModule(wasm);
  return Uint8Array.from(writeModule(meter(module, module.code.map(readBody), options).module));
}

export interface Instance {
  run(input: number): number;
  /** Only if it is exported. */
  twice(input: number): number;
  readonly fuel: WebAssembly.Global;
  readonly memory: Uint8Array;
  /** The arguments of each call of an import. */
  readonly calls: readonly (readonly number[])[];
}

export function instantiate(wasm: Uint8Array<ArrayBuffer>): Instance {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const calls: number[][] = [];
  const host = {
    memory,
    add: (a: number, b: number) => (calls.push([a, b]), a + b),
    twice: (a: number) => (calls.push([a]), a * 2),
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm), { host });
  const { run, twice, __fuel } = exports as unknown as Pick<Instance, "run" | "twice"> & { __fuel: WebAssembly.Global };
  return { run, twice, fuel: __fuel, memory: new Uint8Array(memory.buffer), calls };
}
