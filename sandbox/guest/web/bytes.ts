/**
 * How do bytes and text turn into each other? UTF-8 by the WHATWG rules, and "binary strings" with one character per
 * byte, in which bytes cross to the host.
 */
import {
  apply,
  ArrayBufferClass,
  charCodeAt,
  fromCharCode,
  fromLatin1,
  fromUriText,
  isView,
  min,
  TypeErrorClass,
  Uint8ArrayClass,
} from "../primordials.ts";

/** Arguments one call may take without a deep stack. */
const CHUNK = 4_096;
const REPLACEMENT = 0xfffd;

export type BytesLike = ArrayBuffer | ArrayBufferView;

export function isBytes(value: unknown): value is BytesLike {
  return isView(value) || value instanceof ArrayBufferClass;
}

/** The bytes of a buffer or view, not copied. */
export function toBytes(value: unknown, what: string): Uint8Array {
  if (isView(value)) return new Uint8ArrayClass(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBufferClass) return new Uint8ArrayClass(value);
  throw new TypeErrorClass(`Cannot use ${typeof value} as ${what}: expected an ArrayBuffer or a typed array.`);
}

/** A buffer of its own with the same bytes. */
export function copyBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8ArrayClass(bytes).buffer as ArrayBuffer;
}

export function encodeUtf8(text: string): Uint8Array {
  const { length } = text;
  const out = new Uint8ArrayClass(length * 3);
  let at = 0;
  for (let index = 0; index < length; index += 1) {
    let code = charCodeAt(text, index);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code < 0xdc00 && index + 1 < length ? charCodeAt(text, index + 1) : 0;
      const isPair = low >= 0xdc00 && low <= 0xdfff;
      if (isPair) index += 1;
      code = isPair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : REPLACEMENT;
    }
    if (code < 0x80) out[at++] = code;
    else if (code < 0x800) {
      out[at++] = 0xc0 | (code >> 6);
      out[at++] = 0x80 | (code & 63);
    } else if (code < 0x10000) {
      out[at++] = 0xe0 | (code >> 12);
      out[at++] = 0x80 | ((code >> 6) & 63);
      out[at++] = 0x80 | (code & 63);
    } else {
      out[at++] = 0xf0 | (code >> 18);
      out[at++] = 0x80 | ((code >> 12) & 63);
      out[at++] = 0x80 | ((code >> 6) & 63);
      out[at++] = 0x80 | (code & 63);
    }
  }
  return new Uint8ArrayClass(new Uint8ArrayClass(out.buffer, 0, at));
}

/** One character per byte. */
export function toBinary(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    const count = min(CHUNK, bytes.length - start);
    text += apply(fromCharCode, undefined, new Uint8ArrayClass(bytes.buffer, bytes.byteOffset + start, count));
  }
  return text;
}

export function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8ArrayClass(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = charCodeAt(text, index);
  return bytes;
}

/** Text of UTF-8 bytes; undefined stands for "invalid" when `invalid` is `refuse`. */
export function decodeUtf8(bytes: Uint8Array, invalid: "replace" | "refuse"): string | undefined {
  try {
    // Native all the way, which a loop in here is not.
    return fromUriText(fromLatin1(toBinary(bytes)));
  } catch {
    return invalid === "refuse" ? undefined : decodeWithReplacements(bytes);
  }
}

function decodeWithReplacements(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  while (index < bytes.length) {
    const first = bytes[index++] ?? 0;
    if (first < 0x80) {
      text += fromCharCode(first);
      continue;
    }
    const need =
      first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0;
    // Bounds of the second byte keep out overlong forms, surrogates and what is above U+10FFFF.
    let lower = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    let upper = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    let code = need === 1 ? first & 0x1f : need === 2 ? first & 0xf : first & 7;
    let taken = 0;
    while (taken < need) {
      const next = bytes[index] ?? 0;
      if (index >= bytes.length || next < lower || next > upper) break;
      code = (code << 6) | (next & 0x3f);
      lower = 0x80;
      upper = 0xbf;
      index += 1;
      taken += 1;
    }
    if (need === 0 || taken < need) code = REPLACEMENT;
    text += code < 0x10000 ? fromCharCode(code) : fromCharCode(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
  }
  return text;
}
