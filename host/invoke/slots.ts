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

/** Gives an idle place up, if it has one; answers whether it did. */
export type Reclaim = () => boolean;

/** Counted places. */
export interface Slots {
  /** Registers somebody who may hold idle places and gives one up when others wait. Answers how to unregister. */
  onPressure(reclaim: Reclaim): () => void;
  /** A place, or undefined where none came free in time. */
  take(waitMs: number): Promise<Release | undefined>;
}

/** Milliseconds between two looks for a free place. */
const LOOK_MS = 20;

/**
 * As many places as `count`. Who waits looks again and again in its own time: in Workers a promise of one request is not
 * to be resolved by another.
 */
export function createSlots(count: number): Slots {
  let free = count;
  const holders = new Set<Reclaim>();

  function tryTake(): Release | undefined {
    // An idle VM is worth less than an entry that waits.
    if (free === 0) for (const reclaim of holders) if (reclaim()) break;
    if (free === 0) return undefined;
    free--;
    let held = true;
    return () => {
      if (held) free++;
      held = false;
    };
  }

  return {
    onPressure(reclaim) {
      holders.add(reclaim);
      return () => holders.delete(reclaim);
    },
    async take(waitMs) {
      for (let waited = 0; ; waited += LOOK_MS) {
        const release = tryTake();
        if (release || waited >= waitMs) return release;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
  };
}
