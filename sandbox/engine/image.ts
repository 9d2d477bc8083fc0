/**
 * What is a VM's memory at rest? Everything below the stack, the heap up to its top, and the few pointers the driver
 * keeps outside. At rest no frame of the guest is on the stack, so these bytes are the whole VM.
 */
import type { Image } from "./engine.ts";
import { ENGINE } from "./quickjs.gen.ts";
import { takeWritten } from "./written.ts";

export interface QuickJsImage extends Image {
  /** The driver's pointers into the memory, in the order it wrote them. */
  readonly pointers: readonly number[];
  readonly stackPointer: number;
  /** From address 0: data and static variables. */
  readonly low: Uint8Array<ArrayBuffer>;
  /** From the heap's base; the zeros at its end are left out. */
  readonly heap: Uint8Array<ArrayBuffer>;
}

/** Copies the VM out of its memory, which is then in exactly the state of the image. */
export function takeImage(
  memory: Uint8Array,
  pointers: readonly number[],
  stackPointer: number,
  linearBytes: number,
): QuickJsImage {
  const low = new Uint8Array(memory.subarray(0, ENGINE.writtenTable));
  const heap = new Uint8Array(memory.subarray(ENGINE.stackHigh, endOfContent(memory)));
  memory.fill(0, ENGINE.writtenTable, ENGINE.stackHigh);
  return { pointers, stackPointer, low, heap, linearBytes, size: low.length + heap.length };
}

/** Lays an image over a memory of at least its `linearBytes`, whatever stands there. */
export function layImage(memory: Uint8Array, { low, heap }: QuickJsImage): void {
  memory.set(low, 0);
  memory.fill(0, ENGINE.writtenTable, ENGINE.stackHigh);
  memory.set(heap, ENGINE.stackHigh);
  memory.fill(0, ENGINE.stackHigh + heap.length);
}

/**
 * Brings a memory that was in the image's state back into it: what was written since, and nothing else.
 *
 * @param written its table, by `toWrittenTable`.
 */
export function restoreImage(memory: Uint8Array, written: Int32Array, { low, heap }: QuickJsImage): void {
  const base = ENGINE.stackHigh;
  const top = base + heap.length;
  // SECURITY: nothing of a visitor is left anywhere, to the byte (tests/sandbox/image.test.ts, "every byte").
  takeWritten(written, (from, to) => {
    if (from >= base && to <= top) return memory.set(heap.subarray(from - base, to - base), from);
    if (from < ENGINE.writtenTable) memory.set(low.subarray(from, Math.min(to, ENGINE.writtenTable)), from);
    if (to > ENGINE.stackLow && from < base) memory.fill(0, Math.max(from, ENGINE.stackLow), Math.min(to, base));
    const start = Math.max(from, base);
    if (start < Math.min(to, top)) memory.set(heap.subarray(start - base, Math.min(to, top) - base), start);
    if (to > top) memory.fill(0, Math.max(start, top), to);
  });
}

/** After the last byte of the heap that is not zero. */
function endOfContent(memory: Uint8Array): number {
  let end = memory.length;
  while (end > ENGINE.stackHigh && memory[end - 1] === 0) end -= 1;
  return end;
}
