/**
 * Did this host write these bytes, for this key? A stored image is native code to whoever loads it, so it carries an
 * HMAC over its key and its bytes, and anything else counts as not stored.
 */
/** The key of the HMAC; the embedder derives it from a secret of its own. */
export type MacKey = SandboxCryptoKey;
/** The bytes with their seal in front. */
export declare function seal(
  mac: MacKey,
  key: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>>;
/** The bytes without their seal; undefined when it is not theirs. */
export declare function unseal(
  mac: MacKey,
  key: string,
  sealed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined>;
