/** Does each provider get what its API expects? Real requests against aimock, which speaks both wire formats. */
import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toArticle } from "./articles.ts";
import { KEYS, createMemorySite } from "./memory-site.ts";

const mock = new LLMock({ port: 0, host: "127.0.0.1" });

beforeAll(async () => {
  await mock.start();
});
afterAll(() => mock.stop());
beforeEach(() => {
  mock.reset();
  const usage = { prompt_tokens: 321, completion_tokens: 654, input_tokens: 321, output_tokens: 654 };
  mock.onMessage(/[\s\S]*/, { content: JSON.stringify(toArticle()), usage });
});

const CHAT = [
  {
    provider: "openai",
    host: "api.openai.com",
    url: "https://api.openai.com/v1/chat/completions",
    key: "openaiKey",
    model: "gpt-4.1-mini",
    extra: { max_completion_tokens: 16_000, response_format: { type: "json_object" } },
    settings: {},
  },
  {
    provider: "deepseek",
    host: "api.deepseek.com",
    url: "https://api.deepseek.com/v1/chat/completions",
    key: "deepseekKey",
    model: "deepseek-chat",
    extra: { max_tokens: 8_000, response_format: { type: "json_object" } },
    settings: {},
  },
  {
    provider: "openrouter",
    host: "openrouter.ai",
    url: "https://openrouter.ai/api/v1/chat/completions",
    key: "openrouterKey",
    model: "openai/gpt-4.1-mini",
    extra: { max_tokens: 8_000 },
    settings: {},
  },
  {
    provider: "custom",
    host: "llm.example.com",
    url: "https://llm.example.com/v1/chat/completions",
    key: "customKey",
    model: "local-7b",
    extra: { max_tokens: 8_000 },
    settings: { baseUrl: "https://llm.example.com/v1/", model: "local-7b" },
  },
] as const;

describe("chat completions", () => {
  it.each(CHAT)("$provider", async ({ provider, host, url, key, model, extra, settings }) => {
    const site = await createMemorySite({ servers: { [host]: mock.url }, settings: { provider, ...settings } });
    await site.run();

    const [request] = site.sent;
    expect(site.sent).toHaveLength(1);
    expect(request).toMatchObject({
      url,
      method: "POST",
      secretHeaders: { authorization: `Bearer {{${key}}}` },
      headers: { "content-type": "application/json", authorization: `Bearer ${KEYS[key]}` },
    });
    const { messages, ...rest } = JSON.parse(request!.body) as { messages: { role: string }[] };
    expect(rest).toEqual({ model, ...extra });
    expect(messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(site.posts).toHaveLength(1);
  });
});

it.each(["https://llm.example.com/v1", "https://llm.example.com/v1/", "https://llm.example.com/v1/chat/completions"])(
  "takes a base address as people paste it: %s",
  async (baseUrl) => {
    const settings = { provider: "custom", baseUrl, model: "local-7b" };
    const site = await createMemorySite({ servers: { "llm.example.com": mock.url }, settings });
    await site.run();
    expect(site.sent[0]!.url).toBe("https://llm.example.com/v1/chat/completions");
  },
);

it("speaks Anthropic's messages", async () => {
  const site = await createMemorySite({
    servers: { "api.anthropic.com": mock.url },
    settings: { provider: "anthropic" },
  });
  await site.run();

  const [request] = site.sent;
  expect(request).toMatchObject({
    url: "https://api.anthropic.com/v1/messages",
    method: "POST",
    secretHeaders: { "x-api-key": "{{anthropicKey}}" },
    headers: { "anthropic-version": "2023-06-01", "x-api-key": KEYS["anthropicKey"] },
  });
  expect(request!.headers).not.toHaveProperty("authorization");
  const { system, messages, ...rest } = JSON.parse(request!.body) as { system: string; messages: { role: string }[] };
  expect(rest).toEqual({ model: "claude-haiku-4-5", max_tokens: 8_000 });
  expect(system).toContain("one JSON object");
  expect(messages.map(({ role }) => role)).toEqual(["user"]);
  expect(site.posts).toHaveLength(1);
});

it.each([
  ["openai", "api.openai.com"],
  ["anthropic", "api.anthropic.com"],
])("logs title, model and tokens of %s", async (provider, host) => {
  const site = await createMemorySite({ servers: { [host]: mock.url }, settings: { provider, model: "a-model" } });
  await site.run();
  const line = site.logs.find((entry) => entry.startsWith("Saved a draft"));
  expect(line).toContain('"title":"Watering tomatoes without wasting a drop"');
  expect(line).toContain('"model":"a-model"');
  expect(line).toContain('"tokens":{"input":321,"output":654}');
});

it("switches provider by one setting, at the next run", async () => {
  const other = new LLMock({ port: 0, host: "127.0.0.1" });
  const second = { title: "Pruning roses in a cold spring", slug: "pruning-roses" };
  other.onMessage(/[\s\S]*/, { content: JSON.stringify(toArticle(second)) });
  await other.start();
  try {
    const site = await createMemorySite({
      servers: { "api.openai.com": mock.url, "api.anthropic.com": other.url },
    });
    await site.run("2026-11-20T06:00:00Z");
    site.set("provider", "anthropic");
    await site.run("2026-11-20T12:00:00Z");

    expect(site.sent.map(({ url }) => new URL(url).hostname)).toEqual(["api.openai.com", "api.anthropic.com"]);
    expect(site.posts.map(({ slug }) => slug)).toEqual(["pruning-roses", "watering-tomatoes"]);
    expect(JSON.stringify(site.sent[1])).not.toContain(KEYS["openaiKey"]);
  } finally {
    await other.stop();
  }
});

it.each([
  ["no address", { model: "m" }, /baseUrl/],
  ["no model", { baseUrl: "https://llm.example.com/v1" }, /"model"/],
])("asks nobody while a custom endpoint has %s", async (_, settings, message) => {
  const site = await createMemorySite({ servers: {}, settings: { provider: "custom", ...settings } });
  await expect(site.run()).rejects.toThrow(message);
  expect(site.sent).toEqual([]);
  expect(site.creations).toEqual([]);
});
