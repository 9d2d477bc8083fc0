/**
 * How is the VM entered, and left? Through `enter` alone: it refuses to nest, and turns whatever comes out (a value, a
 * guest's error, a trap, a full stack, no memory) into plain data. After a stop nothing of the instance is touched
 * again, no frees, no disposal, until its memory is restored.
 */
import type { Entered } from "./engine.ts";
import type { FuelGauge } from "./fuel.ts";
import { type TrapState } from "./stop-reason.ts";
/** Leaves an entry in which guest code threw; the text is the JSON of a `GuestError`. */
export declare class GuestThrew extends Error {
  readonly json: string;
  constructor(json: string);
}
export interface Door {
  enter<Value>(work: () => Value): Entered<Value>;
  /** Whether an entry is under way. */
  isInside(): boolean;
}
export interface DoorParts {
  readonly fuel: FuelGauge;
  readonly trapState: () => TrapState;
  /** Throws what a callback of the VM could not, once the VM was left. */
  readonly rethrowBug: () => void;
}
export declare function createDoor({ fuel, trapState, rethrowBug }: DoorParts): Door;
