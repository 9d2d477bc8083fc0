/**
 * Is the audit as it was written? Walks the chain from the first row, compares every anchor with the row of its number, and
 * answers the first thing that is wrong. Rows that are added meanwhile do no harm.
 */
import { deriveKey } from "../crypto.ts";
import type { Services } from "../services.ts";
import type { Anchor } from "../store/anchors.ts";
import { readAudit, type AuditRow } from "../store/d1/audit.ts";
import { hashRow } from "./chain.ts";
import { cutFault, findAnchorFault, findLateFault, findRowFault, type Fault } from "./fault.ts";

/** The state of the chain. */
export interface Verification {
  readonly ok: boolean;
  /** Rows that are as they were written, from the first on. */
  readonly length: number;
  /** The hash of the last of them. */
  readonly head: string;
  /** The first row that is not the one it has to be. */
  readonly brokenAt?: number;
  /** What is wrong, in words. */
  readonly reason?: string;
  /**
   * The newest anchor that agrees with its row, or the one that does not. `none`: no bucket is bound, so a cut end and a
   * chain written anew are not noticed. Null: no anchor was reached.
   */
  readonly anchor: (Pick<Anchor, "seq" | "at"> & { readonly ok: boolean }) | "none" | null;
}

/** Rows read at once; D1 lets an invocation ask 1,000 times. */
const PAGE = 1_000;

/** Verifies the whole chain. */
export async function verifyAudit({ db, secretsKeys, anchors, now }: Services): Promise<Verification> {
  const toHash = await createHasher(secretsKeys);
  // Before the rows: what was anchored by then has to be there when the walk ends.
  const kept = anchors ? await readAnchors(anchors.list()) : undefined;
  let [length, head] = [0, ""];
  let agreed: Anchor | undefined;
  let unanchored: AuditRow | undefined;

  const answer = (fault?: Fault, disagreed?: Anchor): Verification => {
    const shown = disagreed ?? agreed;
    const anchor = shown ? { seq: shown.seq, at: shown.at, ok: !disagreed } : null;
    return { ok: !fault, length, head, ...fault, anchor: kept ? anchor : "none" };
  };

  for (let after: number | undefined; ; after = length) {
    const rows = await readAudit(db, after, PAGE);
    const hashes = await toHash(rows, head);
    for (const [i, row] of rows.entries()) {
      const fault = findRowFault(row, { seq: length + 1, hash: hashes[i]! });
      if (fault) return answer(fault);
      const anchor = kept?.get(row.seq);
      const changed = anchor && findAnchorFault(row, anchor, agreed?.seq ?? 0);
      if (changed) return answer(changed, anchor);
      [length, head] = [row.seq, row.hash];
      if (anchor) [agreed, unanchored] = [anchor, undefined];
      else unanchored ??= row;
    }
    if (rows.length < PAGE) break;
  }
  const cut = kept && [...kept.values()].findLast(({ seq }) => seq > length);
  if (cut) return answer(cutFault(length, cut), cut);
  return answer(kept && findLateFault(unanchored, now()));
}

/** Finds the hashes that rows must carry, one page after the other. */
async function createHasher(secretsKeys: readonly string[]) {
  const keys = await Promise.all(secretsKeys.toReversed().map((secret) => deriveKey(secret, "audit", "sign")));
  // SECURITY: whoever got hold of a key that was replaced writes no row after the first under the next one.
  // (tests/host/rotation.source.test.ts, "under a key that was replaced")
  let oldest = 0;
  return async (rows: readonly AuditRow[], head: string): Promise<readonly string[]> => {
    // Each over the hash that stands before it, so none has to wait for another.
    const under = await Promise.all(
      keys.map((key) => Promise.all(rows.map((row, i) => hashRow(key, rows[i - 1]?.hash ?? head, row)))),
    );
    return rows.map(({ hash }, i) => {
      const found = under.findIndex((hashes, age) => age >= oldest && hashes[i] === hash);
      if (found !== -1) oldest = found;
      return under[oldest]![i]!;
    });
  };
}

async function readAnchors(pages: AsyncIterable<readonly Anchor[]>): Promise<ReadonlyMap<number, Anchor>> {
  const anchors = new Map<number, Anchor>();
  for await (const page of pages) for (const anchor of page) anchors.set(anchor.seq, anchor);
  return anchors;
}
