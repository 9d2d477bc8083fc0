/** Is this text a publisher's public key, and what is it called? A key's id is the sha256 of its 32 bytes. */
import { fromBase64, sha256, toBase64Url, toHex } from "../crypto.ts";
import { fail, ok, type Result } from "../result.ts";

/** A public key. */
export interface PublicKey {
  /** sha256 of the bytes, in hex. */
  readonly keyId: string;
  /** base64url without padding. */
  readonly text: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Points of small order, without their sign bit. Under such a key some signatures fit any text, so it would prove nothing.
 */
const WEAK = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** Reads a key; fails with the reason in words. */
export async function parsePublicKey(text: string): Promise<Result<PublicKey, string>> {
  const bytes = fromBase64Url(text, 32);
  if (!bytes) {
    return fail(`"${text.slice(0, 60)}" is no Ed25519 public key: expected its 32 bytes as 43 characters of base64url`);
  }
  const unsigned = Uint8Array.from(bytes);
  unsigned[31]! &= 0x7f;
  // SECURITY: one key that fits every signature would be everybody's. (tests/host/signatures.test.ts, "whose key any signature fits")
  if (WEAK.has(toHex(unsigned))) {
    return fail(`The key ${text} is one of the few that any signature fits. Make another: npx bulkhead keygen`);
  }
  return ok({ keyId: await sha256(bytes), text, bytes });
}

/** Whether the signature is the key's over the text. Never throws. */
export async function verifyText({ bytes }: PublicKey, signature: string, text: string): Promise<boolean> {
  const signed = fromBase64Url(signature, 64);
  if (!signed) return false;
  try {
    const key = await crypto.subtle.importKey("raw", bytes, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, signed, new TextEncoder().encode(text));
  } catch {
    // Bytes that are no point of the curve.
    return false;
  }
}

/** The bytes of base64url text of that length and one spelling, or undefined. */
function fromBase64Url(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== Math.ceil((length * 8) / 6) || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
    return toBase64Url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
