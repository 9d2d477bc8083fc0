/**
 * How does one speak chat completions, the protocol of OpenAI that most others copied? Copies differ in the name of the
 * token limit and in whether they can be held to JSON.
 */
import { toExcerpt } from "./excerpt.ts";
import { fail, ok } from "./result.ts";
import { ANSWER_TOKENS, isObject, toTokens, type WireFormat } from "./wire-format.ts";

/** How a copy differs. */
interface Dialect {
  readonly limitField: "max_tokens" | "max_completion_tokens";
  /** Where it is not `ANSWER_TOKENS`. */
  readonly limit?: number;
  /** Sent as `response_format`, where the provider is known to take it. */
  readonly format?: "json_object";
}

/** Chat completions in a dialect. */
export function openaiChat({ limitField, limit = ANSWER_TOKENS, format }: Dialect): WireFormat {
  return {
    toRequest: ({ model, prompt, keySetting }) => ({
      headers: { "content-type": "application/json" },
      // SECURITY: a placeholder; the key itself never enters the plugin. Test: plugins "keeps keys out of prompts, logs, memory and posts".
      secretHeaders: { authorization: `Bearer {{${keySetting}}}` },
      body: JSON.stringify({
        model,
        [limitField]: limit,
        ...(format === undefined ? {} : { response_format: { type: format } }),
        messages: [
          { role: "system", content: prompt.system },
          { role: "user", content: prompt.user },
        ],
      }),
    }),
    readText(answer) {
      const choice: unknown = Array.isArray(answer["choices"]) ? answer["choices"][0] : undefined;
      const message = isObject(choice) ? choice["message"] : undefined;
      if (!isObject(choice) || !isObject(message)) {
        return fail("bad-answer", "expected choices[0].message, as chat completions have it");
      }
      if (typeof message["refusal"] === "string" && message["refusal"] !== "") {
        return fail("bad-answer", `the model refused: ${toExcerpt(message["refusal"])}. Change the topic`);
      }
      if (choice["finish_reason"] === "length") {
        return fail("bad-answer", 'the answer was cut off at its token limit. Lower "words" or choose another model');
      }
      const content = message["content"];
      return typeof content === "string" && content.trim() !== ""
        ? ok(content)
        : fail("bad-answer", "expected a text in choices[0].message.content, and it is empty");
    },
    readTokens: (answer) => toTokens(answer["usage"], { input: "prompt_tokens", output: "completion_tokens" }),
  };
}
