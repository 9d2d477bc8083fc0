/**
 * Which stop does something thrown out of the wasm stand for? What is not one of the engine's own ways to fail is a
 * bug of the sandbox and has no reason here: it must be seen.
 */
import type { StopReason } from "../types.ts";
import { OutOfMemory } from "./values.ts";

export function toStopReason(thrown: unknown): StopReason | undefined {
  if (thrown instanceof OutOfMemory) return "memory";
  // Native recursion (JSON, regexes, the parser) overflows the host's stack and throws through the wasm frames.
  if (thrown instanceof RangeError) return "stack";
  if (thrown instanceof WebAssembly.RuntimeError) return "crashed";
  return undefined;
}
