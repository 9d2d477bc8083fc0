/**
 * How do bytes and text turn into each other? UTF-8 by the WHATWG rules, and "binary strings" with one character per
 * byte, in which bytes cross to the host. The engine's own functions do the work, or else the host: a loop in here takes
 * several times as long.
 */
import { askHost } from "../host.ts";
import {
  apply,
  bufferBytes,
  charCodeAt,
  dataBuffer,
  dataBytes,
  dataOffset,
  defineProperty,
  fromCharCode,
  fromLatin1,
  fromUriText,
  isView,
  min,
  slice,
  toLatin1,
  toUriText,
  toWellFormed,
  typedBuffer,
  typedBytes,
  TypeErrorClass,
  typedOffset,
  typedSet,
  typedTag,
  Uint16ArrayClass,
  Uint32ArrayClass,
  Uint8ArrayClass,
} from "../primordials.ts";

/** Arguments one call may take without a deep stack. */
const CHUNK = 4_096;
/** Characters that cross at once, at most six times as many as JSON. A multiple of three and of four. */
export const CROSSING = 12_288;
/** Below that, crossing takes longer than a loop. */
const WORTH_CROSSING = 300;

export type BytesLike = ArrayBuffer | ArrayBufferView;

export function isBytes(value: unknown): value is BytesLike {
  return isView(value) || isBuffer(value);
}

export function isBuffer(value: unknown): value is ArrayBuffer {
  if (typeof value !== "object") return false;
  try {
    return bufferBytes(value) >= 0;
  } catch {
    return false;
  }
}

/** The bytes of a buffer or view, not copied. */
export function toBytes(value: unknown, what: string): Uint8Array {
  if (isView(value)) {
    return typedTag(value) === undefined
      ? new Uint8ArrayClass(dataBuffer(value), dataOffset(value), dataBytes(value))
      : new Uint8ArrayClass(typedBuffer(value), typedOffset(value), typedBytes(value));
  }
  if (isBuffer(value)) return new Uint8ArrayClass(value);
  throw new TypeErrorClass(
    "Cannot use " + typeof value + " as " + what + ": expected an ArrayBuffer or a typed array.",
  );
}

/** A buffer of its own with the same bytes. */
export function copyBuffer(bytes: Uint8Array): ArrayBuffer {
  return typedBuffer(new Uint8ArrayClass(bytes));
}

export function encodeUtf8(text: string): Uint8Array {
  const wellFormed = toWellFormed(text);
  let binary = "";
  for (let start = 0; start < wellFormed.length;) {
    let end = min(start + CROSSING, wellFormed.length);
    if (end < wellFormed.length && (charCodeAt(wellFormed, end) & 0xfc00) === 0xdc00) end += 1;
    binary += toLatin1(toUriText(slice(wellFormed, start, end)));
    start = end;
  }
  return fromBinary(binary);
}

/** One character per byte. */
export function toBinary(bytes: Uint8Array): string {
  return toChars(Uint8ArrayClass, typedBuffer(bytes), typedOffset(bytes), typedBytes(bytes));
}

/** One character per number of a buffer. */
function toChars(
  NumbersClass: typeof Uint8Array | typeof Uint16Array,
  buffer: ArrayBuffer,
  offset: number,
  length: number,
): string {
  const { BYTES_PER_ELEMENT: size } = NumbersClass;
  let text = "";
  for (let start = 0; start < length; start += CHUNK) {
    const count = min(CHUNK, length - start);
    const chunk = new NumbersClass(buffer, offset + start * size, count);
    // Its own, so that `apply` does not ask the prototype.
    defineProperty(chunk, "length", { __proto__: null, value: count } as PropertyDescriptor);
    text += apply(fromCharCode, undefined, chunk);
  }
  return text;
}

/** Up to `count` bytes from `start` on, two in each UTF-16 unit. */
export function toUnits(bytes: Uint8Array, start: number, count: number): string {
  const length = min(count, typedBytes(bytes) - start);
  if (length <= 0) return "";
  // Copied, so that units begin at an even address and the last one is filled up.
  const part = new Uint8ArrayClass(length + (length & 1));
  typedSet(part, new Uint8ArrayClass(typedBuffer(bytes), typedOffset(bytes) + start, length));
  return toChars(Uint16ArrayClass, typedBuffer(part), 0, (length + 1) >>> 1);
}

/** Lays 32-bit numbers into bytes, as far as they reach; answers where it ended. */
export function layWords(words: number[], into: Uint8Array, at: number): number {
  const length = typedBytes(into);
  const whole = min(words.length, (length - at) >>> 2);
  const last = words[whole];
  words.length = whole;
  typedSet(new Uint32ArrayClass(typedBuffer(into), at, whole), words);
  let end = at + whole * 4;
  if (last === undefined) return end;
  for (let shift = 0; shift < 32 && end < length; shift += 8) {
    into[end] = last >>> shift;
    end += 1;
  }
  return end;
}

export function fromBinary(text: string): Uint8Array {
  const { length } = text;
  if (length < WORTH_CROSSING) {
    const bytes = new Uint8ArrayClass(length);
    for (let index = 0; index < length; index += 1) bytes[index] = charCodeAt(text, index);
    return bytes;
  }
  return pack("bytes.pack", text, CROSSING, length);
}

/** The bytes of base64 without blanks. */
export function fromBase64(text: string): Uint8Array {
  const { length } = text;
  const padding = length === 0 || text[length - 1] !== "=" ? 0 : text[length - 2] === "=" ? 2 : 1;
  return pack("bytes.unbase64", text, (CROSSING / 4) * 3, (length / 4) * 3 - padding);
}

/** Bytes that the host makes of a text, piece by piece, each `pieceBytes` of them. */
function pack(op: string, text: string, pieceBytes: number, length: number): Uint8Array {
  const buffer = typedBuffer(new Uint32ArrayClass((length + 3) >>> 2));
  for (let start = 0, to = 0; start < text.length; start += CROSSING, to += pieceBytes) {
    const words = askHost(op, [slice(text, start, start + CROSSING)]) as number[];
    typedSet(new Uint32ArrayClass(buffer, to, words.length), words);
  }
  // Copied, so that the buffer ends where the bytes do.
  return new Uint8ArrayClass(new Uint8ArrayClass(buffer, 0, length));
}

/** Text of UTF-8 bytes; undefined stands for "invalid" when `invalid` is `refuse`. */
export function decodeUtf8(bytes: Uint8Array, invalid: "replace" | "refuse"): string | undefined {
  const binary = toBinary(bytes);
  try {
    return fromUriText(fromLatin1(binary));
  } catch {
    return invalid === "refuse" ? undefined : decodeWithReplacements(binary);
  }
}

/** In pieces that end where no character goes on: before a byte that starts one, or after three that do not. */
function decodeWithReplacements(binary: string): string {
  let text = "";
  for (let start = 0; start < binary.length;) {
    let end = min(start + CROSSING, binary.length);
    for (let back = 0; back < 3 && end < binary.length && (charCodeAt(binary, end) & 0xc0) === 0x80; back += 1)
      end -= 1;
    text += askHost("bytes.text", [slice(binary, start, end)]) as string;
    start = end;
  }
  return text;
}
