/**
 * What is a VM's memory at rest? Everything below the stack, the heap up to its top, and the few pointers the driver
 * keeps outside. At rest no frame of the guest is on the stack, so these bytes are the whole VM. Long runs of zeros are
 * left out: much of a heap is what parsing has freed.
 */
import { PAGE_BYTES } from "../limits.ts";
import type { Image } from "./engine.ts";
import { ENGINE } from "./quickjs.gen.ts";

/** Bytes that are not zero, and where they stand. */
export interface Segment {
  readonly at: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface QuickJsImage extends Image {
  /** The driver's pointers into the memory, in the order it wrote them. */
  readonly pointers: readonly number[];
  readonly stackPointer: number;
  /** In ascending order, none of them on the stack. What lies between them is zero. */
  readonly segments: readonly Segment[];
}

const WORD = 4;
/** Shorter runs of zeros are copied along: each segment costs a copy of its own. */
export const SHORTEST_GAP_BYTES = 2_048;
/** A step of the search for the end of what was used of the stack. */
const CHUNK_BYTES = 4_096;

/** Copies the VM out of its memory. */
export function takeImage(
  memory: Uint8Array,
  pointers: readonly number[],
  stackPointer: number,
  linearBytes: number,
): QuickJsImage {
  const segments = [
    ...findSegments(memory, 0, ENGINE.stackLow, SHORTEST_GAP_BYTES),
    ...findSegments(memory, ENGINE.stackHigh, programBreak(memory), SHORTEST_GAP_BYTES),
  ];
  return { pointers, stackPointer, segments, linearBytes, size: sizeOf(segments) };
}

/** Lays an image over a memory of at least its `linearBytes`. All that is not part of it is zeroed. */
export function layImage(memory: Uint8Array, { segments }: QuickJsImage): void {
  const end = programBreak(memory);
  // SECURITY: nothing a visitor left survives beside the image (tests/sandbox/image.test.ts, "what one visitor left").
  clearStack(memory);
  let from = 0;
  for (const { at, bytes } of segments) {
    clearBetween(memory, from, at);
    memory.set(bytes, at);
    from = at + bytes.length;
  }
  clearBetween(memory, from, Math.max(from, end));
}

/** First address the allocator has not asked for; it only ever rises. An engine that went astray may say anything. */
export function programBreak(memory: Uint8Array): number {
  const word = new DataView(memory.buffer, memory.byteOffset).getUint32(ENGINE.sbrkAddress, true);
  return word >= ENGINE.stackHigh && word <= memory.length ? word : memory.length;
}

/** What of the memory is not zero, between two addresses. */
export function findSegments(memory: Uint8Array, from: number, to: number, shortestGap: number): Segment[] {
  const segments: Segment[] = [];
  let start = from;
  let end = from;
  for (let at = from; at < to; at += 1) {
    if (memory[at] === 0) continue;
    if (at - end >= shortestGap) {
      if (end > start) segments.push({ at: start, bytes: new Uint8Array(memory.subarray(start, end)) });
      start = at;
    }
    end = at + 1;
  }
  if (end > start) segments.push({ at: start, bytes: new Uint8Array(memory.subarray(start, end)) });
  return segments;
}

/** Bytes of all segments. */
export function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Zeroes a gap, but for the stack, which has its own way. */
function clearBetween(memory: Uint8Array, from: number, to: number): void {
  if (from < ENGINE.stackLow) memory.fill(0, from, Math.min(to, ENGINE.stackLow));
  if (to > ENGINE.stackHigh) memory.fill(0, Math.max(from, ENGINE.stackHigh), to);
}

/** From the top down, until a whole chunk was clean: what a shallow entry used is a small part of the stack. */
function clearStack(memory: Uint8Array): void {
  for (let high: number = ENGINE.stackHigh; high > ENGINE.stackLow; high -= CHUNK_BYTES) {
    const chunk = memory.subarray(Math.max(ENGINE.stackLow, high - CHUNK_BYTES), high);
    if (isClear(chunk)) return;
    chunk.fill(0);
  }
}

/** @param bytes begins and ends at a multiple of four. */
function isClear(bytes: Uint8Array): boolean {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / WORD);
  let all = 0;
  for (let index = 0; index < words.length; index += 1) all |= words[index] as number;
  return all === 0;
}
