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

/** Tokens as the provider counted them. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** What a model wrote. */
export interface Answer {
  readonly text: string;
  /** Null where the provider reports none. */
  readonly tokens: Tokens | null;
}

/** One protocol. */
export interface WireFormat {
  toRequest(ask: Ask): WireRequest;
  /** The model's text in a JSON answer; faults are about the answer and say what was expected. */
  readText(answer: Readonly<Record<string, unknown>>): Result<string>;
  /** What the answer says it cost. */
  readTokens(answer: Readonly<Record<string, unknown>>): Tokens | null;
}

/** Most tokens of an answer. A long post has about 5000. Some providers refuse a larger number outright. */
export const ANSWER_TOKENS = 8_000;

/** The counts under `usage`, by the protocol's names. */
export function toTokens(usage: unknown, names: { readonly input: string; readonly output: string }): Tokens | null {
  if (!isObject(usage)) return null;
  const { [names.input]: input, [names.output]: output } = usage;
  return typeof input === "number" && typeof output === "number" ? { input, output } : null;
}

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
