/** Does each provider get what it expects, and the key only where the host puts it? */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalLlm, type LocalLlm } from "../../scripts/local-llm.ts";
import { ARTICLE, chat } from "./articles.ts";
import { KEY, createContext, traces, type Context } from "./context.ts";
import { startFaultyServer } from "./faulty-server.ts";
import { runSchedule } from "./run.ts";

let llm: LocalLlm;
beforeAll(async () => {
  llm = await startLocalLlm({ port: 0 });
});
afterAll(() => llm.close());

async function runWith(values: Readonly<Record<string, string | number>>): Promise<Context> {
  const context = createContext({ server: llm.url, values });
  await runSchedule(context);
  return context;
}

function bodyOf({ requests }: Context): Readonly<Record<string, unknown>> {
  return JSON.parse(requests[0]!.body) as Readonly<Record<string, unknown>>;
}

test("OpenAI: chat completions, held to JSON, under the newer name of the limit", async () => {
  const context = await runWith({ provider: "openai" });
  expect(context.requests[0]).toMatchObject({
    url: "https://api.openai.com/v1/chat/completions",
    secretHeaders: { authorization: "Bearer {{openaiKey}}" },
  });
  const body = bodyOf(context);
  expect(body).toMatchObject({ response_format: { type: "json_object" }, max_completion_tokens: expect.any(Number) });
  expect(body).not.toHaveProperty("max_tokens");
  expect(context.created).toHaveLength(1);
});

test("Anthropic: messages, with the rules apart and the protocol's version", async () => {
  const context = await runWith({ provider: "anthropic" });
  expect(context.requests[0]).toMatchObject({
    url: "https://api.anthropic.com/v1/messages",
    secretHeaders: { "x-api-key": "{{anthropicKey}}" },
  });
  expect(bodyOf(context)).toMatchObject({
    system: expect.stringContaining("JSON object"),
    max_tokens: expect.any(Number),
    messages: [{ role: "user" }],
  });
  expect(llm.requests().at(-1)?.headers).toMatchObject({ "anthropic-version": "2023-06-01" });
  expect(context.created).toHaveLength(1);
});

test("DeepSeek: chat completions at its own host, with its own key", async () => {
  const context = await runWith({ provider: "deepseek" });
  expect(context.requests[0]).toMatchObject({
    url: "https://api.deepseek.com/v1/chat/completions",
    secretHeaders: { authorization: "Bearer {{deepseekKey}}" },
  });
  expect(context.created).toHaveLength(1);
});

test("OpenRouter: chat completions under /api, with its own key", async () => {
  const context = await runWith({ provider: "openrouter" });
  expect(context.requests[0]).toMatchObject({
    url: "https://openrouter.ai/api/v1/chat/completions",
    secretHeaders: { authorization: "Bearer {{openrouterKey}}" },
  });
  expect(context.created).toHaveLength(1);
});

test("any compatible endpoint: the base address from the settings, with or without its end", async () => {
  const urls = ["https://llm.example/v1", "https://llm.example/v1/", "https://llm.example/v1/chat/completions"];
  for (const baseUrl of urls) {
    const context = await runWith({ provider: "custom", baseUrl, model: "house-model" });
    expect(context.requests[0]).toMatchObject({
      url: "https://llm.example/v1/chat/completions",
      secretHeaders: { authorization: "Bearer {{customKey}}" },
    });
    expect(bodyOf(context)).toMatchObject({ model: "house-model" });
  }
});

test("the setting `model` replaces the provider's default", async () => {
  expect(bodyOf(await runWith({ provider: "openai", model: "gpt-next" }))).toMatchObject({ model: "gpt-next" });
});

test("sends the key by placeholder: the host fills it in, and the plugin leaves it nowhere", async () => {
  const server = await startFaultyServer();
  const seen: (string | string[] | undefined)[] = [];
  server.answerWith(({ headers }, response) => {
    seen.push(headers["x-api-key"], headers.authorization);
    response.writeHead(200).end(chat(ARTICLE));
  });
  try {
    const context = createContext({ server: server.url, values: { provider: "openai" } });
    await runSchedule(context);
    expect(seen).toEqual([undefined, `Bearer ${KEY}`]);
    expect(context.requests[0]?.secretHeaders).toEqual({ authorization: "Bearer {{openaiKey}}" });
    expect(traces(context)).not.toContain(KEY);
  } finally {
    await server.close();
  }
});

test("another provider is one setting, between two runs", async () => {
  const context = createContext({ server: llm.url, values: { provider: "openai" } });
  await runSchedule(context, "2026-03-01T00:00:00.000Z");
  context.settings.set("provider", "deepseek");
  await runSchedule(context, "2026-03-01T06:00:00.000Z");
  expect(context.requests.map(({ url }) => new URL(url).host)).toEqual(["api.openai.com", "api.deepseek.com"]);
  expect(context.created).toHaveLength(2);
});
