/**
 * Which asynchronous operations does the sandbox answer itself? Digests and HMAC signatures, through the platform's
 * Web Crypto, for fuel. Bytes travel as strings of one character each.
 */
import type { HostCallResult, JsonText } from "../types.ts";

const HASHES: readonly string[] = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
/** Fuel of one operation and of each byte: what the host's Web Crypto takes, with room to spare. */
const COST = { base: 20_000, perChar: 10 } as const;

const OPS: Readonly<Record<string, (args: readonly string[]) => Promise<ArrayBuffer>>> = {
  /** [hash, data] */
  "sandbox:digest": ([hash = "", data = ""]) => crypto.subtle.digest(hash, toBytes(data)),
  /** [hash, key, data] */
  "sandbox:hmac": async ([hash = "", key = "", data = ""]) => {
    const algorithm = { name: "HMAC", hash } as const;
    const imported = await crypto.subtle.importKey("raw", toBytes(key), algorithm, false, ["sign"]);
    return crypto.subtle.sign("HMAC", imported, toBytes(data));
  },
};

export function isSubtleOp(op: string): boolean {
  return Object.hasOwn(OPS, op);
}

/** Answers one of the operations above; throws for what the prelude would not send. */
export async function answerSubtle(
  op: string,
  json: JsonText,
  charge: (fuel: number) => void,
): Promise<HostCallResult> {
  charge(COST.base + COST.perChar * json.length);
  const args: unknown = JSON.parse(json);
  const run = OPS[op];
  if (run === undefined || !Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
    throw new TypeError(`Cannot answer ${op}: expected an array of strings.`);
  }
  const [hash = ""] = args;
  if (!HASHES.includes(hash)) {
    const message = `Cannot use algorithm ${hash}: available are ${HASHES.join(", ")}.`;
    return { ok: false, error: { name: "NotSupportedError", code: "NOT_SUPPORTED", message } };
  }
  return { ok: true, value: JSON.stringify(toBinaryString(new Uint8Array(await run(args)))) };
}

function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

function toBinaryString(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
