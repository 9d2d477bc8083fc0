/**
 * How much memory may a VM take? The wasm memory's own `maximum` is the hard answer, the allowance of the current entry
 * a softer one below it. Whoever was refused memory has run out of it: the fact sticks, whatever the guest catches.
 */
import { MEMORY_FLOOR_PAGES, PAGE_BYTES } from "../limits.ts";

/** Emscripten asks up to three times, for less each time, before malloc fails. */
const ATTEMPTS_PER_GROWTH = 3;

export interface CappedMemory {
  readonly memory: WebAssembly.Memory;
  /** Sets the soft cap in bytes; above the hard one it has no effect. */
  allow(bytes: number): void;
  /** True once an allocation failed for good. */
  isExhausted(): boolean;
}

/**
 * Allocates a linear memory that cannot grow beyond `maximumBytes`.
 *
 * @throws RangeError when the cap is below what the engine needs to start.
 */
export function createCappedMemory(maximumBytes: number): CappedMemory {
  const maximum = Math.floor(maximumBytes / PAGE_BYTES);
  if (maximum < MEMORY_FLOOR_PAGES) {
    throw new RangeError(
      `Cannot create a VM with memoryBytes ${maximumBytes}: the engine needs at least ${MEMORY_FLOOR_PAGES * PAGE_BYTES}. Raise the limit.`,
    );
  }
  // SECURITY: `maximum` is what holds, QuickJS's own memory limit does not (tests/sandbox/memory.test.ts).
  const memory = new WebAssembly.Memory({ initial: MEMORY_FLOOR_PAGES, maximum });
  const growForReal = memory.grow.bind(memory);
  let allowedPages = maximum;
  let refusals = 0;
  let exhausted = false;

  // Growth runs through emscripten's glue, which calls this method: the one place where a refusal can be seen.
  memory.grow = (pages) => {
    try {
      if (memory.buffer.byteLength / PAGE_BYTES + pages > allowedPages) throw new RangeError("over the allowance");
      const before = growForReal(pages);
      refusals = 0;
      return before;
    } catch (error) {
      refusals += 1;
      if (refusals >= ATTEMPTS_PER_GROWTH) exhausted = true;
      throw error;
    }
  };

  return {
    memory,
    allow(bytes) {
      allowedPages = Math.min(maximum, Math.floor(bytes / PAGE_BYTES));
    },
    isExhausted: () => exhausted,
  };
}
