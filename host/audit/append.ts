/**
 * How do rows get into the chain? In one D1 batch with whatever they record: all of it or nothing. The audit number orders
 * the writers; one that lost a race decides again on what it then finds.
 */
import { deriveKey } from "../crypto.ts";
import { HostError } from "../errors.ts";
import type { Services } from "../services.ts";
import { appendRows, hasRow, isAuditConflict, readHead } from "../store/d1/audit.ts";
import { nextRows, type AuditEvent } from "./chain.ts";

/** What a writer decided to write. */
export interface Addition<Value> {
  readonly statements: readonly D1PreparedStatement[];
  /** Without any, nothing is written at all. */
  readonly events: readonly AuditEvent[];
  readonly value: Value;
  /** Turns what the database refused of the statements into words for whoever acts. */
  readonly explain?: ((error: unknown) => HostError | undefined) | undefined;
}

/** Of writers that meet, one wins each round; this many can meet before somebody has to ask again. */
const ATTEMPTS = 40;
/** The longest pause between two attempts, in milliseconds. */
const PAUSE_MS = 100;

/** Runs `decide` on the present state and commits what it decided. Throws CONFLICT where others were faster each time. */
export async function appendToAudit<Value>(services: Services, decide: () => Promise<Addition<Value>>): Promise<Value> {
  const { db, secretsKey, anchors } = services;
  const key = await deriveKey(secretsKey, "audit", "sign");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Before the state is read: whatever changes after this moves the head, and the batch below then fails.
    const head = await readHead(db);
    const { statements, events, value, explain } = await decide();
    if (events.length === 0) return value;
    const rows = await nextRows(key, head, events);
    try {
      await db.batch([...statements, appendRows(db, rows)]);
    } catch (error) {
      if (isAuditConflict(error)) {
        // By chance, so that those who met once do not meet again and again.
        const pause = Math.random() * Math.min(PAUSE_MS, 5 * 2 ** attempt);
        await new Promise((resolve) => setTimeout(resolve, pause));
        continue;
      }
      const refused = explain?.(error);
      if (refused) throw refused;
      // The database may have done it and its answer may be lost: then its row tells. (tests/host/faults.source.test.ts)
      if (!(await hasRow(db, rows.at(-1)!).catch(() => false))) throw error;
    }
    anchors?.note(rows.at(-1)!);
    return value;
  }
  throw new HostError("CONFLICT", "Others are changing plugins at this moment. Nothing was changed; try again.");
}
