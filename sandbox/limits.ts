/**
 * What may one entry use when the embedder says nothing else? One table; every number here is tested at its edge and
 * one over. Limits are data: a profile of an embedder is a spread of this table with a few numbers changed.
 */
import type { Limits } from "./types.ts";

/** Bytes of one page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;

/** Defaults for {@link Limits}. */
export const defaultLimits = {
  /** Units of work in the guest, roughly one for each step of its bytecode: about a second of CPU. */
  fuel: 200_000_000,
  /** Linear memory: 16 MB. */
  memoryBytes: 256 * PAGE_BYTES,
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
  /** Bytes of all messages into the VM, and of all out of it: 64 MiB each. */
  bytesIn: 64 * 1_048_576,
  bytesOut: 64 * 1_048_576,
  /** Log lines kept; one more line tells how many were dropped. */
  logLines: 200,
  /** Characters of all log lines together. */
  logChars: 100_000,
} as const satisfies Limits;

/** How much an isolate lends to VMs when the embedder says nothing else. An isolate of Workers has 128 MB in all. */
export const defaultPool = {
  /** Linear memory of all instances. */
  budgetBytes: 1_024 * PAGE_BYTES,
  /** The part of it that one program may hold. */
  shareOfProgram: 1 / 4,
  /** The part of it that only entries may use for which a running entry waits. */
  shareOfNested: 1 / 4,
  /** Images kept in the isolate, outside linear memory. */
  imageBytes: 384 * PAGE_BYTES,
  /** Milliseconds to wait for memory. */
  waitMs: 2_000,
  /** Milliseconds after which a VM that was never closed is given up for lost. */
  leaseMs: 120_000,
} as const satisfies Readonly<Record<string, number>>;
