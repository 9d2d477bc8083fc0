/**
 * What may the guest ask for an answer on the spot? A closed list of pure functions of their argument, and randomness.
 * Each pays fuel for the work the host does, before the work, and caps its input.
 */
import type { JsonText } from "../types.ts";
import { bytesOps } from "./ask/bytes.ts";
import { intlOps } from "./ask/intl.ts";
import { AskRefusal, type AskTable, type Phase } from "./ask/op.ts";
import { randomOps } from "./ask/random.ts";
import { urlOps } from "./ask/url.ts";

export type { Phase } from "./ask/op.ts";

export const ASK_OPS: AskTable = { ...urlOps, ...bytesOps, ...randomOps, ...intlOps };

/**
 * `=` and JSON text, or `!` and a message that says why not: the guest throws it as a `TypeError`, or as the `RangeError`
 * that the message names first.
 */
export function answerAsk(op: string, json: JsonText, phase: Phase, charge: (fuel: number) => void): string {
  const known = Object.hasOwn(ASK_OPS, op) ? ASK_OPS[op] : undefined;
  if (known === undefined) return `!Cannot ask for ${op}: no such function.`;
  // SECURITY: an image must not hold randomness (tests/sandbox/isolation.test.ts).
  if (phase === "top-level" && !known.isPure)
    return `!Cannot use randomness at top level. Move it into a hook or route.`;
  if (json.length > known.maxChars) return `!Cannot ask for ${op}: the argument is over ${known.maxChars} characters.`;
  charge(known.cost.base + known.cost.perChar * json.length);
  const args = parseArgs(json);
  try {
    const answer = args === undefined ? undefined : known.run(args, { phase, charge });
    return answer === undefined ? `!Invalid argument for ${op}.` : `=${JSON.stringify(answer)}`;
  } catch (error) {
    if (error instanceof AskRefusal) return `!${error.kind === "RangeError" ? "RangeError: " : ""}${error.message}`;
    throw error;
  }
}

function parseArgs(json: JsonText): readonly unknown[] | undefined {
  try {
    const args: unknown = JSON.parse(json);
    return Array.isArray(args) ? args : undefined;
  } catch {
    return undefined;
  }
}
