/** What do `TextEncoder` and `TextDecoder` offer? UTF-8, whole messages at a time; other labels and streaming are refused. */
import {
  charCodeAt,
  min,
  RangeErrorClass,
  slice,
  StringFunction,
  toLowerCase,
  trim,
  typedBuffer,
  typedBytes,
  TypeErrorClass,
  typedSet,
  Uint8ArrayClass,
} from "../primordials.ts";
import { decodeUtf8, encodeUtf8, toBytes } from "./bytes.ts";

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }
  encode(text: unknown = ""): Uint8Array {
    return encodeUtf8(StringFunction(text));
  }
  encodeInto(text: unknown, target: unknown): { read: number; written: number } {
    const room = toBytes(target, "the target of encodeInto()");
    const bytes = encodeUtf8(StringFunction(text));
    let written = min(typedBytes(bytes), typedBytes(room));
    // Not within a character: a byte that goes on with one must not be the first left out.
    while (written < typedBytes(bytes) && ((bytes[written] as number) & 0xc0) === 0x80) written -= 1;
    const part = new Uint8ArrayClass(typedBuffer(bytes), 0, written);
    typedSet(room, part);
    return { read: (decodeUtf8(part, "replace") as string).length, written };
  }
}

interface DecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

export class TextDecoder {
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;

  constructor(label: unknown = "utf-8", options: DecoderOptions = {}) {
    const name = toLowerCase(trim(StringFunction(label)));
    if (name !== "utf-8" && name !== "utf8" && name !== "unicode-1-1-utf-8") {
      throw new RangeErrorClass("Cannot decode " + name + ": only utf-8 is available.");
    }
    this.fatal = !!options.fatal;
    this.ignoreBOM = !!options.ignoreBOM;
  }

  get encoding(): string {
    return "utf-8";
  }

  decode(data?: unknown, options: { readonly stream?: boolean } = {}): string {
    if (options.stream) throw new TypeErrorClass("Cannot decode a stream: pass the whole message at once.");
    if (data === undefined) return "";
    const text = decodeUtf8(toBytes(data, "the input of decode()"), this.fatal ? "refuse" : "replace");
    if (text === undefined) throw new TypeErrorClass("Cannot decode: the bytes are not valid UTF-8.");
    return !this.ignoreBOM && charCodeAt(text, 0) === 0xfeff ? slice(text, 1) : text;
  }
}
