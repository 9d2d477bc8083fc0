/**
 * How is a secret kept? Sealed with AES-GCM under a key derived from SECRETS_KEY; plugin and setting are bound in as
 * associated data, so a row moved to another plugin does not open. The key's id stands in the envelope.
 */
import { deriveKey, fromBase64, sha256, toBase64 } from "../crypto.ts";
import { HostError } from "../errors.ts";

/** Where a secret belongs. */
export interface SecretPlace {
  readonly plugin: string;
  readonly key: string;
}

/** Seals a value. The envelope is `1.<key id>.<iv>.<ciphertext>`. */
export async function sealSecret(secretsKey: string, place: SecretPlace, value: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: placeBytes(place) },
    await deriveKey(secretsKey, "secrets", "encrypt"),
    new TextEncoder().encode(value),
  );
  return ["1", await keyId(secretsKey), toBase64(iv), toBase64(new Uint8Array(sealed))].join(".");
}

/** Whether an envelope was sealed under another key than this one. */
export async function isSealedBefore(secretsKey: string, envelope: string): Promise<boolean> {
  return envelope.split(".")[1] !== (await keyId(secretsKey));
}

/** Opens an envelope with the one of the keys that sealed it. Throws SETTINGS_INVALID where it is none of them. */
export async function openSecret(
  secretsKeys: readonly string[],
  place: SecretPlace,
  envelope: string,
): Promise<string> {
  const [, id, iv, sealed] = envelope.split(".");
  const unreadable = new HostError(
    "SETTINGS_INVALID",
    `The secret "${place.key}" of ${place.plugin} cannot be opened with the present SECRETS_KEY. Set it again.`,
  );
  const ids = await Promise.all(secretsKeys.map(keyId));
  const secretsKey = secretsKeys[ids.indexOf(id ?? "")];
  if (secretsKey === undefined || iv === undefined || sealed === undefined) throw unreadable;
  try {
    const value = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: fromBase64(iv), additionalData: placeBytes(place) },
      await deriveKey(secretsKey, "secrets", "encrypt"),
      fromBase64(sealed),
    );
    return new TextDecoder().decode(value);
  } catch {
    throw unreadable;
  }
}

function placeBytes({ plugin, key }: SecretPlace): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([plugin, key]));
}

async function keyId(secretsKey: string): Promise<string> {
  return (await sha256(`bulkhead/secrets-key-id/${secretsKey}`)).slice(0, 8);
}
