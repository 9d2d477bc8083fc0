/**
 * How does an administrative act take effect? As one D1 batch that holds its rows, its audit row and the new generation:
 * all of it or nothing.
 */
import type { HostError } from "../errors.ts";
import type { Actor } from "../actor.ts";
import { appendToAudit } from "../audit/append.ts";
import type { Services } from "../services.ts";
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

/** What an act answers that finds things as it would leave them: the second of two calls, whose first answer was lost. */
export interface Unchanged<Value> {
  readonly unchanged: Value;
}

/**
 * Runs `decide` on the present state and commits what it decided. `decide` throws a HostError where it refuses; where it
 * finds nothing to do, nothing is written.
 */
export async function commitAct<Value>(
  services: Services,
  by: Actor,
  decide: () => Promise<Decision<Value> | Unchanged<Value>>,
): Promise<Value> {
  return appendToAudit(services, async () => {
    const decided = await decide();
    if ("unchanged" in decided) return { statements: [], events: [], value: decided.unchanged };
    const { statements, act, target, detail, value, explain } = decided;
    const event = { at: services.now().toISOString(), actor: toActorText(by), act, target, detail };
    return { statements: [...statements, bumpGeneration(services.db)], events: [event], value, explain };
  });
}

/** How the audit names whoever acted. */
export function toActorText({ kind, id }: Actor): string {
  return `${kind}:${id}`;
}
