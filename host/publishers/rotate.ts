/**
 * How does another key take a key's place? By a statement the old one signed, or by an administrator's word alone, which is
 * said wherever the change is shown. Plugins that were held to the old key are held to the new one from then on.
 */
import type { Actor } from "../actor.ts";
import { parsePublicKey, verifyText } from "../bundle/publisher-key.ts";
import { toRotationText } from "../bundle/signed-text.ts";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import type { Services } from "../services.ts";
import { listPins, movePins, putPublisherKey, type PublisherKeyRow } from "../store/d1/publishers.ts";
import { readKeys } from "./keys.ts";
import { assertKey, assertNew, toRow } from "./register.ts";
import { findKey } from "./revoke.ts";

/** What takes the key's place. */
export interface Rotation {
  readonly publicKey: string;
  /** The old key's signature of `toRotationText`; undefined: the administrator says so. */
  readonly statement: string | undefined;
  readonly note: string;
}

/** What came of it. */
export interface Rotated {
  readonly keyId: string;
  /** Plugins that are held to the new key now. */
  readonly plugins: readonly string[];
}

/** Replaces a key. Throws NOT_FOUND, CONFLICT, BAD_REQUEST and, for a statement that does not hold, SIGNATURE_INVALID. */
export async function rotateKey(services: Services, by: Actor, from: string, rotation: Rotation): Promise<Rotated> {
  const { publicKey, statement, note } = rotation;
  const next = await assertKey(publicKey);
  const { db } = services;
  return commitAct(services, by, async () => {
    const old = await findKey(db, from);
    assertNew(await readKeys(db), next);
    if (old.replaced_by !== null) {
      throw new HostError("CONFLICT", `The key ${from} was replaced by ${old.replaced_by} already. Replace that one.`);
    }
    if (statement !== undefined) await assertStatement(old, next.keyId, statement);
    const how = statement === undefined ? "replaced" : "rotated";
    const plugins = (await listPins(db)).filter((pin) => pin.key_id === from).map((pin) => pin.plugin_id);
    const at = services.now().toISOString();
    return {
      statements: [
        putPublisherKey(db, toRow(next, { publisher: old.publisher, note, by, at })),
        putPublisherKey(db, { ...old, replaced_by: next.keyId, replaced_at: at }),
        movePins(db, { from, to: next.keyId, how, at, by: by.id }),
      ],
      act: "publisher.rotate",
      target: from,
      detail: { publisher: old.publisher, to: next.keyId, publicKey: next.text, how, plugins, note },
      value: { keyId: next.keyId, plugins },
    };
  });
}

async function assertStatement(old: PublisherKeyRow, to: string, statement: string): Promise<void> {
  // SECURITY: whoever stole a key must not name its successor once that is known. (tests/host/publishers.test.ts, "a revoked key names nobody")
  if (old.revoked_at !== null) {
    throw new HostError(
      "SIGNATURE_INVALID",
      `The key ${old.key_id} was revoked at ${old.revoked_at}, so its statement counts for nothing. Leave it out to replace the key on your own word.`,
    );
  }
  const key = await parsePublicKey(old.public_key);
  if (key.ok && (await verifyText(key.value, statement, toRotationText({ from: old.key_id, to })))) return;
  throw new HostError(
    "SIGNATURE_INVALID",
    `The statement is not one of the key ${old.key_id} for ${to}. Make it with: npx bulkhead rotate --previous old.key --key new.key`,
  );
}
