/**
 * What must a JavaScript engine do to run a program? This interface is all the sandbox knows of one, so another build
 * or another engine is one more file beside `quickjs.ts`. Nothing but text crosses it, it never throws for what a
 * guest did, and after a stop an engine is only ever restored or dropped.
 */
import type { JsonText, Program, StopReason } from "../types.ts";

/** What the prelude's `enter` function can be asked to do; its first argument. `sandbox/guest/enter.ts` is the other half. */
export const GUEST_OPS = {
  /** (runtime function): takes the embedder's half. */
  runtime: 0,
  /** (module namespace): takes the bundle's exports. */
  exports: 1,
  /** (error): the text of `GuestError` as JSON. */
  describe: 2,
  /** (JSON of [seed, name, input, context]): starts an entry. Answers how it stands, as `status` does. */
  invoke: 3,
  /** (): starts the inspection of the exports. Answers how it stands. */
  inspect: 4,
  /** (id, "1" or "0", JSON): settles a call. Answers how the entry stands. */
  settle: 5,
  /** (): runs the earliest timer. Answers how the entry stands. */
  tick: 6,
  /** (): how the entry stands; see `sandbox/bridge/status.ts`. */
  status: 7,
  /** (): ends the entry; what it left pending is dropped. */
  end: 8,
} as const;

/** Ops that take and return text only; the driver itself uses the others while it evaluates. */
export type TextOp = "invoke" | "inspect" | "tick" | "status" | "end";

/** What one entry into the VM came to. */
export type Entered<Value> =
  | { readonly kind: "value"; readonly value: Value }
  /** Guest code threw; the text is the JSON of a `GuestError`. */
  | { readonly kind: "threw"; readonly error: JsonText }
  | { readonly kind: "stopped"; readonly reason: StopReason };

/** The two imports of the guest. Both run inside a VM entry and must not enter the VM. */
export interface GuestImports {
  /** Enqueues an asynchronous call, answered later by `Engine.settle`. `json` is undefined when it was too large. */
  call(op: string, json: JsonText | undefined, id: number): void;
  /** Answers at once: `=` and JSON text, or `!` and a message for the guest's error. */
  ask(op: string, json: JsonText): string;
}

/** Fixed when an engine boots. */
export interface EngineOptions {
  /** Stack of the JavaScript engine in bytes. */
  readonly stackBytes: number;
  /** May the linear memory grow by so many bytes? Default: always, up to the allowance. Called inside an entry. */
  readonly admitGrowth?: (bytes: number) => boolean;
}

/** Set before each group of entries: nothing runs on what is left of an earlier one. */
export interface Allowance {
  readonly fuel: number;
  /** Most bytes the linear memory may reach, rounded down to whole pages. */
  readonly memoryBytes: number;
  /** Largest text read out of the VM, in characters. */
  readonly messageChars: number;
  readonly imports: GuestImports;
}

/** The trusted and untrusted sources of one program. */
export interface EngineProgram extends Program {
  /**
   * The prelude: expressions that each evaluate to `(call, ask, shared) => shared`, where `shared` is whatever the one
   * before returned; the last returns `enter`.
   */
  readonly prelude: readonly string[];
}

/** One VM. */
export interface Engine {
  /** Copies the VM's memory: what `restore` and `EngineFactory.boot` go back to. At rest only, after `evaluate`. */
  image(): Image;
  /** Puts the memory back into the state of an image of this engine's own program, whatever happened since. */
  restore(image: Image): void;
  /** Sets what the following entries may use and forgets an earlier stop. Before it, nothing may be entered. */
  arm(allowance: Allowance): void;
  /** Sets the time the guest sees, in milliseconds since the epoch; it stands still in between. */
  setClock(ms: number): void;
  /** Evaluates prelude, runtime and bundle, and drains at most `jobs` jobs. Once. */
  evaluate(program: EngineProgram, jobs: number): Entered<undefined>;
  /** Calls the prelude's `enter`. */
  call(op: TextOp, args: readonly string[]): Entered<string>;
  /** Settles the guest's call `id`. */
  settle(id: number, settled: "resolved" | "rejected", json: JsonText): Entered<string>;
  /** Runs pending jobs one at a time; a job over `limit` stops the engine. Returns how many ran. */
  drain(limit: number): Entered<number>;
  /** Takes fuel for work the host does on the guest's behalf. */
  charge(fuel: number): void;
  /** Ends the engine for a reason found outside it. The first reason stays. */
  stop(reason: StopReason): void;
  /** Units left of the allowance, never below zero. */
  fuelLeft(): number;
  /** Bytes of memory the VM has come to since it was evaluated or restored. */
  peakBytes(): number;
  /** Size of the linear memory in bytes; it never shrinks. */
  linearBytes(): number;
  /** Bytes of text copied into and out of the VM since the last `arm`. */
  traffic(): { readonly bytesIn: number; readonly bytesOut: number };
  /** Gives everything back. Idempotent; the engine answers `stopped` afterwards. */
  close(): void;
}

/** Memory of a VM at rest. Opaque to everybody but the factory whose engine made it. */
export interface Image {
  /** Bytes it takes outside linear memory. */
  readonly size: number;
  /** Bytes of linear memory it needs. */
  readonly linearBytes: number;
}

/** Makes engines. */
export interface EngineFactory {
  /** Says which engine this is, down to its bytes: images of another are of no use. */
  readonly id: string;
  /** Bytes of linear memory an engine starts with. */
  readonly floorBytes: number;
  /** A VM ready for `evaluate`, or one that stands where the image was taken. */
  boot(options: EngineOptions, image?: Image): Promise<Engine>;
  /** The image as bytes, for keeping, and back; undefined for bytes that are none. Authenticity is the caller's business. */
  toBytes(image: Image): Uint8Array<ArrayBuffer>;
  fromBytes(bytes: Uint8Array<ArrayBuffer>): Image | undefined;
}
