/**
 * How do bytes cross in JSON? In by 32-bit numbers, little end first, which the guest's engine lays into memory without a
 * loop; out as text with two bytes in each UTF-16 unit, which it makes without one.
 */

/** Characters a byte takes at most as a number: ten digits and a comma for four. */
export const CHARS_PER_BYTE_IN = 2.75;

/** The bytes as numbers; the last one is filled up with zeros. */
export function toWords(bytes: Uint8Array): number[] {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  const words = new Uint32Array(padded.buffer);
  // `Array.from` takes five times as long.
  const list = Array<number>(words.length);
  for (let index = 0; index < words.length; index++) list[index] = words[index]!;
  return list;
}

/** The bytes of a text in units; undefined where it is not as long as so many of them are. */
export function fromUnits(text: string, bytes: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== Math.ceil(bytes / 2)) return undefined;
  const units = new Uint16Array(text.length);
  for (let index = 0; index < text.length; index++) units[index] = text.charCodeAt(index);
  return new Uint8Array(units.buffer, 0, bytes);
}
