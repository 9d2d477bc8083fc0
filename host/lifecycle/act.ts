/**
 * How does an administrative act take effect? As one D1 batch that holds its rows, its audit row and the new generation:
 * all of it or nothing. The audit number orders the writers; one that lost a race decides again on what it then finds.
 */
import type { Actor } from "../actor.ts";
import { nextRow } from "../audit/chain.ts";
import { deriveKey } from "../crypto.ts";
import { HostError } from "../errors.ts";
import type { Services } from "../services.ts";
import { appendRow, isAuditConflict, readHead } from "../store/d1/audit.ts";
import { bumpGeneration } from "../store/d1/state.ts";

/** What an act decided to write. */
export interface Decision<Value> {
  readonly statements: readonly D1PreparedStatement[];
  readonly act: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly value: Value;
  /** Turns what the database refused of the statements into words for whoever acts. */
  readonly explain?: (error: unknown) => HostError | undefined;
}

/** Of writers that meet, one wins each round; this many can meet before somebody has to ask again. */
const ATTEMPTS = 40;
/** The longest pause between two attempts, in milliseconds. */
const PAUSE_MS = 100;

/** Runs `decide` on the present state and commits what it decided. `decide` throws a HostError where it refuses. */
export async function commitAct<Value>(
  services: Services,
  by: Actor,
  decide: () => Promise<Decision<Value>>,
): Promise<Value> {
  const key = await deriveKey(services.secretsKey, "audit", "sign");
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Before the state is read: whatever changes after this moves the head, and the batch below then fails.
    const head = await readHead(services.db);
    const decision = await decide();
    const row = await nextRow(key, head, {
      at: services.now().toISOString(),
      actor: `${by.kind}:${by.id}`,
      act: decision.act,
      target: decision.target,
      detail: decision.detail,
    });
    try {
      await services.db.batch([...decision.statements, appendRow(services.db, row), bumpGeneration(services.db)]);
      return decision.value;
    } catch (error) {
      if (!isAuditConflict(error)) throw decision.explain?.(error) ?? error;
    }
    // By chance, so that those who met once do not meet again and again.
    const pause = Math.random() * Math.min(PAUSE_MS, 5 * 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new HostError("CONFLICT", "Others are changing plugins at this moment. Nothing was changed; try again.");
}
