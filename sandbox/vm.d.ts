/**
 * What is a VM to its embedder? One engine with one program evaluated in it, entered once at a time. After any stop it
 * is over: its engine is given back and every later entry answers with the same reason.
 */
import type { Answers } from "./bridge/answer.ts";
import { type Phase } from "./bridge/ask.ts";
import type { Engine, Entered } from "./engine/engine.ts";
import type { HostCalls, Limits, Outcome, Program, Usage, Vm } from "./types.ts";
/** The one call nobody answers. `sandbox/guest/console.ts` is the other half. */
export declare const LOG_OP = "sandbox:log";
export declare const NO_USAGE: Usage;
export interface VmParts {
  readonly program: Program;
  readonly engine: Engine;
  readonly answers: Answers;
  readonly now: () => number;
  /** Seed of `Math.random` for the next entry. */
  readonly seed: () => string;
}
/** Who lends the engine. */
export interface VmOwner {
  /** An entry began or ended; between them the VM may be closed at any time. */
  onIdle(isIdle: boolean): void;
  /** The engine is not used any more. */
  onEnd(): void;
}
/** Wraps an engine in which the program was evaluated. */
export declare function createVm(parts: VmParts, owner: VmOwner): Vm;
/** Runs one entry or inspection; the parts that differ are the phase and how it starts. */
export declare function runEntry(
  { program, engine, answers, now }: VmParts,
  host: HostCalls,
  limits: Limits,
  phase: Phase,
  start: () => Entered<string>,
): Promise<Outcome>;
/** What the engine used since it was last armed. */
export declare function toUsage(engine: Engine, limits: Limits, hostCalls: number, durationMs: number): Usage;
/** A seed nobody can guess. */
export declare function createSeed(): string;
