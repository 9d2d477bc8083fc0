/** How does a step say that it did not work? As a value: failures here are expected, and each carries what to do. */

/** Why no post was written. The kind is for decisions, the message for a person. */
export interface Fault {
  readonly kind: "settings" | "unreachable" | "refused" | "rate-limited" | "provider-error" | "bad-answer" | "host";
  /** What failed, what was expected and what to do. Never holds a key. */
  readonly message: string;
  /** Seconds the provider asks to wait. Kept for a later retry; now the schedule's next time is the retry. */
  readonly retryAfterSeconds?: number;
}

/** A value or the reason why there is none. */
export type Result<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: Fault };

/** A success. */
export function ok<Value>(value: Value): Result<Value> {
  return { ok: true, value };
}

/** A failure. */
export function fail(kind: Fault["kind"], message: string): Result<never> {
  return { ok: false, fault: { kind, message } };
}
