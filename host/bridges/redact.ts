/**
 * Does an answer hand over a secret that was sent to its server? Wherever a value stands in it as it was sent, it does not:
 * of all values at once, so that what is left of one is never part of another. Pure.
 */

const REDACTED = "[redacted]";
type Range = readonly [from: number, to: number];

/** The text without any of the values. SECURITY: a server that echoes a key does not hand it over. (tests/host/settings.test.ts, "an echo comes back redacted") */
export function redact(text: string, values: readonly string[]): string {
  const ranges = findRanges(values, (value, from) => text.indexOf(value, from));
  let clean = "";
  let at = 0;
  for (const [from, to] of ranges) {
    clean += text.slice(at, from) + REDACTED;
    at = to;
  }
  return clean + text.slice(at);
}

/**
 * The same for bytes, whole: a value that lies across the border of two parts is found as well. Undefined where the words
 * that stand for the values make more than `mostBytes` of them.
 */
export function redactBytes(bytes: Uint8Array, values: readonly string[], mostBytes: number): Uint8Array | undefined {
  const encoder = new TextEncoder();
  const ranges = findRanges(
    values.map((value) => encoder.encode(value)),
    (value, from) => indexOf(bytes, value, from),
  );
  if (ranges.length === 0) return bytes;
  const word = encoder.encode(REDACTED);
  const length = ranges.reduce((sum, [from, to]) => sum - (to - from) + word.length, bytes.length);
  if (length > mostBytes) return undefined;
  const clean = new Uint8Array(length);
  let [at, end] = [0, 0];
  for (const [from, to] of ranges) {
    clean.set(bytes.subarray(at, from), end);
    clean.set(word, end + from - at);
    end += from - at + word.length;
    at = to;
  }
  clean.set(bytes.subarray(at), end);
  return clean;
}

/** Where the values stand, in order; what overlaps or touches is one. */
function findRanges<Value extends { readonly length: number }>(
  values: readonly Value[],
  find: (value: Value, from: number) => number,
): readonly Range[] {
  const found: Range[] = [];
  for (const value of values) {
    if (value.length === 0) continue;
    for (let at = find(value, 0); at >= 0; at = find(value, at + 1)) {
      const last = found.at(-1);
      // Within one value's own ranges only; the others are merged below.
      if (last && last[0] <= at && at <= last[1]) found[found.length - 1] = [last[0], at + value.length];
      else found.push([at, at + value.length]);
    }
  }
  const merged: Range[] = [];
  for (const [from, to] of found.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && from <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)];
    else merged.push([from, to]);
  }
  return merged;
}

function indexOf(bytes: Uint8Array, value: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(value[0]!, from); at >= 0; at = bytes.indexOf(value[0]!, at + 1)) {
    if (at + value.length > bytes.length) return -1;
    let same = 1;
    while (same < value.length && bytes[at + same] === value[same]) same += 1;
    if (same === value.length) return at;
  }
  return -1;
}
