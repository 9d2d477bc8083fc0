/** How does one speak Anthropic's messages protocol? The rules stand apart from the messages, the answer comes in blocks. */
import { fail, ok } from "./result.ts";
import { ANSWER_TOKENS, isObject, toTokens, type WireFormat } from "./wire-format.ts";

/** The version of the protocol this file was written for. */
const PROTOCOL_VERSION = "2023-06-01";

/** Anthropic messages. */
export const anthropicMessages: WireFormat = {
  toRequest: ({ model, prompt, keySetting }) => ({
    headers: { "content-type": "application/json", "anthropic-version": PROTOCOL_VERSION },
    // SECURITY: a placeholder; the key itself never enters the plugin. Test: plugins "keeps keys out of prompts, logs, memory and posts".
    secretHeaders: { "x-api-key": `{{${keySetting}}}` },
    body: JSON.stringify({
      model,
      max_tokens: ANSWER_TOKENS,
      system: prompt.system,
      messages: [{ role: "user", content: prompt.user }],
    }),
  }),
  readText(answer) {
    const blocks: unknown = answer["content"];
    if (!Array.isArray(blocks)) return fail("bad-answer", "expected a list of content blocks, as messages have it");
    if (answer["stop_reason"] === "refusal") return fail("bad-answer", "the model refused. Change the topic");
    if (answer["stop_reason"] === "max_tokens") {
      return fail("bad-answer", 'the answer was cut off at its token limit. Lower "words" or choose another model');
    }
    const text = blocks
      .map((block: unknown) => (isObject(block) && block["type"] === "text" ? block["text"] : ""))
      .filter((part) => typeof part === "string")
      .join("");
    return text.trim() === "" ? fail("bad-answer", "expected a content block of text, and there is none") : ok(text);
  },
  readTokens: (answer) => toTokens(answer["usage"], { input: "input_tokens", output: "output_tokens" }),
};
