/** What do `TextEncoder` and `TextDecoder` offer? UTF-8, whole messages at a time; other labels and streaming are refused. */
import { RangeErrorClass, StringFunction, toLowerCase, trim, TypeErrorClass, Uint8ArrayClass } from "../primordials.ts";
import { decodeUtf8, encodeUtf8, toBytes } from "./bytes.ts";

export class TextEncoder {
  get encoding(): string {
    return "utf-8";
  }
  encode(text: unknown = ""): Uint8Array {
    return encodeUtf8(StringFunction(text));
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
    if (name !== "utf-8" && name !== "utf8") {
      throw new RangeErrorClass(`Cannot decode ${name}: only utf-8 is available.`);
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
    const all = toBytes(data, "the input of decode()");
    const hasBom = !this.ignoreBOM && all[0] === 0xef && all[1] === 0xbb && all[2] === 0xbf;
    const bytes = hasBom ? new Uint8ArrayClass(all.buffer, all.byteOffset + 3, all.length - 3) : all;
    const text = decodeUtf8(bytes, this.fatal ? "refuse" : "replace");
    if (text === undefined) throw new TypeErrorClass("Cannot decode: the bytes are not valid UTF-8.");
    return text;
  }
}
