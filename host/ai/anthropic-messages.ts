/** How does one speak Anthropic's messages protocol? The rules stand apart from the messages, the answer comes in blocks. */
import { fail } from "../result.ts";
import { isObject, JSON_RULE, toAnswer, toTokens, type WireFormat } from "./wire-format.ts";

/** The version of the protocol this file was written for. */
const PROTOCOL_VERSION = "2023-06-01";

/** Anthropic messages. */
export const anthropicMessages: WireFormat = {
  toRequest({ key, model }, { messages, maxTokens, temperature, json }) {
    const rules = messages.filter(({ role }) => role === "system").map(({ content }) => content);
    const system = [...rules, ...(json ? [JSON_RULE] : [])].join("\n\n");
    return {
      headers: { "x-api-key": key, "anthropic-version": PROTOCOL_VERSION },
      body: {
        model,
        max_tokens: maxTokens,
        ...(system === "" ? {} : { system }),
        ...(temperature === undefined ? {} : { temperature }),
        messages: messages.filter(({ role }) => role !== "system"),
      },
    };
  },
  readAnswer(answer) {
    const blocks: unknown = answer["content"];
    if (!Array.isArray(blocks)) return fail("it is not a message");
    if (answer["stop_reason"] === "refusal") return fail("the model refused");
    const text = blocks
      .map((block: unknown) => (isObject(block) && block["type"] === "text" ? block["text"] : ""))
      .filter((part): part is string => typeof part === "string")
      .join("");
    return toAnswer(
      text,
      answer["stop_reason"] === "max_tokens" ? "length" : "stop",
      toTokens(answer["usage"], "input_tokens", "output_tokens"),
    );
  },
};
