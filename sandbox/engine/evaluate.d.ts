/**
 * How does a program get into a VM? Trusted halves first, then the bundle as a module, then its jobs; what still awaits
 * afterwards awaits for ever and is refused.
 */
import type { EngineProgram, Entered } from "./engine.ts";
import { type Door } from "./door.ts";
import type { ContextPointer, Ffi, ValuePointer } from "./ffi.ts";
import type { GuestHalf } from "./guest-half.ts";
import type { ModuleResolver } from "./modules.ts";
import type { Values } from "./values.ts";
export interface EvaluateParts {
  readonly ffi: Ffi;
  readonly context: ContextPointer;
  readonly values: Values;
  readonly door: Door;
  readonly guest: GuestHalf;
  readonly modules: ModuleResolver;
  readonly imports: () => readonly ValuePointer[];
  readonly drain: () => Entered<number>;
}
/** @throws Error when the embedder's runtime throws: a bug of the embedder, not a failure of the bundle. */
export declare function evaluateProgram(parts: EvaluateParts, program: EngineProgram): Entered<undefined>;
