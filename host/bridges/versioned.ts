/**
 * How are kv and storage written only where nobody else has written meanwhile? A revision is a hash of the stored text and
 * of the time of its write. EmDash's tables need no column for it, and it tells A from an A that was B in between.
 */
import { sha256 } from "../crypto.ts";
import type { Place, UniqueIndex, WrittenDocument } from "../store/d1/plugin-documents.ts";
import {
  createDocument,
  deleteDocument,
  replaceDocument,
  type Replacement,
  type SwapEnd,
} from "../store/d1/plugin-revisions.ts";
import type { BridgeCall } from "./define-bridge.ts";
import { readDocuments } from "./documents.ts";

/** A value with its revision. */
export interface Versioned {
  readonly value: unknown;
  readonly revision: string;
}

/** What is to be written, where it still has the revision; null: where it is not there. */
export interface Swap {
  readonly id: string;
  readonly expected: string | null;
  /** JSON text. */
  readonly data: string;
  readonly unique?: readonly UniqueIndex[];
  /** ISO 8601. */
  readonly expiresAt?: string | undefined;
}

/** What came of a swap. */
export type Swapped = { readonly applied: true; readonly revision: string } | { readonly applied: false };

/** A value with its revision, or null. */
export async function getVersioned(call: BridgeCall, place: Place, id: string): Promise<Versioned | null> {
  const [found] = await readDocuments(call, place, [id]);
  return found ? { value: JSON.parse(found.data) as unknown, revision: await toRevision(found) } : null;
}

/** Writes a value where it has the revision. `notUnique` makes the refusal for a value that another document has. */
export async function compareAndSet(
  call: BridgeCall,
  place: Place,
  { id, expected, data, unique = [], expiresAt }: Swap,
  notUnique: () => Error,
): Promise<Swapped> {
  const found = expected === null ? undefined : await findExpected(call, place, id, expected);
  if (expected !== null && !found) return { applied: false };
  const writtenAt = found ? toLaterTime(found.updated_at, place.at) : place.at;
  const replacement: Replacement = { document: { id, data }, writtenAt, unique, expiresAt };
  const end: SwapEnd = await (found
    ? replaceDocument(call.services.db, place, found, replacement)
    : createDocument(call.services.db, place, replacement));
  if (end === "not-unique") throw notUnique();
  if (end === "conflict") return { applied: false };
  return { applied: true, revision: await toRevision({ id, data, updated_at: writtenAt }) };
}

/** Deletes a value where it has the revision. */
export async function compareAndDelete(
  call: BridgeCall,
  place: Place,
  { id, expected }: Pick<Swap, "id"> & { readonly expected: string },
): Promise<{ readonly applied: boolean }> {
  const found = await findExpected(call, place, id, expected);
  return { applied: found !== undefined && (await deleteDocument(call.services.db, place, found)) };
}

async function findExpected(
  call: BridgeCall,
  place: Place,
  id: string,
  expected: string,
): Promise<WrittenDocument | undefined> {
  const [found] = await readDocuments(call, place, [id]);
  return found && (await toRevision(found)) === expected ? found : undefined;
}

async function toRevision({ data, updated_at }: WrittenDocument): Promise<string> {
  return (await sha256(`${updated_at ?? ""}\n${data}`)).slice(0, 32);
}

/** Now, or a millisecond after the last write where the clock has not moved since. */
function toLaterTime(last: string | null, now: string): string {
  // EmDash's tables hold times without a zone, in UTC.
  const time = Date.parse(last === null || last.endsWith("Z") ? (last ?? "") : `${last.replace(" ", "T")}Z`);
  return Number.isNaN(time) || time < Date.parse(now) ? now : new Date(time + 1).toISOString();
}
