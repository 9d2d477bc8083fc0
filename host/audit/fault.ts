/** What is wrong with a chain? The faults a walk can meet, and their words. Pure. */
import type { Anchor } from "../store/anchors.ts";
import type { AuditRow } from "../store/d1/audit.ts";

/** The first thing found wrong. */
export interface Fault {
  /** The first row that is not the one it has to be; undefined where rows only lack an anchor. */
  readonly brokenAt?: number;
  readonly reason: string;
}

/** Milliseconds after which a row has an anchor, or something keeps it from having one. The clock anchors each minute. */
export const ANCHOR_DELAY_MS = 5 * 60_000;

/** The fault of the row that stands where `seq` has to stand, with the hash it must carry; undefined where it has none. */
export function findRowFault(row: AuditRow, { seq, hash }: Pick<AuditRow, "seq" | "hash">): Fault | undefined {
  if (row.seq > seq) return { brokenAt: seq, reason: `Row ${seq} is missing: the next one is ${row.seq}.` };
  if (row.seq < seq) return { brokenAt: row.seq, reason: `Row ${row.seq} stands before the first row, 1.` };
  if (row.hash === hash) return undefined;
  return {
    brokenAt: seq,
    reason: `Row ${seq} does not follow from the row before it: it was changed, replaced, inserted or moved, or written without the host's key.`,
  };
}

/** The fault of a row that was anchored with another hash. `good` is the newest row whose anchor agrees; 0 for none. */
export function findAnchorFault(row: AuditRow, anchor: Anchor, good: number): Fault | undefined {
  if (row.hash === anchor.hash) return undefined;
  return {
    brokenAt: row.seq,
    reason: `Row ${row.seq} is not the one whose hash was kept at ${anchor.at}: the chain was written anew from a row after ${good} on, or the anchor was changed.`,
  };
}

/** The fault of a chain that ends before a row that was anchored. */
export function cutFault(length: number, anchor: Anchor): Fault {
  return {
    brokenAt: length + 1,
    reason: `Row ${anchor.seq} was there at ${anchor.at} and the chain ends at ${length}: its end was cut off.`,
  };
}

/** The fault of rows that should have an anchor by now. `oldest` is the first row after the newest anchor. */
export function findLateFault(oldest: AuditRow | undefined, now: Date): Fault | undefined {
  if (!oldest || now.getTime() - Date.parse(oldest.at) < ANCHOR_DELAY_MS) return undefined;
  return {
    reason: `The rows from ${oldest.seq} on have no anchor since ${oldest.at}: the minute clock does not run, the bucket does not take it, or anchors were deleted.`,
  };
}
