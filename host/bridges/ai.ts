/** `ctx.ai`: the host's language models. Keys, addresses and budgets stay with the host. */
import { z } from "zod";
import { generate } from "../ai/generate.ts";
import { AI_LIMITS } from "../ai/limits.ts";
import type { AiMessage, AiModel } from "../ai/model.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";

const content = z.string().min(1, "Expected a text that is not empty").max(AI_LIMITS.promptChars);
const messagesSchema = z
  .array(z.strictObject({ role: z.enum(["system", "user", "assistant"]), content }))
  .min(1)
  .max(AI_LIMITS.messages)
  .refine((messages) => messages.at(-1)?.role === "user", "Expected the last message to be the user's")
  .refine((messages) => charsOf(messages) <= AI_LIMITS.promptChars, {
    message: `Expected at most ${AI_LIMITS.promptChars} characters in all messages together`,
  });
const questionSchema = z
  .strictObject({
    prompt: content.optional(),
    messages: messagesSchema.optional(),
    model: z.string().min(1).max(64).optional(),
    maxTokens: z.number().int().min(1).max(AI_LIMITS.maxTokens.most).default(AI_LIMITS.maxTokens.default),
    temperature: z.number().min(0).max(1).optional(),
    json: z.boolean().default(false),
  })
  .refine(({ prompt, messages }) => (prompt === undefined) !== (messages === undefined), {
    message: "Expected either prompt or messages",
  });

function charsOf(messages: readonly AiMessage[]): number {
  return messages.reduce((sum, message) => sum + message.content.length, 0);
}

function chooseModel({ services }: BridgeCall, name: string | undefined): AiModel {
  if (!services.ai.ok) {
    // What is wrong with the host's configuration is the administrator's to read.
    services.log("warn", "no language model", { reason: services.ai.reason });
    throw new BridgeError(
      "NOT_CONFIGURED",
      "This host has no language model. The administrator has to set AI_PROVIDERS; the host's log says what is missing.",
    );
  }
  const models = services.ai.value;
  const model = name === undefined ? models[0] : models.find((candidate) => candidate.name === name);
  if (model) return model;
  const known = models.map((candidate) => candidate.name).join(", ");
  throw new BridgeError(
    "INVALID_ARGUMENT",
    `Cannot call ctx.ai.generate: this host has no model "${name}". It has: ${known}. Leave "model" out for the first.`,
  );
}

/** The bridge methods of `ctx.ai`. */
export const aiMethods = [
  defineMethod({
    name: "ai.generate",
    capability: "ai:generate",
    summary: "Asks one of the host's language models, within the plugin's budget of tokens and money.",
    args: z.tuple([questionSchema]),
    kind: "request",
    draws: ["aiTokens"],
    outside: ({ maxTokens }) => `for at most ${maxTokens} tokens`,
    async handler(call, { prompt, messages, model: name, maxTokens, temperature, json }) {
      const model = chooseModel(call, name);
      const { services, plugin, signal } = call;
      const generated = await generate({ services, plugin: plugin.id, signal }, model, {
        messages: messages ?? [{ role: "user", content: prompt! }],
        maxTokens,
        json,
        ...(temperature === undefined ? {} : { temperature }),
      });
      if (!generated.ok) throw new BridgeError(generated.reason.code, generated.reason.message);
      const { inputTokens, outputTokens } = generated.value.usage;
      call.count("aiTokens", inputTokens + outputTokens);
      return generated.value;
    },
  }),
];
