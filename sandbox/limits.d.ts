/** Bytes of one page of WebAssembly memory. */
export declare const PAGE_BYTES = 65536;
/** Defaults for {@link Limits}. */
export declare const defaultLimits: {
  /** Units of work in the guest, roughly one for each step of its bytecode: about a second of CPU. */
  readonly fuel: 200000000;
  /** Linear memory: 16 MB. */
  readonly memoryBytes: number;
  /** QuickJS stack: about 1,000 frames; every recursion shape tried stays catchable inside the guest. */
  readonly stackBytes: number;
  /** Promise jobs; a job that queues two jobs ends here. */
  readonly jobs: 100000;
  /** Milliseconds of waiting for host calls and timers, summed over the entry. */
  readonly wallMs: 30000;
  /** Host calls, the guest's digests and signatures included. */
  readonly hostCalls: 100;
  /** Host calls under way at once: two fewer than the connections a Worker may have waiting. */
  readonly hostCallsInFlight: 4;
  /** Characters of JSON text in one message, either way. */
  readonly messageChars: 1000000;
  /** Log lines kept; one more line tells how many were dropped. */
  readonly logLines: 200;
  /** Characters of all log lines together. */
  readonly logChars: 100000;
};
/** How much an isolate lends to VMs when the embedder says nothing else. An isolate of Workers has 128 MB in all. */
export declare const defaultPool: {
  /** Linear memory of all instances. */
  readonly budgetBytes: number;
  /** The part of it that one program may hold. */
  readonly shareOfProgram: number;
  /** The part of it that only entries may use for which a running entry waits. */
  readonly shareOfNested: number;
  /** Images kept in the isolate, outside linear memory. */
  readonly imageBytes: number;
  /** Milliseconds to wait for memory. */
  readonly waitMs: 2000;
  /** Milliseconds after which a VM that was never closed is given up for lost. */
  readonly leaseMs: 120000;
};
