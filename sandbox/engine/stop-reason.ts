/**
 * Which stop does something thrown out of the wasm stand for? What is not one of the engine's own ways to fail is a
 * bug of the sandbox and has no reason here: it must be seen.
 */
import type { StopReason } from "../types.ts";
import { ENGINE } from "./quickjs.gen.ts";
import { OutOfMemory } from "./values.ts";

/** What the instance looked like when it trapped. */
export interface TrapState {
  readonly isFuelEmpty: boolean;
  readonly stackPointer: number;
}

/** Bytes above the end of the stack within which a trap is the stack guard's. */
const GUARD_BYTES = 1_024;

export function toStopReason(thrown: unknown, state: TrapState): StopReason | undefined {
  if (thrown instanceof OutOfMemory) return "memory";
  // Native recursion (JSON, regexes, the parser) overflows the host's stack and throws through the wasm frames.
  if (thrown instanceof RangeError) return "stack";
  if (!(thrown instanceof WebAssembly.RuntimeError)) return undefined;
  if (state.isFuelEmpty) return "fuel";
  return state.stackPointer < ENGINE.stackLow + GUARD_BYTES ? "stack" : "crashed";
}
