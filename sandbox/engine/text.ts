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
/** Up to here a loop is faster than a call of the platform, as long as all is ASCII. */
const SHORT_CHARS = 512;
const ASCII_END = 0x80;

/** A C string in the VM's heap. */
export interface WrittenText {
  readonly pointer: TextPointer;
  /** Without the closing NUL. */
  readonly bytes: number;
}

/** Bytes that every text has room in for which `isShort` is true. */
export const SHORT_BYTES = SHORT_CHARS * BYTES_PER_CHAR + 1;

/** Whether `writeShortText` may be used. */
export function isShort(text: string): boolean {
  return text.length <= SHORT_CHARS;
}

/** Copies text into the VM; undefined when it is out of memory. The caller frees the pointer. */
export function writeText(module: QuickJsModule, text: string): WrittenText | undefined {
  const encoded = encoder.encode(text);
  const pointer = module._malloc(encoded.length + 1) as TextPointer;
  if (pointer === 0) return undefined;
  module.HEAPU8.set(encoded, pointer);
  return endText(module.HEAPU8, pointer, encoded.length);
}

/** Copies a short text to a place in the VM that has `SHORT_BYTES`. */
export function writeShortText({ HEAPU8 }: QuickJsModule, text: string, to: TextPointer): WrittenText {
  return endText(HEAPU8, to, writeShort(HEAPU8, to, text));
}

function endText(heap: Uint8Array, pointer: TextPointer, bytes: number): WrittenText {
  heap[pointer + bytes] = 0;
  noteWritten(heap, pointer, bytes + 1);
  return { pointer, bytes };
}

function writeShort(heap: Uint8Array, pointer: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= ASCII_END)
      return encoder.encodeInto(text, heap.subarray(pointer, pointer + text.length * BYTES_PER_CHAR)).written;
    heap[pointer + index] = code;
  }
  return text.length;
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
  const text =
    (bytes <= SHORT_CHARS ? readShort(heap, pointer, end) : undefined) ?? decoder.decode(heap.subarray(pointer, end));
  return text.length > maxChars ? { kind: "too-large" } : { kind: "text", text, bytes };
}

/** Undefined when it is not all ASCII. */
function readShort(heap: Uint8Array, start: number, end: number): string | undefined {
  for (let index = start; index < end; index += 1) if ((heap[index] ?? 0) >= ASCII_END) return undefined;
  return String.fromCharCode.apply(null, heap.subarray(start, end) as unknown as number[]);
}

/** Whether a C string is exactly this ASCII text; nothing is copied. */
export function isText(module: QuickJsModule, pointer: number, text: string): boolean {
  const heap = module.HEAPU8;
  for (let index = 0; index < text.length; index += 1)
    if (heap[pointer + index] !== text.charCodeAt(index)) return false;
  return heap[pointer + text.length] === 0;
}
