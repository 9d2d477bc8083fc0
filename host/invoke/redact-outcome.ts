/** How does an entry end without a secret in what it says? Failures always; the value where it is drawn for people. */
import type { GuestError, Outcome } from "../../sandbox/index.ts";
import type { Redact } from "../settings/redactor.ts";
import type { InvocationKind } from "./budgets.ts";

/** The outcome as the host may show it. */
export function redactOutcome(outcome: Outcome, kind: InvocationKind, redact: Redact): Outcome {
  if (outcome.ok) return kind === "panel" ? { ...outcome, value: redact(outcome.value) } : outcome;
  const { failure } = outcome;
  return failure.kind === "threw"
    ? { ...outcome, failure: { ...failure, error: redactError(failure.error, redact) } }
    : outcome;
}

function redactError(error: GuestError, redact: Redact): GuestError {
  const { name, message, stack, code, cause } = error;
  return {
    name: redact(name),
    message: redact(message),
    ...(stack === undefined ? {} : { stack: redact(stack) }),
    ...(code === undefined ? {} : { code: redact(code) }),
    ...(cause === undefined ? {} : { cause: redactError(cause, redact) }),
  };
}
