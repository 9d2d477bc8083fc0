/**
 * How many VMs may live at once in this isolate? Each takes 16 MB of the 128 MB an isolate has, so they are counted and
 * whoever comes too many waits a while.
 */

/** VMs entered for requests and schedules, and beside them those that plugins' own saves lead to. */
export const VM_SLOTS = { outer: 4, nested: 2 } as const;
/** Milliseconds an entry waits for a slot before it is given up. */
export const SLOT_WAIT_MS = 10_000;

/** Gives a slot back. Idempotent. */
export type Release = () => void;

/** Counted places. */
export interface Slots {
  /** A place, or undefined where none came free in time. First come, first served. */
  take(waitMs: number): Promise<Release | undefined>;
}

/** As many places as `count`. */
export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];

  function makeRelease(): Release {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = waiting.shift();
      // The place goes straight to whoever waited longest.
      if (next) next();
      else free++;
    };
  }

  return {
    async take(waitMs) {
      if (free > 0) {
        free--;
        return makeRelease();
      }
      return new Promise((resolve) => {
        const turn = (): void => {
          clearTimeout(timer);
          resolve(makeRelease());
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(turn), 1);
          resolve(undefined);
        }, waitMs);
        waiting.push(turn);
      });
    },
  };
}
