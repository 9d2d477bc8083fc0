/**
 * How is the VM entered, and left? Through `enter` alone: it refuses to nest, and turns whatever comes out (a value, a
 * guest's error, a trap, a full stack, no memory) into plain data. After a stop nothing of the instance is touched
 * again, no frees, no disposal, until its memory is restored.
 */
import type { Entered } from "./engine.ts";
import type { FuelGauge } from "./fuel.ts";
import { toStopReason, type TrapState } from "./stop-reason.ts";

/** Leaves an entry in which guest code threw; the text is the JSON of a `GuestError`. */
export class GuestThrew extends Error {
  readonly json: string;
  constructor(json: string) {
    super("guest code threw");
    this.json = json;
  }
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

export function createDoor({ fuel, trapState, rethrowBug }: DoorParts): Door {
  let isInside = false;

  function toEntered<Value>(entered: Entered<Value>): Entered<Value> {
    const reason = fuel.stopped();
    return reason === undefined ? entered : { kind: "stopped", reason };
  }

  return {
    isInside: () => isInside,
    enter(work) {
      const before = fuel.stopped();
      if (before !== undefined) return { kind: "stopped", reason: before };
      // SECURITY: the VM is never entered from within a host call (tests/sandbox/calls.test.ts).
      if (isInside) throw new Error("Cannot enter the VM: it is already running. Host functions may only enqueue.");
      isInside = true;
      try {
        return toEntered({ kind: "value", value: work() });
      } catch (error) {
        if (error instanceof GuestThrew) return toEntered({ kind: "threw", error: error.json });
        const reason = toStopReason(error, trapState());
        if (reason === undefined) throw error;
        fuel.stop(reason);
        return { kind: "stopped", reason: fuel.stopped() ?? reason };
      } finally {
        isInside = false;
        rethrowBug();
      }
    },
  };
}
