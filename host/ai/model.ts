/** What is a language model to the host? Where it is asked, by which protocol, and what it costs. Plugins know its name alone. */

/** A Workers AI binding, as far as it is used. */
export interface WorkersAi {
  run(model: string, input: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** What every model has. */
interface AnyModel {
  /** By which plugins choose it, e.g. `default`. */
  readonly name: string;
  /** What the provider calls it. */
  readonly model: string;
  /** Microdollars a token: dollars a million. */
  readonly inputPrice: number;
  readonly outputPrice: number;
}

/** A model behind HTTP. */
export interface HttpModel extends AnyModel {
  readonly kind: "openai" | "anthropic";
  /** The whole address, e.g. `https://api.openai.com/v1/chat/completions`. */
  readonly endpoint: string;
  readonly key: string;
}

/** A model of Workers AI. */
export interface WorkersModel extends AnyModel {
  readonly kind: "workers-ai";
  readonly binding: WorkersAi;
}

/** A model that plugins may ask. */
export type AiModel = HttpModel | WorkersModel;

/** One message of a question. */
export interface AiMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** A question. */
export interface AiPrompt {
  readonly messages: readonly AiMessage[];
  readonly maxTokens: number;
  readonly temperature?: number;
  /** Whether the answer is to be one JSON object. Not every provider can be held to it. */
  readonly json: boolean;
}

/** Tokens of a call. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

/** What a model wrote. */
export interface AiAnswer {
  readonly text: string;
  /** Whether it ended by itself or at `maxTokens`. */
  readonly finish: "stop" | "length";
  /** As the provider counted them; undefined where it says nothing that can be believed. */
  readonly tokens: Tokens | undefined;
}

/** Microdollars, rounded up. */
export function priceOf({ inputPrice, outputPrice }: AnyModel, { input, output }: Tokens): number {
  return Math.ceil(input * inputPrice + output * outputPrice);
}
