/** What is the same in every provider's protocol? A prompt becomes a body and headers; a JSON answer becomes a text. */
import type { Result } from "./result.ts";

/** What is asked: the rules, and the brief with the site's data. */
export interface Prompt {
  readonly system: string;
  readonly user: string;
}

/** What one request needs to know. */
export interface Ask {
  readonly model: string;
  readonly prompt: Prompt;
  /** The setting that holds the key, for a placeholder that the host fills in. */
  readonly keySetting: string;
}

/** What is sent, as options of `ctx.http.fetch`. */
export interface WireRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One protocol. */
export interface WireFormat {
  toRequest(ask: Ask): WireRequest;
  /** The model's text in a JSON answer; faults are about the answer and say what was expected. */
  readText(answer: Readonly<Record<string, unknown>>): Result<string>;
}

/** Most tokens of an answer. A long post has about 5000; models that think first need room for that too. */
export const ANSWER_TOKENS = 16_000;

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
