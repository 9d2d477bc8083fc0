/** Is the audit as it was written? Walks the chain from the first row; answers where it breaks. */
import { deriveKey } from "../crypto.ts";
import type { Services } from "../services.ts";
import { readAudit } from "../store/d1/audit.ts";
import { hashRow } from "./chain.ts";

/** The state of the chain. `brokenAt` is the first row that does not follow from the one before it. */
export interface Verification {
  readonly ok: boolean;
  readonly length: number;
  readonly head: string;
  readonly brokenAt?: number;
}

const PAGE = 500;

/** Walks the whole chain. */
export async function verifyAudit({ db, secretsKey }: Services): Promise<Verification> {
  const key = await deriveKey(secretsKey, "audit", "sign");
  let seq = 0;
  let head = "";
  for (;;) {
    const rows = await readAudit(db, seq, PAGE);
    for (const row of rows) {
      const expected = await hashRow(key, head, row);
      if (row.seq !== seq + 1 || row.hash !== expected) return { ok: false, length: seq, head, brokenAt: seq + 1 };
      seq = row.seq;
      head = row.hash;
    }
    if (rows.length < PAGE) return { ok: true, length: seq, head };
  }
}
