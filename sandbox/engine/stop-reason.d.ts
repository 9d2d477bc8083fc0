/**
 * Which stop does something thrown out of the wasm stand for? What is not one of the engine's own ways to fail is a
 * bug of the sandbox and has no reason here: it must be seen.
 */
import type { StopReason } from "../types.ts";
/** What the instance looked like when it trapped. */
export interface TrapState {
  readonly isFuelEmpty: boolean;
  readonly stackPointer: number;
}
export declare function toStopReason(thrown: unknown, state: TrapState): StopReason | undefined;
