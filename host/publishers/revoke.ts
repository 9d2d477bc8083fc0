/**
 * What does revoking a key do? Nothing signed with it is taken in any more. What runs goes on and says so, unless the policy
 * has `revokedKeys: "stopped"` or asks for signatures. It cannot be taken back.
 */
import type { Actor } from "../actor.ts";
import { HostError } from "../errors.ts";
import { commitAct } from "../lifecycle/act.ts";
import type { Services } from "../services.ts";
import { listSignedBy } from "../store/d1/plugins.ts";
import { putPublisherKey, type PublisherKeyRow } from "../store/d1/publishers.ts";
import { readKeys } from "./keys.ts";

/** Revokes a key, and answers the plugins whose live version it signed. Throws NOT_FOUND, and CONFLICT for one that is revoked. */
export async function revokeKey(
  services: Services,
  by: Actor,
  keyId: string,
  note: string,
): Promise<readonly string[]> {
  return commitAct(services, by, async () => {
    const key = await findKey(services.db, keyId);
    if (key.revoked_at !== null) {
      throw new HostError("CONFLICT", `The key ${keyId} was revoked at ${key.revoked_at} already.`);
    }
    const live = await listSignedBy(services.db, keyId);
    const at = services.now().toISOString();
    return {
      statements: [putPublisherKey(services.db, { ...key, revoked_at: at, revoked_by: by.id, revoked_note: note })],
      act: "publisher.revoke",
      target: keyId,
      detail: { publisher: key.publisher, note, live },
      value: live,
    };
  });
}

/** The row of a registered key. Throws NOT_FOUND. */
export async function findKey(db: D1Database, keyId: string): Promise<PublisherKeyRow> {
  const key = (await readKeys(db)).get(keyId);
  if (key) return key;
  throw new HostError("NOT_FOUND", `The key ${keyId.slice(0, 64)} is not registered here. Register it first.`);
}
