/**
 * How much may the guest still work? The metered wasm counts down a global of its own and traps below zero; this file
 * reads and sets it. Never time: a clock stands still while a Worker computes. Ending the guest for any other reason
 * takes the fuel away, so that the next loop traps and nothing inside can catch it.
 */
import type { StopReason } from "../types.ts";
export interface FuelGauge {
  /** Fills up and forgets an earlier stop. */
  arm(fuel: number): void;
  /** Takes fuel for work outside the wasm; who cannot pay is stopped. */
  charge(fuel: number): void;
  /** Units left, never below zero. */
  left(): number;
  /** Ends the VM; the first reason stays. */
  stop(reason: StopReason): void;
  stopped(): StopReason | undefined;
  /** Whether the wasm itself ran out: true after its trap. */
  isEmpty(): boolean;
}
/** The global is an `i32`. */
export declare const MOST_FUEL = 2147483647;
/** @param global `__fuel` of a metered instance. */
export declare function createFuelGauge(global: WebAssembly.Global): FuelGauge;
