/**
 * The words of the sandbox: what goes in, what comes out, and what may stop it. The sandbox runs untrusted code and
 * knows only names and JSON text; plugins, capabilities and Cloudflare are the embedder's business.
 */

/** JSON text. The only thing that crosses the boundary, in both directions. An embedder's is joined into larger texts unread. */
export type JsonText = string;

/** What one VM runs: the embedder's trusted half and one untrusted bundle. */
export interface Program {
  /** Names the program in errors, e.g. `auto-blog-seo@1.0.0`. */
  readonly name: string;
  /** Whose it is, e.g. `auto-blog-seo`: an owner's programs share one share of the pool. Default: its name. */
  readonly owner?: string;
  /**
   * Trusted guest code of the embedder: the source of an expression that evaluates to
   * `(sandbox: GuestSandbox) => GuestRuntime`. Evaluated before the bundle.
   */
  readonly runtime: string;
  /** Trusted ES modules the bundle may import, by specifier; every other import is refused. */
  readonly modules: Readonly<Record<string, string>>;
  /** The untrusted ES module. */
  readonly bundle: string;
}

/** One entry into the guest. */
export interface Entry {
  /** What to run; the embedder's runtime resolves it against the bundle's exports, e.g. `hook:content:beforeSave`. */
  readonly name: string;
  readonly input: JsonText;
  /** What the embedder's runtime needs to build the guest's `ctx`. */
  readonly context: JsonText;
}

/** What one entry may use. Limits are data: see `limits.ts` for the table and its defaults. */
export interface Limits {
  /** Units of work inside the guest. */
  readonly fuel: number;
  /** Most bytes the VM's linear memory may reach. */
  readonly memoryBytes: number;
  /** QuickJS stack in bytes. Set when a VM is opened; an entry's own is not looked at. */
  readonly stackBytes: number;
  /** Promise jobs the drain loop runs. */
  readonly jobs: number;
  /** Milliseconds the entry may wait for the host, in total. */
  readonly wallMs: number;
  /** Calls to the host. */
  readonly hostCalls: number;
  /** Calls to the host under way at once; the rest queue. */
  readonly hostCallsInFlight: number;
  /** Largest argument or result of a single host call or entry, in characters of JSON text. */
  readonly messageChars: number;
  /** Bytes of text into the VM, all messages of an entry and answers to questions together. Default in `limits.ts`. */
  readonly bytesIn?: number;
  /** The same out of it, the result included. Default in `limits.ts`. */
  readonly bytesOut?: number;
  /** Log lines handed to `HostCalls.log`; the rest are counted and reported in one last line. Default in `limits.ts`. */
  readonly logLines?: number;
  /** Characters of all those lines together, names and data included. Default in `limits.ts`. */
  readonly logChars?: number;
}

/** What one entry used. */
export interface Usage {
  readonly fuel: number;
  readonly peakBytes: number;
  readonly hostCalls: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
}

/** An error as the guest threw it. Everything in it is untrusted text. */
export interface GuestError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** `code` property of the thrown error, where it is a string. */
  readonly code?: string;
  /** What caused it, where the author said so; at most three deep. */
  readonly cause?: GuestError;
}

/** Which limit ended an entry; `busy` means that the pool had no memory for it. */
export type StopReason =
  | "fuel"
  | "memory"
  | "stack"
  | "jobs"
  | "wall"
  | "host-calls"
  | "message-size"
  | "traffic"
  | "never-settled"
  | "crashed"
  | "busy";

export type Failure =
  /** The guest's own code threw or rejected. */
  | { readonly kind: "threw"; readonly error: GuestError }
  /** The engine ended it. */
  | { readonly kind: "stopped"; readonly reason: StopReason; readonly message: string };

/** The end of one entry. Never an exception: a bug of the sandbox itself is the only thing that throws. */
export type Outcome =
  | { readonly ok: true; readonly value: JsonText; readonly usage: Usage }
  | { readonly ok: false; readonly failure: Failure; readonly usage: Usage };

/** A refusal or failure of a host call, as the guest gets to see it (an `Error` with these properties). */
export interface HostCallError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export type HostCallResult =
  { readonly ok: true; readonly value: JsonText } | { readonly ok: false; readonly error: HostCallError };

/** What an entry has left, for host calls made on its behalf. */
export interface Meter {
  /** Units of fuel left to the entry, never below zero. */
  fuelLeft(): number;
  /** Takes fuel for work of the host. An entry that cannot pay ends with `fuel`. */
  charge(fuel: number): void;
}

/** The host's side of `call`. A handler that throws is a bug of the host: the guest sees only `INTERNAL`. */
export interface HostCalls {
  call(op: string, args: JsonText, signal: AbortSignal, meter: Meter): Promise<HostCallResult>;
  /** A log line of the guest: never awaited by the guest. `data` is JSON text or undefined. */
  log(level: "debug" | "info" | "warn" | "error", message: string, data: JsonText | undefined): void;
}

/** A VM with its bundle evaluated. It belongs to one event group: later entries see what earlier ones left. */
export interface Vm {
  /** Runs one entry to its end. One at a time. */
  invoke(entry: Entry, host: HostCalls, limits: Limits): Promise<Outcome>;
  /** Gives the VM back. Idempotent. */
  close(): void;
}

export type OpenResult = { readonly ok: true; readonly vm: Vm; readonly usage: Usage } | OpenFailure;

/** Why there is no VM. `usage` is what evaluating the program took, in either case; nothing where its image was known. */
export interface OpenFailure {
  readonly ok: false;
  readonly failure: Failure;
  readonly usage: Usage;
}

/** How a VM is asked for. */
export interface OpenOptions {
  /** `nested`: a running entry waits for this one, so it may use the share of the pool kept for that. Default `outer`. */
  readonly lane?: "outer" | "nested";
  /** Milliseconds to wait for memory of the pool before the answer is `busy`. */
  readonly waitMs?: number;
  /** Milliseconds after which the VM is given up for lost, e.g. when its request was cancelled. */
  readonly leaseMs?: number;
  /** Called when the pool takes the idle VM back for somebody else. It is closed then. */
  readonly onReclaim?: () => void;
}

/** Images between isolates. Content-addressed: a stale or missing answer costs time, never correctness. */
export interface ImageStore {
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** What `Sandbox.prepare` did. */
export type Prepared =
  | {
      readonly ok: true;
      readonly key: string;
      readonly imageBytes: number;
      readonly stored: boolean;
      /** It was not there before. */
      readonly made: boolean;
    }
  | { readonly ok: false; readonly failure: Failure };

/** What an isolate's pool holds at this moment. */
export interface PoolStats {
  readonly budgetBytes: number;
  /** Linear memory of all instances. */
  readonly linearBytes: number;
  readonly instances: number;
  /** Of these, how many are leased. */
  readonly leased: number;
  /** Bytes of images kept outside linear memory. */
  readonly imageBytes: number;
}

export interface Sandbox {
  /** A pristine VM of the program. A bundle that throws, loops or awaits at top level is a `Failure`. */
  open(program: Program, limits: Limits, options?: OpenOptions): Promise<OpenResult>;
  /** Makes the program's image and stores it, ahead of the first visitor. Does nothing where it is stored already. */
  prepare(program: Program, limits: Limits): Promise<Prepared>;
  stats(): PoolStats;
  /** Evaluates the program and returns what the runtime's `inspect` says of the bundle's exports. */
  inspect(program: Program, limits: Limits): Promise<Outcome>;
}

/** What the embedder's trusted guest code is given. Lives inside the VM. */
export interface GuestSandbox {
  /** Calls the host: arguments and result are JSON values. Rejects with an `Error` that has `name`, `code`, `message`. */
  call(op: string, args: readonly unknown[]): Promise<unknown>;
  log(level: "debug" | "info" | "warn" | "error", message: string, data?: unknown): void;
  /** Bytes in messages: done by the host, since a loop in the guest takes several times as long. */
  readonly base64: {
    /** Undefined for what is no buffer and no view of one. */
    encode(bytes: unknown): string | undefined;
    /** @param text base64 without blanks. */
    decode(text: string): Uint8Array;
  };
  /** Many bytes in messages, in parts, by the engine's own functions alone: nothing of it is copied as a whole. */
  readonly bytes: {
    /** How many there are; undefined for what is no buffer and no view of one. */
    length(bytes: unknown): number | undefined;
    /** Up to `count` of them from `start` on as text, two in each UTF-16 unit, little end first. */
    units(bytes: unknown, start: number, count: number): string;
    /** As many bytes, all zero. */
    create(length: number): Uint8Array;
    /** Lays 32-bit numbers into bytes at a multiple of four, little end first, as far as they reach; answers where it ended. */
    lay(words: number[], into: Uint8Array, at: number): number;
  };
  /** A `Response` whose body are these bytes, not copied: nobody else may hold them. */
  respond(body: Uint8Array, init: object): object;
}

/** What the embedder's trusted guest code must return. Lives inside the VM. */
export interface GuestRuntime {
  /** Runs an entry against the bundle's module namespace; may return a promise. Its value is sent as JSON. */
  dispatch(exports: Readonly<Record<string, unknown>>, name: string, input: unknown, context: unknown): unknown;
  /** Describes the exports, for inspection before anything is granted. */
  inspect(exports: Readonly<Record<string, unknown>>): unknown;
}
