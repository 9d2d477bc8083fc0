/**
 * What is a VM's memory at rest? Everything below the stack, the heap up to its top, and the few pointers the driver
 * keeps outside. At rest no frame of the guest is on the stack, so these bytes are the whole VM.
 */
import { PAGE_BYTES } from "../limits.ts";
import type { Image } from "./engine.ts";
import { ENGINE } from "./quickjs.gen.ts";

export interface QuickJsImage extends Image {
  /** The driver's pointers into the memory, in the order it wrote them. */
  readonly pointers: readonly number[];
  readonly stackPointer: number;
  /** Data and static variables: address 0 up to the stack. */
  readonly low: Uint8Array<ArrayBuffer>;
  /** From the heap's base; zero bytes at its end are left out. */
  readonly heap: Uint8Array<ArrayBuffer>;
}

const MAGIC = 0x31_49_48_42;
const HEADER_WORDS = 6;
const WORD = 4;
const MOST_POINTERS = 16;
/** A step of the search for the end of what was used. */
const CHUNK_BYTES = 16_384;

/** Copies the VM out of its memory. */
export function takeImage(
  memory: Uint8Array,
  pointers: readonly number[],
  stackPointer: number,
  linearBytes: number,
): QuickJsImage {
  const top = endOfContent(memory, ENGINE.stackHigh, programBreak(memory));
  const low = new Uint8Array(memory.subarray(0, ENGINE.stackLow));
  const heap = new Uint8Array(memory.subarray(ENGINE.stackHigh, top));
  return { pointers, stackPointer, low, heap, linearBytes, size: low.length + heap.length };
}

/** Lays an image over a memory of at least its `linearBytes`. What lies above it, or was left on the stack, is zeroed. */
export function layImage(memory: Uint8Array, image: QuickJsImage): void {
  const top = ENGINE.stackHigh + image.heap.length;
  // SECURITY: nothing a visitor left survives above the image (tests/sandbox/image.test.ts, "what one visitor left").
  memory.fill(0, top, Math.max(top, programBreak(memory)));
  clearStack(memory);
  memory.set(image.low, 0);
  memory.set(image.heap, ENGINE.stackHigh);
}

/** The image as bytes, for keeping. */
export function toBytes(image: QuickJsImage): Uint8Array<ArrayBuffer> {
  const head = HEADER_WORDS + image.pointers.length;
  const bytes = new Uint8Array(head * WORD + image.size);
  const { pointers, stackPointer, low, heap, linearBytes } = image;
  const words = [MAGIC, pointers.length, stackPointer, linearBytes / PAGE_BYTES, low.length, heap.length];
  new Uint32Array(bytes.buffer, 0, head).set([...words, ...pointers]);
  bytes.set(low, head * WORD);
  bytes.set(heap, head * WORD + low.length);
  return bytes;
}

/** Reads what `toBytes` wrote; undefined for anything else. Its authenticity is the caller's business. */
export function fromBytes(bytes: Uint8Array<ArrayBuffer>): QuickJsImage | undefined {
  if (bytes.byteLength < HEADER_WORDS * WORD || bytes.byteOffset % WORD !== 0) return undefined;
  const [magic, count = 0, stackPointer = 0, pages = 0, low = 0, heap = 0] = new Uint32Array(
    bytes.buffer,
    bytes.byteOffset,
    HEADER_WORDS,
  );
  const start = (HEADER_WORDS + count) * WORD;
  const fits = count <= MOST_POINTERS && low === ENGINE.stackLow && bytes.byteLength === start + low + heap;
  const isStack = stackPointer > ENGINE.stackLow && stackPointer <= ENGINE.stackHigh;
  const isMemory = pages <= ENGINE.maximumPages && ENGINE.stackHigh + heap <= pages * PAGE_BYTES;
  if (magic !== MAGIC || !fits || !isStack || !isMemory) return undefined;
  const pointers = [...new Uint32Array(bytes.buffer, bytes.byteOffset + HEADER_WORDS * WORD, count)];
  return {
    pointers,
    stackPointer,
    linearBytes: pages * PAGE_BYTES,
    low: bytes.subarray(start, start + low),
    heap: bytes.subarray(start + low),
    size: low + heap,
  };
}

/** First address the allocator has not asked for; it only ever rises. An engine that went astray may say anything. */
function programBreak(memory: Uint8Array): number {
  const word = new DataView(memory.buffer, memory.byteOffset).getUint32(ENGINE.sbrkAddress, true);
  return word >= ENGINE.stackHigh && word <= memory.length ? word : memory.length;
}

function endOfContent(memory: Uint8Array, from: number, to: number): number {
  let end = to;
  while (end > from && memory[end - 1] === 0) end -= 1;
  return end;
}

/** From the top down, until a whole chunk was clean: what a shallow entry used is a small part of the stack. */
function clearStack(memory: Uint8Array): void {
  for (let high: number = ENGINE.stackHigh; high > ENGINE.stackLow; high -= CHUNK_BYTES) {
    const chunk = memory.subarray(Math.max(ENGINE.stackLow, high - CHUNK_BYTES), high);
    if (chunk.every((byte) => byte === 0)) return;
    chunk.fill(0);
  }
}
