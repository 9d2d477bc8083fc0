/** How does a publisher's key become known here? An administrator registers it under a name; from then on it proves that name. */
import type { Actor } from "../actor.ts";
import { parsePublicKey, type PublicKey } from "../bundle/publisher-key.ts";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import type { Services } from "../services.ts";
import { putPublisherKey, type PublisherKeyRow } from "../store/d1/publishers.ts";
import { PUBLISHER_LIMITS } from "./limits.ts";
import { readKeys, stateOf, type PublisherKeys } from "./keys.ts";

/** A key to be registered. */
export interface NewKey {
  /** base64url. */
  readonly publicKey: string;
  readonly publisher: string;
  readonly note: string;
}

/** Registers a key, and answers its id. Throws BAD_REQUEST for what is no key, CONFLICT for one that is known. */
export async function registerKey(
  services: Services,
  by: Actor,
  { publicKey, publisher, note }: NewKey,
): Promise<string> {
  const key = await assertKey(publicKey);
  return commitAct(services, by, async () => {
    assertNew(await readKeys(services.db), key);
    return {
      statements: [putPublisherKey(services.db, toRow(key, { publisher, note, by, at: services.now().toISOString() }))],
      act: "publisher.register",
      target: key.keyId,
      detail: { publisher, publicKey: key.text, note },
      value: key.keyId,
    };
  });
}

/** The key. Throws BAD_REQUEST. */
export async function assertKey(text: string): Promise<PublicKey> {
  const key = await parsePublicKey(text);
  if (!key.ok) throw new HostError("BAD_REQUEST", `Cannot register the key: ${key.reason}.`);
  return key.value;
}

/** Throws CONFLICT for a key that is known, and where there is room for no more. */
export function assertNew(keys: PublisherKeys, { keyId }: PublicKey): void {
  const known = keys.get(keyId);
  if (known) {
    const state = stateOf(known);
    const is = state === "valid" ? "is registered already" : `was registered and has been ${state}`;
    throw new HostError(
      "CONFLICT",
      `The key ${keyId} ${is}, for "${known.publisher}". Make another: npx bulkhead keygen`,
    );
  }
  if (keys.size >= PUBLISHER_LIMITS.keys) {
    throw new HostError("CONFLICT", `${PUBLISHER_LIMITS.keys} keys are registered, the most this host keeps.`);
  }
}

/** The row of a key that stands. */
export function toRow(
  key: PublicKey,
  {
    publisher,
    note,
    by,
    at,
  }: { readonly publisher: string; readonly note: string; readonly by: Actor; readonly at: string },
): PublisherKeyRow {
  return {
    key_id: key.keyId,
    public_key: key.text,
    publisher,
    note,
    registered_at: at,
    registered_by: by.id,
    revoked_at: null,
    revoked_by: null,
    revoked_note: null,
    replaced_by: null,
    replaced_at: null,
  };
}
