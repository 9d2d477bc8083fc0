/**
 * What may one entry use when the embedder says nothing else? One table; every number here is tested at its edge and
 * one over. Limits are data: a profile of an embedder is a spread of this table with a few numbers changed.
 */
import type { Limits } from "./types.ts";

/** Bytes of one page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;

/**
 * Pages the engine's module asks for at start (its compiled-in minimum): 16 MB. A smaller `memoryBytes` is refused.
 */
export const MEMORY_FLOOR_PAGES = 256;

/**
 * Units of fuel that one interrupt of QuickJS stands for. QuickJS polls its handler once per 10,000 loop iterations,
 * function calls or regex steps: 0.06 ms of an empty loop, 0.3-0.8 ms of ordinary code, 20 ms and more of code that
 * does nothing but throw. Ordinary code gets a quarter to three quarters of a second out of 1e8 units. A limit below
 * one interrupt means "stop at the first".
 */
export const FUEL_PER_INTERRUPT = 100_000;

/** Defaults for {@link Limits}. */
export const defaultLimits = {
  /** Units of work in the guest: about a second of CPU. */
  fuel: 200_000_000,
  /** Linear memory: 32 MB, of which the engine takes 16 at once. */
  memoryBytes: 512 * PAGE_BYTES,
  /** QuickJS stack: about 1,000 frames; every recursion shape tried stays catchable inside the guest. */
  stackBytes: 256 * 1024,
  /** Promise jobs; a job that queues two jobs ends here. */
  jobs: 100_000,
  /** Milliseconds of waiting for host calls and timers, summed over the entry. */
  wallMs: 30_000,
  /** Host calls, the guest's digests and signatures included. */
  hostCalls: 100,
  /** Host calls under way at once: two fewer than the connections a Worker may have waiting. */
  hostCallsInFlight: 4,
  /** Characters of JSON text in one message, either way. */
  messageChars: 1_000_000,
  /** Log lines kept; one more line tells how many were dropped. */
  logLines: 200,
  /** Characters of all log lines together. */
  logChars: 100_000,
} as const satisfies Limits;
