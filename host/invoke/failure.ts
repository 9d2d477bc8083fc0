/** How is a plugin's failure told to people? One sentence, from the guest's error or the engine's reason. */
import type { Failure } from "../../sandbox/index.ts";
import { cleanText } from "../trace/clean.ts";

const MESSAGE_CHARS = 1_000;

/** The failure in words. What the guest wrote in it is untrusted text; its stack is never part of it. */
export function describeFailure(failure: Failure): string {
  if (failure.kind === "stopped") return failure.message;
  const { name, message } = failure.error;
  // A guest may throw anything, also what has no words.
  if (message === "") return "It threw something without a message.";
  // SECURITY: visitors, audits and terminals get to read this. (tests/host/traces.test.ts, "is inert")
  return cleanText(name === "Error" ? message : `${name}: ${message}`, MESSAGE_CHARS);
}
