/** How is our own sandbox measured? Through its front door, as the host uses it; without images one step further in. */
import { createAnswers } from "../../sandbox/bridge/answer.ts";
import type { EngineFactory } from "../../sandbox/engine/engine.ts";
import { createQuickJsFactory } from "../../sandbox/engine/quickjs.ts";
import { evaluateAtTopLevel } from "../../sandbox/evaluate.ts";
import { prelude } from "../../sandbox/guest/prelude.gen.ts";
import { createSandbox, defaultLimits, type HostCalls, type Outcome, type Program } from "../../sandbox/index.ts";
import { createVm, type VmParts } from "../../sandbox/vm.ts";
import type { Call, Fixture } from "./contender.ts";

/** The smallest embedder: entries are exports. */
const RUNTIME = `(sandbox) => ({
  dispatch: (exports, name, input, context) => exports[name](input, { ...context, call: (op, ...args) => sandbox.call(op, args) }),
  inspect: (exports) => Object.keys(exports),
})`;

/** A VM that is kept for the whole bench. */
const FOR_EVER_MS = 3_600_000;

const SEED = "0123456789abcdef".repeat(2);

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

/** A new instance in which prelude and program were evaluated, as it is made where there is no image. */
async function evaluateAnew(factory: EngineFactory, program: Program): Promise<VmParts> {
  const engine = await factory.boot({ stackBytes: defaultLimits.stackBytes });
  const parts = { program, engine, answers: createAnswers(undefined), now: Date.now, seed: () => SEED };
  const { failed } = evaluateAtTopLevel(parts, prelude, defaultLimits);
  if (failed !== undefined) throw new Error(`Cannot evaluate: ${JSON.stringify(failed.failure)}.`);
  return parts;
}

/** A new instance for each call: what ours would cost without images. */
export async function ownFresh(wasm: WebAssembly.Module, { size, source }: Fixture): Promise<Call> {
  const factory = createQuickJsFactory(wasm);
  const program = toProgram(`bench-fresh-${size}@1.0.0`, source);
  return async (input) => {
    const parts = await evaluateAnew(factory, program);
    const vm = createVm(parts, { onIdle: () => {}, onEnd: parts.engine.close });
    const outcome = await vm.invoke({ name: "main", input, context: "{}" }, NO_HOST, defaultLimits);
    vm.close();
    return toText(outcome);
  };
}

/** The same, without a call. */
export function evaluated(wasm: WebAssembly.Module, program: Program): Call {
  const factory = createQuickJsFactory(wasm);
  return async () => {
    const { engine } = await evaluateAnew(factory, program);
    engine.close();
    return "";
  };
}
