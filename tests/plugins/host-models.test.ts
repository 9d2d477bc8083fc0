/** Do the host's protocols agree with a server that speaks them? `ctx.ai` against an LLM on loopback, over real HTTP. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { askModel } from "../../host/ai/ask.ts";
import type { AiPrompt, HttpModel } from "../../host/ai/model.ts";
import { readProviders } from "../../host/ai/read-providers.ts";
import { startLocalLlm, type LocalLlm } from "../../scripts/local-llm.ts";
import { startLoopback } from "./loopback.ts";

let llm: LocalLlm;
beforeAll(async () => {
  llm = await startLocalLlm({ port: 0 });
  llm.answerWith(() => ({
    content: "Hello from afar",
    // Each protocol takes the counts under its own names.
    usage: { prompt_tokens: 21, completion_tokens: 4, input_tokens: 21, output_tokens: 4 },
  }));
});
afterAll(() => llm.close());

const row = (kind: string, host: string) => ({
  name: kind,
  kind,
  baseUrl: `https://${host}/v1`,
  model: kind === "openai" ? "gpt-4.1-mini" : "claude-haiku-4-5",
  keyVariable: "LLM_API_KEY",
  inputPricePerMillion: 1,
  outputPricePerMillion: 1,
});
function modelOf(kind: "openai" | "anthropic", host: string): HttpModel {
  const read = readProviders({ text: JSON.stringify([row(kind, host)]), readKey: () => "a-key", binding: undefined });
  if (!read.ok) throw new Error(read.reason);
  return read.value[0] as HttpModel;
}
/** Bodies as they left. */
const sent: unknown[] = [];
/** Sends to loopback what is meant for another host, as the local Worker does. */
const to =
  (server: string) =>
  async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    sent.push(await request.clone().json());
    return fetch(new Request(`${server}${pathname}`, request));
  };
const prompt: AiPrompt = {
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Say hello" },
  ],
  maxTokens: 200,
  json: false,
};

test.each([
  ["openai", "api.openai.com", { max_completion_tokens: 200 }],
  ["openai", "llm.shop.dev", { max_tokens: 200 }],
  ["anthropic", "api.anthropic.com", { max_tokens: 200 }],
] as const)("%s at %s answers, and says what it used", async (kind, host, limit) => {
  const answer = await askModel(modelOf(kind, host), prompt, {
    fetch: to(llm.url),
    signal: AbortSignal.timeout(10_000),
  });
  expect(answer).toEqual({
    ok: true,
    value: {
      text: "Hello from afar",
      finish: "stop",
      tokens: { input: 21, output: 4 },
    },
  });
  expect(sent.at(-1)).toMatchObject({ model: row(kind, host).model, ...limit });
});

test("a server that never answers is given up with the signal, and counts as having worked", async () => {
  await using server = await startLoopback(() => {});
  const signal = AbortSignal.timeout(300);
  expect(await askModel(modelOf("openai", "a.dev"), prompt, { fetch: to(server.url), signal })).toMatchObject({
    ok: false,
    reason: { used: "all", reason: "timeout" },
  });
});

test("an answer that breaks off counts as having worked", async () => {
  await using server = await startLoopback((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"choices":');
    setTimeout(() => response.destroy(), 50);
  });
  const signal = AbortSignal.timeout(10_000);
  expect(await askModel(modelOf("openai", "a.dev"), prompt, { fetch: to(server.url), signal })).toMatchObject({
    ok: false,
    reason: { used: "all", message: expect.stringContaining("broke off") },
  });
});

test("a server that is not there cost nothing", async () => {
  const server = await startLoopback(() => {});
  await server[Symbol.asyncDispose]();
  const signal = AbortSignal.timeout(10_000);
  expect(await askModel(modelOf("openai", "a.dev"), prompt, { fetch: to(server.url), signal })).toMatchObject({
    ok: false,
    reason: { used: "nothing", reason: "unreachable" },
  });
});
