/** Hashes and encodings as the host writes them: hex for digests, base64url for tokens. */

/** sha256 of bytes or text, in hex. */
export async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** Bytes in lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes in base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Bytes in base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  // In pieces: an argument list has a limit.
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** Bytes of base64 text. Throws a DOMException where it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** A new secret token with 256 random bits. */
export function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** A key derived from the host's secret for one purpose; two purposes never share one. */
export async function deriveKey(secret: string, purpose: string, use: "encrypt" | "sign"): Promise<CryptoKey> {
  const material = await toMaterial(secret);
  const derivation = toDerivation(purpose);
  return use === "encrypt"
    ? crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
    : crypto.subtle.deriveKey(derivation, material, { name: "HMAC", hash: "SHA-256", length: 256 }, false, [
        "sign",
        "verify",
      ]);
}

/** The same key as 32 bytes in hex, for one who works with it outside the host. Nothing of the secret follows from it. */
export async function deriveKeyText(secret: string, purpose: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.deriveBits(toDerivation(purpose), await toMaterial(secret), 256)));
}

function toMaterial(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, "HKDF", false, ["deriveKey", "deriveBits"]);
}

function toDerivation(purpose: string) {
  return {
    name: "HKDF",
    hash: "SHA-256",
    salt: new Uint8Array(0),
    info: new TextEncoder().encode(`bulkhead/${purpose}`),
  };
}

/** Whether two texts are equal, in a time that does not depend on where they differ. Both are hashed first. */
export async function isSameSecret(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)]);
  let different = 0;
  for (let i = 0; i < left.length; i++) different |= left.charCodeAt(i) ^ right.charCodeAt(i);
  return different === 0;
}
