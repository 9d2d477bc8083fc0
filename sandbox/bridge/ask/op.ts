/** What is one function of the host that the guest may ask? A price, a cap and an answer; this is the shape of each. */

/** Where the guest stands: at top level and in inspection nothing of the outside may be baked in. */
export type Phase = "top-level" | "entry";

/** What a question runs in. */
export interface AskScene {
  readonly phase: Phase;
  /** Takes more fuel than the price per character, before work that costs more. */
  readonly charge: (fuel: number) => void;
}

export interface AskOp {
  /** Fuel for each question, and for each character of it. A unit is worth at most 10 ns of the host's CPU. */
  readonly cost: { readonly base: number; readonly perChar: number };
  /** Longest JSON text of the arguments. */
  readonly maxChars: number;
  /** False for what would bake the outside into a memory image. */
  readonly isPure: boolean;
  /**
   * Answers; undefined stands for "not valid".
   *
   * @throws AskRefusal with words for the guest.
   */
  readonly run: (args: readonly unknown[], scene: AskScene) => unknown;
}

export type AskTable = Readonly<Record<string, AskOp>>;

/** A question that cannot be answered, in words the guest gets to read. */
export class AskRefusal extends Error {
  /** What the guest's error is called. */
  readonly kind: "RangeError" | "TypeError";
  constructor(kind: "RangeError" | "TypeError", message: string) {
    super(message);
    this.kind = kind;
  }
}
