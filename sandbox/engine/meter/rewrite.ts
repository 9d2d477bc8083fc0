/**
 * How does QuickJS as upstream built it become the engine? It is metered, its stack is made smaller and guarded, and its
 * memory gets a lower start and a hard end.
 */
import { u32 } from "./bytes.ts";
import { readBody } from "./code.ts";
import { findLayout, moveBreak, moveConstant, resizeStack, STACK_POINTER, type EngineLayout } from "./layout.ts";
import { meter, type Counts } from "./meter.ts";
import { KIND, readModule, writeModule } from "./module.ts";
import { OP } from "./opcodes.ts";
import { WRITTEN_PAGE_SHIFT } from "./stores.ts";

export const PAGE_BYTES = 65_536;

/** Name under which the driver finds the stack pointer: a mutable i32 global. */
const STACK_POINTER_EXPORT = "__stack_pointer";

/**
 * Name under which the driver finds how many pages the engine believes to have: a mutable i32 global. `memory.size` reads
 * it instead, so that an instance whose memory once grew can be told that it did not, and grows anew by the same steps.
 */
const PAGES_EXPORT = "__pages";

/**
 * A function that calls nobody may use 128 bytes below the stack pointer without moving it, so what is checked at each
 * move is that twice as many are left.
 */
const RED_ZONE_BYTES = 256;

export interface RewriteOptions {
  /** Pages of the heap at start; the rest of memory comes before it. */
  readonly heapPages: number;
  /** No memory given to the engine may ever have more. */
  readonly maximumPages: number;
  /** Size of the stack that C code keeps in memory. */
  readonly stackBytes: number;
  /** What calling an import costs, by its name, where the default does not do. */
  readonly importCosts: Readonly<Record<string, number>>;
  /** What entering a function costs, by the name it is exported under. */
  readonly entryCosts: Readonly<Record<string, number>>;
}

export interface Rewritten {
  readonly wasm: Uint8Array;
  readonly layout: EngineLayout;
  readonly minimumPages: number;
  readonly counts: Counts;
}

/** @throws Error when the build contains anything whose cost or place is not known. */
export function rewriteEngine(upstream: Uint8Array, options: RewriteOptions): Rewritten {
  const original = readModule(upstream);
  const bodies = original.code.map(readBody);
  const found = findLayout(original, bodies);
  const tableBytes = (options.maximumPages * PAGE_BYTES) >>> WRITTEN_PAGE_SHIFT;
  const layout = resizeStack(found, options.stackBytes, tableBytes);
  const minimumPages = Math.ceil(layout.stackHigh / PAGE_BYTES) + options.heapPages;
  // The meter appends its fuel first.
  const pages = original.globals.length + 1;
  const { module, counts } = meter(original, bodies, {
    importCosts: options.importCosts,
    entryCosts: options.entryCosts,
    writtenTable: layout.writtenTable,
    stack: { pointer: STACK_POINTER, low: layout.stackLow + RED_ZONE_BYTES },
    replace: (instruction) =>
      instruction.opcode === OP.memorySize
        ? Uint8Array.from([OP.globalGet, ...u32(pages)])
        : moveConstant(instruction, found, layout),
  });
  const wasm = writeModule({
    ...module,
    imports: module.imports.map((from) =>
      from.kind === KIND.memory ? { ...from, minimum: minimumPages, maximum: options.maximumPages } : from,
    ),
    globals: [
      ...module.globals.map((global, index) =>
        index === STACK_POINTER ? { ...global, initial: layout.stackHigh } : global,
      ),
      { isMutable: true, initial: minimumPages },
    ],
    exports: [
      ...module.exports,
      { name: STACK_POINTER_EXPORT, kind: KIND.global, index: STACK_POINTER },
      { name: PAGES_EXPORT, kind: KIND.global, index: pages },
    ],
    data: moveBreak(module.data, layout),
  });
  return { wasm, layout, minimumPages, counts };
}
