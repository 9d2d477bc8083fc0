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

/** The row that follows the head. */
export async function nextRow(key: CryptoKey, head: AuditHead, event: AuditEvent): Promise<AuditRow> {
  const row = {
    seq: head.seq + 1,
    at: event.at,
    actor: event.actor,
    act: event.act,
    target: event.target,
    detail: toCanonicalJson(event.detail),
  };
  return { ...row, hash: await hashRow(key, head.hash, row) };
}

/** The hash a row must carry after the given one. */
export async function hashRow(key: CryptoKey, before: string, row: Omit<AuditRow, "hash">): Promise<string> {
  const { seq, at, actor, act, target, detail } = row;
  const text = toCanonicalJson([before, seq, at, actor, act, target, detail]);
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text))));
}
