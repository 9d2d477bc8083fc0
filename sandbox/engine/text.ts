/**
 * How does text get into and out of a VM's linear memory? As UTF-8, measured before it is copied. Views are taken anew
 * each time, since growth detaches them; addresses come from the guest's memory and are never trusted to be in range.
 */
import type { QuickJsModule, TextPointer } from "./ffi.ts";
import { noteWritten } from "./written.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const BYTES_PER_CHAR = 3;

const SHORT_CHARS = 1_000;

/** A C string in the VM's heap. */
export interface WrittenText {
  readonly pointer: TextPointer;
  /** Without the closing NUL. */
  readonly bytes: number;
}

/** Copies text into the VM; undefined when it is out of memory. The caller frees the pointer. */
export function writeText(module: QuickJsModule, text: string): WrittenText | undefined {
  // Room for the worst case is cheaper than measuring a short text first; of a long one it would be a lot.
  const encoded = text.length > SHORT_CHARS ? encoder.encode(text) : undefined;
  const most = encoded?.length ?? text.length * BYTES_PER_CHAR;
  const pointer = module._malloc(most + 1);
  if (pointer === 0) return undefined;
  const heap = module.HEAPU8;
  const bytes = encoded?.length ?? encoder.encodeInto(text, heap.subarray(pointer, pointer + most)).written;
  if (encoded !== undefined) heap.set(encoded, pointer);
  heap[pointer + bytes] = 0;
  noteWritten(heap, pointer, bytes + 1);
  return { pointer: pointer as TextPointer, bytes };
}

export type ReadText =
  { readonly kind: "text"; readonly text: string; readonly bytes: number } | { readonly kind: "too-large" };

/** Copies a C string out of the VM, if it has at most `maxChars` characters. */
export function readText(module: QuickJsModule, pointer: number, maxChars: number): ReadText {
  const heap = module.HEAPU8;
  const end = heap.indexOf(0, pointer);
  const bytes = end - pointer;
  // SECURITY: refused before the copy, so a guest cannot make the host allocate (tests/sandbox/limits.test.ts).
  if (end < 0 || bytes > maxChars * BYTES_PER_CHAR) return { kind: "too-large" };
  const text = decoder.decode(heap.subarray(pointer, end));
  return text.length > maxChars ? { kind: "too-large" } : { kind: "text", text, bytes };
}
