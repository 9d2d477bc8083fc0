/**
 * How does an administrative act take effect? As one D1 batch that holds its rows, its audit row and the new generation:
 * all of it or nothing.
 */
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
}

/** Runs `decide` on the present state and commits what it decided. `decide` throws a HostError where it refuses. */
export async function commitAct<Value>(
  services: Services,
  by: Actor,
  decide: () => Promise<Decision<Value>>,
): Promise<Value> {
  return appendToAudit(services, async () => {
    const { statements, act, target, detail, value } = await decide();
    const event = { at: services.now().toISOString(), actor: `${by.kind}:${by.id}`, act, target, detail };
    return { statements: [...statements, bumpGeneration(services.db)], events: [event], value };
  });
}
