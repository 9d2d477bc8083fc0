/**
 * Which work on bytes is cheaper on the host than in the guest? What the engine has no native code for: a guest's loop
 * takes 0.3 to 2 µs for each byte, the way here and back 0.1. Bytes travel as strings of one character each.
 */
import type { AskTable } from "./op.ts";

declare function btoa(binary: string): string;
declare function atob(text: string): string;

/** Measured: 20 to 40 ns for each character. */
const shared = { cost: { base: 5_000, perChar: 6 }, maxChars: 100_000, isPure: true } as const;
const decoder = new TextDecoder();

export const bytesOps: AskTable = {
  /** [binary] -> its bytes as 32-bit numbers, little end first, which a guest can lay into memory four at a time. */
  "bytes.pack": { ...shared, run: ([binary]) => (isBinary(binary) ? toWords(binary) : undefined) },
  /** [base64] -> the same of the bytes it stands for. */
  "bytes.unbase64": {
    ...shared,
    run: ([text]) => {
      const binary = attempt(atob, text);
      return binary === undefined ? undefined : toWords(binary);
    },
  },
  /** [binary] -> the text of those bytes in UTF-8, with U+FFFD for what is none. */
  "bytes.text": {
    ...shared,
    // The letter in front keeps the decoder from taking a byte order mark away: the guest decides on that.
    run: ([binary]) => (isBinary(binary) ? decoder.decode(toBytes(`x${binary}`)).slice(1) : undefined),
  },
  /** [binary] -> base64. */
  "bytes.btoa": { ...shared, run: ([binary]) => attempt(btoa, binary) },
  /** [base64] -> binary. */
  "bytes.atob": { ...shared, run: ([text]) => attempt(atob, text) },
};

function attempt(convert: (text: string) => string, text: unknown): string | undefined {
  try {
    return typeof text === "string" ? convert(text) : undefined;
  } catch {
    return undefined;
  }
}

function isBinary(text: unknown): text is string {
  if (typeof text !== "string") return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

function toBytes(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

function toWords(binary: string): number[] {
  const view = new DataView(new ArrayBuffer(Math.ceil(binary.length / 4) * 4));
  for (let index = 0; index < binary.length; index += 1) view.setUint8(index, binary.charCodeAt(index));
  return Array.from({ length: view.byteLength / 4 }, (_, index) => view.getUint32(index * 4, true));
}
