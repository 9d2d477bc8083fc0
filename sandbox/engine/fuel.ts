/**
 * How much may the guest still work? Counts interrupts, never time: a clock stands still while a Worker computes. At
 * the first refusal the VM is over and every later poll is refused too, so nothing can swallow it.
 */
import { FUEL_PER_INTERRUPT } from "../limits.ts";
import type { StopReason } from "../types.ts";

export interface FuelGauge {
  arm(fuel: number): void;
  /** The engine's poll: true means "end it". */
  poll(): boolean;
  charge(fuel: number): void;
  left(): number;
  /** Ends the VM; the first reason stays. */
  stop(reason: StopReason): void;
  stopped(): StopReason | undefined;
}

/** @param isExhausted whether the VM was refused memory; asked at each poll. */
export function createFuelGauge(isExhausted: () => boolean): FuelGauge {
  let fuel = 0;
  let reason: StopReason | undefined;
  const stop = (next: StopReason) => {
    reason ??= next;
  };
  return {
    arm(units) {
      fuel = units;
    },
    poll() {
      if (isExhausted()) stop("memory");
      fuel -= FUEL_PER_INTERRUPT;
      if (fuel < 0) stop("fuel");
      return reason !== undefined;
    },
    charge(units) {
      fuel -= units;
      if (fuel < 0) stop("fuel");
    },
    left: () => Math.max(0, fuel),
    stop,
    stopped: () => reason,
  };
}
