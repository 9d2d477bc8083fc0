/** How are language models set up, and what is refused of a configuration? */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { AI_LIMITS } from "../../host/ai/limits.ts";
import type { WorkersAi } from "../../host/ai/model.ts";
import { readProviders } from "../../host/ai/read-providers.ts";
import { createWorker } from "../../host/worker.ts";
import { ORIGIN } from "../support/target.ts";
import { install, rows } from "./client.ts";
import { probe, type Bridged } from "./plugins.ts";

beforeEach(() => target.reset());

type Bindings = Cloudflare.Env;

const ROW = {
  name: "default",
  kind: "openai",
  baseUrl: "https://api.openai.com/v1",
  model: "gpt-x",
  keyVariable: "OPENAI_API_KEY",
  inputPricePerMillion: 1,
  outputPricePerMillion: 2,
};
const read = (value: unknown, key: string | undefined = "k", binding?: WorkersAi) =>
  readProviders({ text: typeof value === "string" ? value : JSON.stringify(value), readKey: () => key, binding });

describe("AI_PROVIDERS", () => {
  it("lists models with their whole address and their key", () => {
    expect(
      read([ROW, { ...ROW, name: "b", kind: "anthropic", baseUrl: "https://api.anthropic.com/v1/" }]),
    ).toMatchObject({
      ok: true,
      value: [
        {
          name: "default",
          endpoint: "https://api.openai.com/v1/chat/completions",
          key: "k",
          inputPrice: 1,
          outputPrice: 2,
        },
        { name: "b", endpoint: "https://api.anthropic.com/v1/messages" },
      ],
    });
    expect(read(Array.from({ length: AI_LIMITS.providers }, (_, i) => ({ ...ROW, name: `m${i}` })))).toMatchObject({
      ok: true,
    });
  });

  it.each([
    ["is not set", "", /is not set/],
    ["is no JSON", "[", /is not JSON/],
    ["is no list", "{}", /not valid/],
    ["is empty", "[]", /not valid/],
    [
      "has too many",
      Array.from({ length: AI_LIMITS.providers + 1 }, (_, i) => ({ ...ROW, name: `m${i}` })),
      /not valid/,
    ],
    ["names one twice", [ROW, ROW], /names that differ/],
    ["has an unknown key", [{ ...ROW, key: "sk-1" }], /not valid/],
    ["has no price", [{ ...ROW, inputPricePerMillion: undefined }], /inputPricePerMillion/],
    ["has a price below zero", [{ ...ROW, outputPricePerMillion: -1 }], /outputPricePerMillion/],
    ["speaks an unknown protocol", [{ ...ROW, kind: "grpc" }], /kind/],
    [
      "lacks the binding it names",
      [{ name: "w", kind: "workers-ai", model: "@cf/x", inputPricePerMillion: 0, outputPricePerMillion: 0 }],
      /no binding AI/,
    ],
  ])("that %s is refused with what is wrong", (_, value, words) => {
    expect(read(value)).toMatchObject({ ok: false, reason: expect.stringMatching(words) });
  });

  it("whose key is not set is refused by the key's name", () => {
    for (const key of ["", undefined])
      expect(readProviders({ text: JSON.stringify([ROW]), readKey: () => key, binding: undefined })).toEqual({
        ok: false,
        reason: 'The secret OPENAI_API_KEY of "default" is not set.',
      });
  });

  it.each([
    "SECRETS_KEY",
    "BOOTSTRAP_TOKEN",
    "DB",
    "__proto__",
    "constructor",
    "openai_API_KEY",
    "API_KEY ",
    "_API_KEY",
    "API_KEYS",
  ])("names no other secret as a key: %s", (keyVariable) => {
    expect(read([{ ...ROW, keyVariable }])).toMatchObject({ ok: false, reason: expect.stringMatching(/keyVariable/) });
  });

  it.each([
    "http://api.openai.com/v1",
    "https://127.0.0.1/v1",
    "https://localhost/v1",
    "https://llm.internal/v1",
    "https://[::1]/v1",
    "https://u:p@a.dev/v1",

    "file:///etc",
    "",
    "api.openai.com/v1",
  ])("with an address that is not https to a public name is refused: %s", (baseUrl) => {
    expect(read([{ ...ROW, baseUrl }])).toMatchObject({ ok: false, reason: expect.stringMatching(/baseUrl/) });
  });
});

/** Calls `ctx.ai.generate` in a Worker with other bindings; its log comes back too. */
async function askWith(changed: Record<string, unknown>, question: unknown): Promise<Bridged & { log: string }> {
  const lines: unknown[] = [];
  const worker = createWorker<Bindings>(() => ({ log: (...line) => void lines.push(line) }));
  const context = createExecutionContext();
  const request = new Request(`${ORIGIN}/api/plugins/asker/probe`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.BOOTSTRAP_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ op: "ai.generate", args: [question] }),
  }) as Request<unknown, IncomingRequestCfProperties>;
  const response = await worker.fetch!(request, { ...env, ...changed } as Bindings, context);
  const { data } = (await response.json()) as { data: Bridged };
  await waitOnExecutionContext(context);
  return { ...data, log: JSON.stringify(lines) };
}

describe("a host without a model", () => {
  it("says so with a code of its own; what is wrong with its configuration stands in its log alone", async () => {
    await install(probe("asker", { capabilities: ["ai:generate"] }));
    for (const [AI_PROVIDERS, words] of [
      [undefined, "AI_PROVIDERS is not set"],
      [JSON.stringify([{ ...ROW, keyVariable: "MISSING_API_KEY" }]), "MISSING_API_KEY"],
    ] as const) {
      const { error, log } = await askWith({ AI_PROVIDERS }, { prompt: "Hi" });
      expect(error).toEqual({
        name: "BridgeError",
        code: "NOT_CONFIGURED",
        message:
          "This host has no language model. The administrator has to set AI_PROVIDERS; the host's log says what is missing.",
      });
      expect(log).toContain(words);
    }
    expect(await rows("SELECT * FROM _host_ai_usage")).toEqual([]);
  });
});

describe("Workers AI", () => {
  const AI_PROVIDERS = JSON.stringify([
    { name: "edge", kind: "workers-ai", model: "@cf/meta/llama", inputPricePerMillion: 2, outputPricePerMillion: 3 },
  ]);
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

  // There is no such binding on one's own machine, so it is played here.
  it.each([
    ["its own form", { response: "Hello", usage }],
    ["that of chat completions", { choices: [{ message: { content: "Hello" }, finish_reason: "stop" }], usage }],
  ])("is asked through its binding and read in %s", async (_, answer) => {
    await install(probe("asker", { capabilities: ["ai:generate"] }));
    const seen: unknown[] = [];
    const AI: WorkersAi = { run: async (...asked) => (seen.push(asked), answer) };
    expect(await askWith({ AI, AI_PROVIDERS }, { prompt: "Hi", maxTokens: 50, json: true })).toEqual({
      value: { text: "Hello", model: "edge", finish: "stop", usage: { inputTokens: 11, outputTokens: 7 } },
      log: "[]",
    });
    expect(seen).toEqual([
      [
        "@cf/meta/llama",
        { messages: [{ role: "user", content: "Hi" }], max_tokens: 50, response_format: { type: "json_object" } },
      ],
    ]);
    expect(await rows("SELECT tokens_in, tokens_out, microdollars, reserved_tokens FROM _host_ai_usage")).toEqual([
      { tokens_in: 11, tokens_out: 7, microdollars: 43, reserved_tokens: 0 },
    ]);
  });

  it.each([
    ["rejects", () => Promise.reject(new Error("AiError 1234: account abc"))],
    ["answers nothing", () => Promise.resolve(undefined)],
    ["answers a number", () => Promise.resolve({ response: 5 })],
  ])("that %s is a typed error", async (_, run) => {
    await install(probe("asker", { capabilities: ["ai:generate"] }));
    const { error, log } = await askWith({ AI: { run }, AI_PROVIDERS }, { prompt: "Hi" });
    expect(error).toMatchObject({ code: "FAILED", message: expect.stringMatching(/^The model "edge"/) });
    expect(error!.message + log).not.toMatch(/abc/);
  });
});
