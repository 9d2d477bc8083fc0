/**
 * How is the audit chained? Each row's hash is an HMAC, under a key derived from SECRETS_KEY, over the hash before it and
 * the row itself. Pure but for the key; nobody without the key can write a row that verifies.
 */
import { toCanonicalJson } from "../canonical-json.ts";
import { toHex } from "../crypto.ts";
import type { AuditHead, AuditRow } from "../store/d1/audit.ts";

/** An act, before it has its place in the chain. */
export interface AuditEvent {
  readonly at: string;
  readonly actor: string;
  /** What was done, e.g. `plugin.consent`. */
  readonly act: string;
  /** To what, e.g. a plugin id. */
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The rows that follow the head, in the order of the events. */
export async function nextRows(
  key: CryptoKey,
  head: AuditHead,
  events: readonly AuditEvent[],
): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for (const event of events) {
    const before = rows.at(-1) ?? head;
    const row = {
      seq: before.seq + 1,
      at: event.at,
      // The database keeps no half of a surrogate pair; a hash over one would not be the hash of what is read back.
      actor: event.actor.toWellFormed(),
      act: event.act,
      target: event.target.toWellFormed(),
      detail: toCanonicalJson(event.detail),
    };
    rows.push({ ...row, hash: await hashRow(key, before.hash, row) });
  }
  return rows;
}

/** The hash a row must carry after the given one. */
export async function hashRow(key: CryptoKey, before: string, row: Omit<AuditRow, "hash">): Promise<string> {
  const { seq, at, actor, act, target, detail } = row;
  const text = toCanonicalJson([before, seq, at, actor, act, target, detail]);
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))));
}
