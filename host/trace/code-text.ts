/**
 * Where in the code is what the engine names? It counts columns in bytes of UTF-8; the rest of the world counts
 * characters. Built once for a bundle, then a short walk for each place.
 */

/** A bundle's code, addressed as the engine addresses it. */
export interface CodeText {
  readonly text: string;
  /** The offset, in UTF-16 units, of a line and a column in bytes, both from 1. Undefined where there is no such line. */
  offsetOf(line: number, byteColumn: number): number | undefined;
  /** The offset's line, which is the given one or after it, and its column in UTF-16 units, both from 1. */
  placeOf(offset: number, from: { readonly line: number; readonly offset: number }): CodePlace;
}

/** Line and column from 1, in UTF-16 units. */
export interface CodePlace {
  readonly line: number;
  readonly column: number;
}

/** Bytes between two counts that are kept. */
const STEP = 1_024;

/** Makes it of what the engine was given. */
export function createCodeText(text: string): CodeText {
  const bytes = new TextEncoder().encode(text);
  // Counts for nothing but ASCII would be the offsets themselves.
  const counts = bytes.length === text.length ? undefined : countUnits(bytes);
  let starts: readonly number[] | undefined;

  function unitsBefore(offset: number): number {
    if (!counts) return offset;
    const step = Math.floor(offset / STEP);
    let units = counts[step]!;
    for (let i = step * STEP; i < offset; i++) units += unitsOf(bytes[i]!);
    return units;
  }

  return {
    text,
    offsetOf(line, byteColumn) {
      starts ??= findStarts(bytes);
      const start = starts[line - 1];
      if (start === undefined) return undefined;
      const end = (starts[line] ?? bytes.length + 1) - 1;
      return unitsBefore(Math.min(start + Math.max(byteColumn, 1) - 1, end));
    },
    placeOf(offset, from) {
      let { line } = from;
      for (let at = text.indexOf("\n", from.offset); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
      // At the very start there is nothing to look at, and lastIndexOf would take -1 for 0.
      return { line, column: offset === 0 ? 1 : offset - text.lastIndexOf("\n", offset - 1) };
    },
  };
}

/** UTF-16 units that begin with this byte: none in the middle of a character, two where it has four bytes. */
function unitsOf(byte: number): number {
  return byte >= 0xf0 ? 2 : byte >= 0x80 && byte < 0xc0 ? 0 : 1;
}

function countUnits(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(Math.floor(bytes.length / STEP) + 1);
  let units = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (i % STEP === 0) counts[i / STEP] = units;
    units += unitsOf(bytes[i]!);
  }
  if (bytes.length % STEP === 0) counts[bytes.length / STEP] = units;
  return counts;
}

function findStarts(bytes: Uint8Array): readonly number[] {
  const starts = [0];
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return starts;
}
