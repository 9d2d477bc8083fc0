/**
 * What did the host tell the guest? Everything: each answer that enters a VM, in order, passes `Answers.pass`. To
 * replay an invocation is to record here; there is no second way in.
 */
import type { HostCallResult } from "../types.ts";

export type HostAnswer =
  /** Time the guest sees until the next one, in milliseconds since the epoch. */
  | { readonly kind: "clock"; readonly ms: number }
  /** Seed of `Math.random` for one entry. */
  | { readonly kind: "seed"; readonly seed: string }
  /** Answer of a synchronous import: `=` and JSON text, or `!` and a message. */
  | { readonly kind: "ask"; readonly op: string; readonly answer: string }
  /** Answer of an asynchronous call. */
  | { readonly kind: "settle"; readonly id: number; readonly op: string; readonly result: HostCallResult };

/** Sees every answer just before the guest does. Must not throw. */
export type AnswerListener = (answer: HostAnswer) => void;

export interface Answers {
  pass<Answer extends HostAnswer>(answer: Answer): Answer;
}

export function createAnswers(listener: AnswerListener | undefined): Answers {
  return {
    pass(answer) {
      listener?.(answer);
      return answer;
    },
  };
}
