import { toFailure } from "./bridge/session.ts";
import type { Limits, Usage } from "./types.ts";
import { type VmParts } from "./vm.ts";
export interface Evaluated {
  readonly parts: VmParts;
  readonly failed: ReturnType<typeof toFailure> | undefined;
  readonly usage: Usage;
}
/** Evaluates the program of `parts` in its engine, in which nothing was evaluated yet. */
export declare function evaluateAtTopLevel(parts: VmParts, prelude: string, limits: Limits): Evaluated;
