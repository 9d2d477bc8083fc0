/**
 * How is an image kept? As a header, a table of its parts and their bytes. Runs of zeros are left out: much of a heap is
 * what parsing has freed.
 */
import { PAGE_BYTES } from "../limits.ts";
import type { QuickJsImage } from "./image.ts";
import { ENGINE } from "./quickjs.gen.ts";

/** Bytes that are not zero, and where they stand. */
interface Part {
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const MAGIC = 0x33_49_48_42;
const HEADER_WORDS = 6;
const WORD = 4;
const MOST_POINTERS = 16;
/** Shorter runs of zeros are kept: each part costs two words. */
const SHORTEST_GAP_BYTES = 64;

/** The image as bytes. */
export function toBytes({ pointers, stackPointer, low, heap, linearBytes }: QuickJsImage): Uint8Array<ArrayBuffer> {
  const parts = [...findParts(low, 0), ...findParts(heap, ENGINE.stackHigh)];
  const words = [MAGIC, pointers.length, stackPointer, linearBytes / PAGE_BYTES, heap.length, parts.length];
  words.push(...pointers);
  for (const { at, bytes } of parts) words.push(at, bytes.length);
  const file = new Uint8Array(words.length * WORD + parts.reduce((sum, { bytes }) => sum + bytes.length, 0));
  new Uint32Array(file.buffer, 0, words.length).set(words);
  let to = words.length * WORD;
  for (const { bytes } of parts) {
    file.set(bytes, to);
    to += bytes.length;
  }
  return file;
}

/** Reads what `toBytes` wrote; undefined for anything else. Its authenticity is the caller's business. */
export function fromBytes(file: Uint8Array<ArrayBuffer>): QuickJsImage | undefined {
  if (file.byteOffset % WORD !== 0) return undefined;
  const words = new Uint32Array(file.buffer, file.byteOffset, Math.floor(file.length / WORD));
  const [magic, pointerCount = 0, stackPointer = 0, pages = 0, heapBytes = 0, partCount = 0] = words;
  const head = HEADER_WORDS + pointerCount + 2 * partCount;
  const linearBytes = pages * PAGE_BYTES;
  if (magic !== MAGIC || pointerCount > MOST_POINTERS || head > words.length || pages > ENGINE.maximumPages)
    return undefined;
  if (stackPointer <= ENGINE.stackLow || stackPointer > ENGINE.stackHigh) return undefined;
  if (ENGINE.stackHigh + heapBytes > linearBytes) return undefined;

  const low = new Uint8Array(ENGINE.writtenTable);
  const heap = new Uint8Array(heapBytes);
  let from = head * WORD;
  for (let index = HEADER_WORDS + pointerCount; index < head; index += 2) {
    const [at = 0, length = 0] = words.subarray(index, index + 2);
    const [target, offset] = at < ENGINE.stackHigh ? [low, at] : [heap, at - ENGINE.stackHigh];
    if (offset + length > target.length || from + length > file.length) return undefined;
    target.set(file.subarray(from, from + length), offset);
    from += length;
  }
  if (from !== file.length) return undefined;
  const pointers = [...words.subarray(HEADER_WORDS, HEADER_WORDS + pointerCount)];
  return { pointers, stackPointer, low, heap, linearBytes, size: low.length + heap.length };
}

/** @param base address of the first byte. */
function findParts(memory: Uint8Array<ArrayBuffer>, base: number): Part[] {
  const parts: Part[] = [];
  let start = 0;
  let end = 0;
  const close = (): void => {
    if (end > start) parts.push({ at: base + start, bytes: memory.subarray(start, end) });
  };
  for (let at = 0; at < memory.length; at += 1) {
    if (memory[at] === 0) continue;
    if (at - end >= SHORTEST_GAP_BYTES) {
      close();
      start = at;
    }
    end = at + 1;
  }
  close();
  return parts;
}
