/** Where is an author's private key? In a file that only its owner reads and that is never written over. */
import { readFile, writeFile } from "node:fs/promises";
import { createSigningKey, toSigningKey, type SigningKey } from "../host/bundle/sign.ts";

/** A key with the name it signs under. */
export interface AuthorKey {
  readonly publisher: string;
  readonly key: SigningKey;
}

/** Writes a new key. Rejects where there is a file already. */
export async function writeNewKey(path: string, publisher: string): Promise<AuthorKey> {
  const key = await createSigningKey();
  const file = {
    publisher,
    keyId: key.publicKey.keyId,
    publicKey: key.publicKey.text,
    privateKey: await crypto.subtle.exportKey("jwk", key.privateKey),
  };
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`, { flag: "wx", mode: 0o600 });
  return { publisher, key };
}

/** Reads a key. Rejects with what is wrong with the file. */
export async function readKey(path: string): Promise<AuthorKey> {
  const text = await readFile(path, "utf8");
  try {
    const { publisher, privateKey } = JSON.parse(text) as { publisher: string; privateKey: JsonWebKey };
    return { publisher, key: await toSigningKey(privateKey) };
  } catch (error) {
    throw new Error(`${path} is no key of bulkhead keygen: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
