/** What is the same in every provider's protocol? A question becomes headers and a body, a JSON answer becomes a text. */
import { fail, ok, type Result } from "../result.ts";
import { AI_LIMITS } from "./limits.ts";
import type { AiAnswer, AiPrompt, HttpModel, Tokens } from "./model.ts";

/** JSON of which nothing is known. */
export type Loose = Readonly<Record<string, unknown>>;

/** One protocol. Reasons are for the guest: they say nothing that the provider said. */
export interface WireFormat {
  readonly toRequest: (
    model: HttpModel,
    prompt: AiPrompt,
  ) => { readonly headers: Readonly<Record<string, string>>; readonly body: Loose };
  readonly readAnswer: (answer: Loose) => Result<AiAnswer, string>;
}

/** What is asked of a model that cannot be held to JSON. */
export const JSON_RULE = "Answer with one JSON object and nothing else.";

/** The text of an answer, as long as the plugin may have it. */
export function toAnswer(
  text: unknown,
  finish: AiAnswer["finish"],
  tokens: Tokens | undefined,
): Result<AiAnswer, string> {
  if (typeof text !== "string") return fail("it has no text");
  if (text.length > AI_LIMITS.answerChars) return fail(`its text has more than ${AI_LIMITS.answerChars} characters`);
  return ok({ text: text.toWellFormed(), finish, tokens });
}

/** The counts under `usage`. SECURITY: zero, fractions and the like are no counts; then all that was set aside is taken as used. (tests/host/ai-hostile.test.ts, "counts that cannot be") */
export function toTokens(usage: unknown, inputName: string, outputName: string): Tokens | undefined {
  if (!isObject(usage)) return undefined;
  const [input, output] = [toCount(usage[inputName]), toCount(usage[outputName])];
  return input === undefined || output === undefined ? undefined : { input, output };
}

function toCount(value: unknown): number | undefined {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) return undefined;
  return Math.min(value, AI_LIMITS.believedTokens);
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
