/**
 * Where in the code is what the engine names? It counts a line's characters, the rest of the world UTF-16 units. They
 * differ behind characters of two units, which are looked for once for a bundle.
 */

/** A bundle's code, addressed as the engine addresses it. */
export interface CodeText {
  readonly text: string;
  /** The offset, in UTF-16 units, of a line and a column in characters, both from 1. Undefined where there is no such line. */
  offsetOf(line: number, column: number): number | undefined;
  /** The offset's column within its line, in UTF-16 units from 1. */
  columnOf(offset: number): number;
}

/** Makes it of what the engine was given. */
export function createCodeText(text: string): CodeText {
  let starts: readonly number[] | undefined;
  let pairs: Uint32Array | undefined;

  return {
    text,
    offsetOf(line, column) {
      starts ??= findStarts(text);
      const start = starts[line - 1];
      if (start === undefined) return undefined;
      const end = (starts[line] ?? text.length + 1) - 1;
      const units = Math.max(column, 1) - 1;
      pairs ??= findPairs(text);
      const before = countLess(pairs, start, 0);
      // With every pair before it the place is one unit further on.
      const within = countLess(pairs.subarray(before), start + units, 1);
      return Math.min(start + units + within, end);
    },
    columnOf(offset) {
      // At the very start there is nothing to look at, and lastIndexOf would take -1 for 0.
      return offset === 0 ? 1 : offset - text.lastIndexOf("\n", offset - 1);
    },
  };
}

function findStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Offsets of the characters that take two units. */
function findPairs(text: string): Uint32Array {
  const found: number[] = [];
  for (let at = 0; at < text.length; at++) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) found.push(at);
  return Uint32Array.from(found);
}

/** How many of the ascending offsets lie before `limit`, which moves on by `step` with each of them? By halving. */
function countLess(offsets: Uint32Array, limit: number, step: number): number {
  let [low, high] = [0, offsets.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! < limit + step * middle) low = middle + 1;
    else high = middle;
  }
  return low;
}
