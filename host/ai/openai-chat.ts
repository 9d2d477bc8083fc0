/** How does one speak chat completions, the protocol of OpenAI that most others copied? */
import { fail } from "../result.ts";
import { isObject, toAnswer, toTokens, type WireFormat } from "./wire-format.ts";

/** Chat completions. */
export const openaiChat: WireFormat = {
  toRequest: ({ endpoint, key, model }, { messages, maxTokens, temperature, json }) => ({
    headers: { authorization: `Bearer ${key}` },
    body: {
      model,
      messages,
      // OpenAI's newer models refuse `max_tokens`; its copies know nothing else.
      [new URL(endpoint).hostname.endsWith(".openai.com") ? "max_completion_tokens" : "max_tokens"]: maxTokens,
      ...(temperature === undefined ? {} : { temperature }),
      ...(json ? { response_format: { type: "json_object" } } : {}),
    },
  }),
  readAnswer(answer) {
    const choice: unknown = Array.isArray(answer["choices"]) ? answer["choices"][0] : undefined;
    const message = isObject(choice) ? choice["message"] : undefined;
    if (!isObject(choice) || !isObject(message)) return fail("it is not a chat completion");
    if (typeof message["refusal"] === "string" && message["refusal"] !== "") return fail("the model refused");
    return toAnswer(
      message["content"],
      choice["finish_reason"] === "length" ? "length" : "stop",
      toTokens(answer["usage"], "prompt_tokens", "completion_tokens"),
    );
  },
};
