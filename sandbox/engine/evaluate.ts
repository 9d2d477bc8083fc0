/**
 * How does a program get into a VM? Trusted halves first, then the bundle as a module, then its jobs; what still awaits
 * afterwards awaits for ever and is refused.
 */
import type { EngineProgram, Entered } from "./engine.ts";
import { GuestThrew, type Door } from "./door.ts";
import type { ContextPointer, Ffi, ValuePointer } from "./ffi.ts";
import type { GuestHalf } from "./guest-half.ts";
import type { ModuleResolver } from "./modules.ts";
import type { Values } from "./values.ts";

/** What QuickJS says of a promise; any other number stands for "no promise". */
const PROMISE = { pending: 0, fulfilled: 1, rejected: 2 } as const;

const STILL_AWAITS = JSON.stringify({
  name: "Error",
  message: "The bundle still awaits at top level: nothing can arrive there. Move the await into a hook or route.",
});

export interface EvaluateParts {
  readonly ffi: Ffi;
  readonly context: ContextPointer;
  readonly values: Values;
  readonly door: Door;
  readonly guest: GuestHalf;
  readonly modules: ModuleResolver;
  readonly imports: () => readonly ValuePointer[];
  readonly drain: () => Entered<number>;
  /** Runs what evaluates trusted code. */
  readonly trusted: <Result>(work: () => Result) => Result;
}

/** @throws Error when the embedder's runtime throws: a bug of the embedder, not a failure of the bundle. */
export function evaluateProgram(parts: EvaluateParts, program: EngineProgram): Entered<undefined> {
  const { values, door, guest, modules } = parts;
  const trusted = door.enter(() =>
    parts.trusted(() => guest.install(program.prelude, program.runtime, parts.imports())),
  );
  if (trusted.kind === "threw") {
    throw new Error(
      `Cannot evaluate the runtime of ${program.name}: ${trusted.error}. Expected (sandbox) => GuestRuntime.`,
    );
  }
  if (trusted.kind === "stopped") return trusted;
  const evaluated = door.enter(() =>
    modules.linking(() => guest.unwrap(values.evaluate(program.bundle, program.name, "module"))),
  );
  if (evaluated.kind !== "value") return evaluated;
  const drained = parts.drain();
  if (drained.kind !== "value") return drained;
  return door.enter(() => {
    guest.accept(settledModule(parts, evaluated.value));
    return undefined;
  });
}

/** A module with top-level await evaluates to a promise of its namespace, any other to the namespace itself. */
function settledModule({ ffi, context, guest }: EvaluateParts, evaluated: ValuePointer): ValuePointer {
  const state: number = ffi.QTS_PromiseState(context, evaluated);
  if (state === PROMISE.pending) throw new GuestThrew(STILL_AWAITS);
  if (state === PROMISE.rejected) throw new GuestThrew(guest.describe(ffi.QTS_PromiseResult(context, evaluated)));
  return state === PROMISE.fulfilled ? guest.unwrap(ffi.QTS_PromiseResult(context, evaluated)) : evaluated;
}
