/** How is a model of Workers AI asked? Through the binding, which answers in a form of its own or as chat completions do. */
import { ok, type Result } from "../result.ts";
import type { AiAnswer, AiPrompt, WorkersModel } from "./model.ts";
import { openaiChat } from "./openai-chat.ts";
import { isObject, toAnswer, toTokens } from "./wire-format.ts";

/** Asks the binding. It rejects where the platform does. */
export async function runWorkersAi(
  { binding, model }: WorkersModel,
  { messages, maxTokens, temperature, json }: AiPrompt,
): Promise<Result<AiAnswer, string>> {
  const answer = await binding.run(model, {
    messages,
    max_tokens: maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    ...(json ? { response_format: { type: "json_object" } } : {}),
  });
  if (isObject(answer) && Array.isArray(answer["choices"])) return openaiChat.readAnswer(answer);
  const { response, usage } = isObject(answer) ? answer : {};
  // Held to JSON, some models answer the object itself.
  const text = isObject(response) ? JSON.stringify(response) : response;
  const read = toAnswer(text, "stop", toTokens(usage, "prompt_tokens", "completion_tokens"));
  if (!read.ok || read.value.tokens === undefined) return read;
  return ok({ ...read.value, finish: read.value.tokens.output >= maxTokens ? "length" : "stop" });
}
