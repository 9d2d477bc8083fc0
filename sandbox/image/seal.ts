/**
 * Did this host write these bytes, for this key? A stored image is native code to whoever loads it, so it carries an
 * HMAC over its key and its bytes, and anything else counts as not stored.
 */

/** The key of the HMAC; the embedder derives it from a secret of its own. */
export type MacKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const MAC_BYTES = 32;
const encoder = new TextEncoder();

/** The bytes with their seal in front. */
export async function seal(mac: MacKey, key: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const sealed = new Uint8Array(MAC_BYTES + bytes.length);
  sealed.set(new Uint8Array(await crypto.subtle.sign("HMAC", mac, await toSigned(key, bytes))));
  sealed.set(bytes, MAC_BYTES);
  return sealed;
}

/** The bytes without their seal; undefined when it is not theirs. */
export async function unseal(
  mac: MacKey,
  key: string,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (sealed.length <= MAC_BYTES) return undefined;
  const bytes = sealed.slice(MAC_BYTES);
  // SECURITY: one changed byte, or the image of another program, is not loaded (tests/sandbox/image.test.ts, "one flipped byte").
  const isOurs = await crypto.subtle.verify("HMAC", mac, sealed.subarray(0, MAC_BYTES), await toSigned(key, bytes));
  return isOurs ? bytes : undefined;
}

/** The image enters by its digest, so that nothing of its size has to be copied. */
async function toSigned(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const head = encoder.encode(`bulkhead image ${key} `);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const signed = new Uint8Array(head.length + digest.length);
  signed.set(head);
  signed.set(digest, head.length);
  return signed;
}
