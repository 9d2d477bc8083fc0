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
export const MOST_FUEL = 2_147_483_647;
const EMPTY = -1;

/** @param global `__fuel` of a metered instance. */
export function createFuelGauge(global: WebAssembly.Global): FuelGauge {
  let reason: StopReason | undefined;
  /** What was left when the fuel was taken away. */
  let leftAtStop = 0;

  function stop(next: StopReason): void {
    if (reason !== undefined) return;
    reason = next;
    leftAtStop = Math.max(0, global.value);
    global.value = EMPTY;
  }

  return {
    arm(units) {
      reason = undefined;
      global.value = Math.min(Math.floor(units), MOST_FUEL);
    },
    charge(units) {
      const left = global.value - units;
      // SECURITY: host work is paid for before it is done (tests/sandbox/limits.test.ts).
      if (left >= 0) global.value = left;
      else if (reason === undefined) {
        global.value = EMPTY;
        stop("fuel");
      }
    },
    left: () => (reason === undefined ? Math.max(0, global.value) : leftAtStop),
    stop,
    stopped: () => reason,
    isEmpty: () => global.value < 0,
  };
}
