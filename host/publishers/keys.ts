/** Which keys does this installation know, and do they still stand? Plain data, read with what they bound. */
import { selectPublisherKeys, type PublisherKeyRow } from "../store/d1/publishers.ts";

/** The registered keys by their id, whatever became of them. */
export type PublisherKeys = ReadonlyMap<string, PublisherKeyRow>;

/** None, as on an installation where nobody registered any. */
export const NO_KEYS: PublisherKeys = new Map();

/** What became of a key: `replaced` by another of the same publisher, or `revoked`, which is the last word. */
export type KeyState = "valid" | "replaced" | "revoked";

/** Keys from their rows. */
export function toKeys(rows: readonly PublisherKeyRow[]): PublisherKeys {
  return new Map(rows.map((row) => [row.key_id, row]));
}

/** Reads them. */
export async function readKeys(db: D1Database): Promise<PublisherKeys> {
  return toKeys((await selectPublisherKeys(db).all<PublisherKeyRow>()).results);
}

/** Whether a key may sign anything new. */
export function stateOf({ revoked_at, replaced_by }: PublisherKeyRow): KeyState {
  if (revoked_at !== null) return "revoked";
  return replaced_by === null ? "valid" : "replaced";
}

/** Whether somebody's keys are registered under the name, in whatever case it is written. */
export function isRegisteredName(keys: PublisherKeys, name: string): boolean {
  return [...keys.values()].some(({ publisher }) => publisher.toLowerCase() === name.toLowerCase());
}
