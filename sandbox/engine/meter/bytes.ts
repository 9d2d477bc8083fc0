/**
 * How are the numbers of a wasm binary read and written? As LEB128, strictly: a number that is too long, or a read
 * beyond the end, is an error and never a guess.
 */

const CONTINUES = 0x80;
const PAYLOAD = 0x7f;
const PAYLOAD_BITS = 7;
const SIGN = 0x40;

/** Reads forward through a range of bytes. */
export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  byte(): number {
    if (this.isAtEnd) throw new Error(`Cannot read the wasm: byte ${this.position} is beyond the end of its part.`);
    return this.bytes[this.position++]!;
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.position)
      throw new Error(`Cannot read the wasm: ${length} bytes at ${this.position} reach beyond the end of their part.`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** A reader of the next `length` bytes alone. */
  part(length: number): Reader {
    const start = this.position;
    this.take(length);
    return new Reader(this.bytes, start, this.position);
  }

  u32(): number {
    return Number(BigInt.asUintN(32, this.#leb(32, false)));
  }

  s32(): number {
    return Number(this.#leb(32, true));
  }

  s33(): number {
    return Number(this.#leb(33, true));
  }

  s64(): bigint {
    return this.#leb(64, true);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  /** A vector: a count and that many items. */
  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.u32() }, read);
  }

  #leb(bits: number, isSigned: boolean): bigint {
    const start = this.position;
    let value = 0n;
    for (let shift = 0; shift < bits; shift += PAYLOAD_BITS) {
      const byte = this.byte();
      value |= BigInt(byte & PAYLOAD) << BigInt(shift);
      if (byte & CONTINUES) continue;
      if (isSigned && byte & SIGN) value -= 1n << BigInt(shift + PAYLOAD_BITS);
      const cut = isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
      if (cut === value) return value;
      break;
    }
    throw new Error(`Cannot read the wasm: the number at byte ${start} does not fit ${bits} bits.`);
  }
}

/** Reads all of `bytes` with `read`; bytes left over are an error. */
export function readAll<Value>(bytes: Uint8Array, what: string, read: (reader: Reader) => Value): Value {
  const reader = new Reader(bytes);
  const value = read(reader);
  if (!reader.isAtEnd)
    throw new Error(`Cannot read the wasm: ${reader.end - reader.position} bytes are left over after ${what}.`);
  return value;
}

/** Unsigned LEB128. */
export function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % CONTINUES;
    rest = Math.floor(rest / CONTINUES);
    bytes.push(rest > 0 ? low | CONTINUES : low);
  } while (rest > 0);
  return bytes;
}

/** Signed LEB128. */
export function s32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & PAYLOAD;
    rest >>= PAYLOAD_BITS;
    if (rest === (low & SIGN ? -1 : 0)) return [...bytes, low];
    bytes.push(low | CONTINUES);
  }
}

export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...u32(bytes.length), ...bytes];
}

/** A vector: a count and the items. */
export function list(items: readonly Iterable<number>[]): Uint8Array {
  return concat([u32(items.length), ...items]);
}

/** Bytes preceded by their length. */
export function sized(bytes: Uint8Array): Uint8Array {
  return concat([u32(bytes.length), bytes]);
}

export function concat(parts: readonly Iterable<number>[]): Uint8Array {
  const arrays = parts.map((part) => (part instanceof Uint8Array ? part : Uint8Array.from(part)));
  const joined = new Uint8Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
