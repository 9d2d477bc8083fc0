/**
 * How is an image kept? As a header, a table of its parts and their bytes. In the file shorter runs of zeros are left out
 * than in memory: there it is bytes that cost, here it is copies.
 */
import { PAGE_BYTES } from "../limits.ts";
import { findSegments, SHORTEST_GAP_BYTES, sizeOf, type QuickJsImage, type Segment } from "./image.ts";
import { ENGINE } from "./quickjs.gen.ts";

const MAGIC = 0x32_49_48_42;
const HEADER_WORDS = 5;
const WORD = 4;
const MOST_POINTERS = 16;
/** Shorter runs of zeros are kept: each part costs two words. */
const SHORTEST_GAP_IN_FILE_BYTES = 64;

/** The image as bytes, for keeping. */
export function toBytes({ pointers, stackPointer, segments, linearBytes }: QuickJsImage): Uint8Array<ArrayBuffer> {
  const parts = segments.flatMap(({ at, bytes }) =>
    findSegments(bytes, 0, bytes.length, SHORTEST_GAP_IN_FILE_BYTES).map((part) => ({ ...part, at: at + part.at })),
  );
  const words = [MAGIC, pointers.length, stackPointer, linearBytes / PAGE_BYTES, parts.length, ...pointers];
  for (const { at, bytes } of parts) words.push(at, bytes.length);
  const file = new Uint8Array(words.length * WORD + sizeOf(parts));
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
  const [magic, pointerCount = 0, stackPointer = 0, pages = 0, partCount = 0] = words;
  const head = HEADER_WORDS + pointerCount + 2 * partCount;
  if (magic !== MAGIC || pointerCount > MOST_POINTERS || head > words.length) return undefined;
  if (stackPointer <= ENGINE.stackLow || stackPointer > ENGINE.stackHigh || pages > ENGINE.maximumPages)
    return undefined;
  const parts: Segment[] = [];
  let from = head * WORD;
  for (let index = HEADER_WORDS + pointerCount; index < head; index += 2) {
    const [at = 0, length = 0] = words.subarray(index, index + 2);
    parts.push({ at, bytes: file.subarray(from, from + length) });
    from += length;
  }
  const linearBytes = pages * PAGE_BYTES;
  if (from !== file.length || !isAscending(parts, linearBytes)) return undefined;
  const segments = joinNear(parts);
  const pointers = [...words.subarray(HEADER_WORDS, HEADER_WORDS + pointerCount)];
  return { pointers, stackPointer, segments, linearBytes, size: sizeOf(segments) };
}

function isAscending(parts: readonly Segment[], limit: number): boolean {
  let end = 0;
  return parts.every(({ at, bytes }) => {
    const isNext = at >= end;
    end = at + bytes.length;
    return isNext && end <= limit;
  });
}

/** Joins what a short run of zeros separates. */
function joinNear(parts: readonly Segment[]): readonly Segment[] {
  const groups: Segment[][] = [];
  let end = 0;
  for (const part of parts) {
    const group = groups.at(-1);
    // The stack is no part of an image: what stands on its two sides stays apart.
    const isNear = part.at - end < SHORTEST_GAP_BYTES && !(end <= ENGINE.stackLow && part.at >= ENGINE.stackHigh);
    if (group !== undefined && isNear) group.push(part);
    else groups.push([part]);
    end = part.at + part.bytes.length;
  }
  return groups.map((group) => {
    const at = group[0]?.at ?? 0;
    const last = group.at(-1);
    const bytes = new Uint8Array(last === undefined ? 0 : last.at + last.bytes.length - at);
    for (const part of group) bytes.set(part.bytes, part.at - at);
    return { at, bytes };
  });
}
