/** How does an author sign a bundle? With a private key that stays on the author's machine; the host never sees one. */
import { toBase64Url } from "../crypto.ts";
import { digestFiles } from "./digest.ts";
import { parsePublicKey, type PublicKey } from "./publisher-key.ts";
import { SIGNATURE_FILE } from "./signature.ts";
import { toRotationText, toSignedText } from "./signed-text.ts";
import type { BundleFiles } from "./unpack.ts";

/** A pair of keys. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  readonly privateKey: CryptoKey;
}

/** What to say besides. */
export interface Signing {
  readonly plugin: string;
  readonly version: string;
  readonly publisher: string;
  readonly signedAt: Date;
  readonly expiresAt: Date | null;
  /** The key that this one takes the place of. */
  readonly previous: SigningKey | null;
}

/** A new pair, which can be exported. */
export async function createSigningKey(): Promise<SigningKey> {
  const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"])) as CryptoKeyPair;
  return toSigningKey((await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey);
}

/** The pair of a private key as JWK. Throws where it is none. */
export async function toSigningKey(jwk: JsonWebKey): Promise<SigningKey> {
  const publicKey = await parsePublicKey(String(jwk.x));
  if (!publicKey.ok) throw new Error(publicKey.reason);
  const privateKey = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, true, ["sign"]);
  return { publicKey: publicKey.value, privateKey };
}

/** The files with their signature; one that was there is replaced. */
export async function signFiles(files: BundleFiles, key: SigningKey, signing: Signing): Promise<BundleFiles> {
  const { previous, plugin, version, publisher } = signing;
  const { keyId, text: publicKey } = key.publicKey;
  const rest = new Map([...files].filter(([path]) => path !== SIGNATURE_FILE));
  const [signedAt, expiresAt] = [signing.signedAt.toISOString(), signing.expiresAt?.toISOString() ?? null];
  const said = { keyId, publisher, signedAt, expiresAt };
  const signature = await signText(key, toSignedText({ plugin, version, files: await digestFiles(rest), ...said }));
  const file = {
    keyId,
    publicKey,
    publisher,
    signedAt,
    ...(expiresAt === null ? {} : { expiresAt }),
    signature,
    ...(previous === null
      ? {}
      : { previous: { publicKey: previous.publicKey.text, signature: await signRotation(previous, keyId) } }),
  };
  return rest.set(SIGNATURE_FILE, new TextEncoder().encode(`${JSON.stringify(file, null, 2)}\n`));
}

/** The old key's word for the one that takes its place. */
export function signRotation(previous: SigningKey, keyId: string): Promise<string> {
  return signText(previous, toRotationText({ from: previous.publicKey.keyId, to: keyId }));
}

async function signText({ privateKey }: SigningKey, text: string): Promise<string> {
  const bytes = await crypto.subtle.sign({ name: "Ed25519" }, privateKey, new TextEncoder().encode(text));
  return toBase64Url(new Uint8Array(bytes));
}
