/** How is our own sandbox measured? Through its front door, as the host uses it. */
import { createSandbox, defaultLimits, type HostCalls, type Outcome, type Program } from "../../sandbox/index.ts";
import type { Call, Fixture } from "./contender.ts";

/** The smallest embedder: entries are exports. */
const RUNTIME = `(sandbox) => ({
  dispatch: (exports, name, input, context) => exports[name](input, { ...context, call: (op, ...args) => sandbox.call(op, args) }),
  inspect: (exports) => Object.keys(exports),
})`;

/** A VM that is kept for the whole bench. */
const FOR_EVER_MS = 3_600_000;

export const NO_HOST: HostCalls = {
  call: async (op) => ({ ok: false, error: { name: "Error", code: "UNKNOWN", message: `No ${op}` } }),
  log: () => {},
};

export function toProgram(name: string, bundle: string): Program {
  return { name, runtime: RUNTIME, modules: {}, bundle };
}

export function toText(outcome: Outcome): string {
  if (!outcome.ok) throw new Error(`Expected a value, got ${JSON.stringify(outcome.failure)}.`);
  return outcome.value;
}

type AnySandbox = ReturnType<typeof createSandbox>;

/** A pristine VM for each call. */
export async function restored(sandbox: AnySandbox, fixture: Fixture): Promise<Call> {
  const program = toProgram(`bench-${fixture.size}@1.0.0`, fixture.source);
  return async (input) => {
    const opened = await sandbox.open(program, defaultLimits);
    if (!opened.ok) throw new Error(`Cannot open: ${JSON.stringify(opened.failure)}.`);
    const outcome = await opened.vm.invoke({ name: "main", input, context: "{}" }, NO_HOST, defaultLimits);
    opened.vm.close();
    return toText(outcome);
  };
}

/** One VM for all calls: what the next visitor sees is what the last one left. */
export async function longlived(sandbox: AnySandbox, fixture: Fixture): Promise<Call> {
  const program = toProgram(`bench-longlived-${fixture.size}@1.0.0`, fixture.source);
  const opened = await sandbox.open(program, defaultLimits, { leaseMs: FOR_EVER_MS });
  if (!opened.ok) throw new Error(`Cannot open: ${JSON.stringify(opened.failure)}.`);
  return async (input) =>
    toText(await opened.vm.invoke({ name: "main", input, context: "{}" }, NO_HOST, defaultLimits));
}
