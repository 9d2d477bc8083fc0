/** What does a plugin get of the host's language models, and what do they get? Providers are played; what they were sent is looked at. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { AI_LIMITS } from "../../host/ai/limits.ts";
import { PROVIDERS, type Internet } from "../support/target.ts";
import { install, rows } from "./client.ts";
import { listen } from "./client-plugin.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const asker = (id = "asker") => probe(id, { capabilities: ["ai:generate"] });
const ask = (question: unknown, id = "asker") => bridge(id, "ai.generate", question);
const completion: Internet = () =>
  Response.json({
    id: "x",
    model: "large-1-2026",
    choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 },
  });
const message: Internet = () =>
  Response.json({
    content: [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "Hel" },
      { type: "text", text: "lo" },
    ],
    stop_reason: "end_turn",
    usage: { input_tokens: 12, output_tokens: 3 },
  });
const usage = { inputTokens: 12, outputTokens: 3 };

describe("a question", () => {
  it("goes to the host's first model, with the host's key, and its cost is counted", async () => {
    await install(asker());
    const seen = listen(completion);
    expect(await ask({ prompt: "Say hello" })).toEqual({
      value: { text: "Hello", model: "default", finish: "stop", usage },
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ url: "https://llm.provider.dev/v1/chat/completions", method: "POST" });
    expect(seen[0]!.headers.get("authorization")).toBe(`Bearer ${PROVIDERS.LLM_API_KEY}`);
    expect(JSON.parse(seen[0]!.body)).toEqual({
      model: "large-1",
      messages: [{ role: "user", content: "Say hello" }],
      max_tokens: AI_LIMITS.maxTokens.default,
    });
    expect(await rows("SELECT * FROM _host_ai_usage")).toEqual([
      {
        plugin_id: "asker",
        hour: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d$/),
        calls: 1,
        tokens_in: 12,
        tokens_out: 3,
        // $1 and $4 a million.
        microdollars: 24,
        reserved_tokens: 0,
        reserved_microdollars: 0,
      },
    ]);
  });

  it("to a model by name goes there in its protocol: rules apart, answer in blocks", async () => {
    await install(asker());
    const seen = listen(message);
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hi." },
      { role: "user", content: "Say hello" },
    ];
    expect(await ask({ messages, model: "careful", maxTokens: 50, temperature: 0.2, json: true })).toEqual({
      value: { text: "Hello", model: "careful", finish: "stop", usage },
    });
    expect(seen[0]!.url).toBe("https://careful.provider.dev/v1/messages");
    expect(seen[0]!.headers.get("x-api-key")).toBe(PROVIDERS.CAREFUL_API_KEY);
    expect(seen[0]!.headers.get("anthropic-version")).toBe("2023-06-01");
    expect(seen[0]!.headers.get("authorization")).toBeNull();
    expect(JSON.parse(seen[0]!.body)).toEqual({
      model: "careful-2",
      max_tokens: 50,
      temperature: 0.2,
      system: "Be brief.\n\nAnswer with one JSON object and nothing else.",
      messages: messages.slice(1),
    });
  });

  it("whose answer ends at maxTokens says so", async () => {
    await install(asker());
    const cut = { choices: [{ message: { content: "Hel" }, finish_reason: "length" }], usage: {} };
    target.internet(() => Response.json(cut));
    expect((await ask({ prompt: "x" })).value).toMatchObject({ text: "Hel", finish: "length" });
    target.internet(() => Response.json({ content: [{ type: "text", text: "Hel" }], stop_reason: "max_tokens" }));
    expect((await ask({ prompt: "x", model: "careful" })).value).toMatchObject({ text: "Hel", finish: "length" });
  });

  it("is not asked without its grant, whatever else was granted", async () => {
    await install(probe("asker", { capabilities: ["network:request:unrestricted", "email:send"] }));
    const seen = listen(completion);
    expect((await ask({ prompt: "x" })).error?.message).toMatch(/^Missing capability: ai:generate\./);
    expect(seen).toEqual([]);
    expect(await rows("SELECT * FROM _host_ai_usage")).toEqual([]);
  });

  it("for a model that is not there names those that are, and no more of them", async () => {
    await install(asker());
    const { error } = await ask({ prompt: "x", model: "large-1" });
    expect(error).toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("It has: default, careful, dear."),
    });
    expect(error!.message).not.toMatch(/provider\.dev|key-/);
  });
});

describe("arguments", () => {
  const user = (content: string) => ({ role: "user", content });
  const most = AI_LIMITS.promptChars;

  it.each([
    ["as long a prompt as may be", { prompt: "a".repeat(most) }],
    ["as many messages as may be", { messages: Array.from({ length: AI_LIMITS.messages }, () => user("a")) }],
    ["as many characters as may be", { messages: [user("a".repeat(most - 1)), user("b")] }],
    ["as many tokens as may be", { prompt: "a", maxTokens: AI_LIMITS.maxTokens.most }],
    ["one token at temperature 1", { prompt: "a", maxTokens: 1, temperature: 1 }],
  ])("with %s are taken", async (_, question) => {
    await install(asker());
    listen(completion);
    expect((await ask(question)).error).toBeUndefined();
  });

  it("that are wrong are a typed error that names the argument, and nothing is sent or counted", async () => {
    await install(asker());
    const seen = listen(completion);
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      ["text", /argument 0/],
      [{}, /either prompt or messages/],
      [{ prompt: "a", messages: [user("a")] }, /either prompt or messages/],
      [{ prompt: "" }, /prompt/],
      [{ prompt: "a".repeat(most + 1) }, /prompt/],
      [{ messages: [] }, /messages/],
      [{ messages: Array.from({ length: AI_LIMITS.messages + 1 }, () => user("a")) }, /messages/],
      [{ messages: [user("a".repeat(most)), user("b")] }, /100000 characters in all messages/],
      [{ messages: [user("a"), { role: "assistant", content: "b" }] }, /last message/],
      [{ messages: [{ role: "tool", content: "a" }] }, /role/],
      [{ messages: [{ role: "user", content: [{ type: "image" }] }] }, /content/],
      [{ messages: [{ ...user("a"), name: "x" }] }, /messages/],
      [{ prompt: "a", maxTokens: 0 }, /maxTokens/],
      [{ prompt: "a", maxTokens: 1.5 }, /maxTokens/],
      [{ prompt: "a", maxTokens: AI_LIMITS.maxTokens.most + 1 }, /maxTokens/],
      [{ prompt: "a", temperature: 1.1 }, /temperature/],
      [{ prompt: "a", temperature: -0.1 }, /temperature/],
      [{ prompt: "a", json: "yes" }, /json/],
      [{ prompt: "a", baseUrl: "https://evil.dev" }, /baseUrl/],
      [{ prompt: "a", apiKey: "x" }, /apiKey/],
    ];
    for (const [question, words] of wrong) {
      const { error } = await ask(question);
      expect({ code: error?.code, message: error?.message }).toEqual({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(words),
      });
    }
    expect(seen).toEqual([]);
    expect(await rows("SELECT * FROM _host_ai_usage")).toEqual([]);
  });
});
