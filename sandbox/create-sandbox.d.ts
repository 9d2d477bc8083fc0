/**
 * How does an embedder get VMs? `createSandbox` takes the compiled engine and gives `open`, `inspect` and `prepare`.
 * Every VM begins where its program's evaluation ended, in an instance that belongs to that program alone.
 */
import { type AnswerListener } from "./bridge/answer.ts";
import type { EngineFactory } from "./engine/engine.ts";
import { type StoredImages } from "./image/images.ts";
import { defaultPool } from "./limits.ts";
import type { Sandbox } from "./types.ts";
export interface SandboxOptions {
  /** The compiled module of `sandbox/engine/quickjs.gen.wasm`, as the platform imports it. */
  readonly wasm: WebAssembly.Module;
  /** Sees every answer of the host just before the guest does; the place to record an invocation. */
  readonly onAnswer?: AnswerListener;
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
  /** Seed of `Math.random` for one entry: 32 hexadecimal digits. Default: new for each entry. */
  readonly seed?: () => string;
  /** Another engine behind the same interface. Default: QuickJS made from `wasm`. */
  readonly engines?: EngineFactory;
  /** Where images outlive the isolate. Default: nowhere. */
  readonly images?: StoredImages;
  /** Changes of `defaultPool`. */
  readonly pool?: Partial<Readonly<Record<keyof typeof defaultPool, number>>>;
  /** What else decides how the platform answers while a bundle is evaluated, e.g. its compatibility date. */
  readonly platform?: string;
}
/**
 * @example
 * const sandbox = createSandbox({ wasm });
 * const opened = await sandbox.open(program, defaultLimits);
 * if (opened.ok) await opened.vm.invoke({ name: "hook:x", input: "{}", context: "{}" }, host, defaultLimits);
 */
export declare function createSandbox(options: SandboxOptions): Sandbox;
