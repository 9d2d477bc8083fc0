/** How do `atob` and `btoa` work? As in the HTML standard: binary strings, whitespace ignored, padding optional. */
import { charCodeAt, fromCharCode, indexOf, slice, StringFunction } from "../primordials.ts";
import { DomError } from "./dom-exception.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function btoa(input: unknown): string {
  const text = StringFunction(input);
  let out = "";
  for (let index = 0; index < text.length; index += 3) {
    const a = byteAt(text, index);
    const b = index + 1 < text.length ? byteAt(text, index + 1) : 0;
    const c = index + 2 < text.length ? byteAt(text, index + 2) : 0;
    out += `${ALPHABET[a >> 2]}${ALPHABET[((a & 3) << 4) | (b >> 4)]}`;
    out += index + 1 < text.length ? ALPHABET[((b & 15) << 2) | (c >> 6)] : "=";
    out += index + 2 < text.length ? ALPHABET[c & 63] : "=";
  }
  return out;
}

export function atob(input: unknown): string {
  const text = stripped(StringFunction(input));
  if (text.length % 4 === 1) throw invalid("the length is wrong");
  let out = "";
  let bits = 0;
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = indexOf(ALPHABET, text[index] ?? "?");
    if (value < 0) throw invalid(`character ${index} is not of the alphabet`);
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += fromCharCode((bits >> count) & 255);
    }
  }
  return out;
}

/** Without whitespace and padding. */
function stripped(text: string): string {
  let out = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = charCodeAt(text, index);
    if (code !== 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13) out += text[index];
  }
  if (out.length % 4 === 0 && out.length > 0 && out[out.length - 1] === "=") {
    let end = out.length - 1;
    if (out[end - 1] === "=") end -= 1;
    return slice(out, 0, end);
  }
  return out;
}

function byteAt(text: string, index: number): number {
  const code = charCodeAt(text, index);
  if (code > 255) throw invalid(`character ${index} is above 255`);
  return code;
}

function invalid(why: string): Error {
  return new DomError(`Cannot convert base64: ${why}.`, "InvalidCharacterError");
}
