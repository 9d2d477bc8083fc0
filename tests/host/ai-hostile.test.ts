/** What if a provider is hostile, broken or chatty? The guest reads one of a few sentences, and the budget is not fooled. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { AI_LIMITS } from "../../host/ai/limits.ts";
import { PROVIDERS, type Internet } from "../support/target.ts";
import { callRoute, install, invocations, must, rows } from "./client.ts";
import { listen } from "./client-plugin.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const ask = (question: unknown = { prompt: "Hi", maxTokens: 100 }) => bridge("asker", "ai.generate", question);
const installAsker = () => install(probe("asker", { capabilities: ["ai:generate"] }));
const completion = (content: unknown, usage: unknown = { prompt_tokens: 5, completion_tokens: 2 }) =>
  Response.json({ choices: [{ message: { content }, finish_reason: "stop" }], usage });
/** `Hi` and the markup of one message, and 100 for the answer. */
const RESERVED = 2 + 2 * AI_LIMITS.messageTokens + 100;
const counted = async () =>
  (
    await rows<{ used: number; reserved: number }>(
      "SELECT tokens_in + tokens_out AS used, reserved_tokens AS reserved FROM _host_ai_usage",
    )
  )[0];

describe("a provider's error", () => {
  const LEAK = `quota of org-abc; key ${PROVIDERS.LLM_API_KEY} at https://llm.provider.dev`;
  it.each([
    [400, /did not accept the request/, 0],
    [401, /refused the host's key/, 0],
    [403, /refused the host's key/, 0],
    [404, /did not accept the request/, 0],
    [429, /takes no more requests at present/, 0],
    [500, /its provider failed/, 0],
    [503, /its provider failed/, 0],
    [204, /cannot be used/, RESERVED],
    [504, /its provider failed/, RESERVED],
    [524, /its provider failed/, RESERVED],
  ])("%i is a typed error that tells nothing of it", async (status, words, held) => {
    await installAsker();
    target.internet(() =>
      status === 204 ? new Response(null, { status }) : Response.json({ error: { message: LEAK } }, { status }),
    );
    const { error } = await ask();
    expect(error).toMatchObject({ name: "BridgeError", code: "FAILED", message: expect.stringMatching(words) });
    expect(error!.message).not.toMatch(/org-abc|key-|provider\.dev|large-1/);
    expect(await counted()).toEqual({ used: 0, reserved: held });
  });

  it("of the network tells no address", async () => {
    await installAsker();
    target.internet(() => {
      throw new TypeError("connect ECONNREFUSED llm.provider.dev:443");
    });
    const { error } = await ask();
    // The built Worker's local network answers such a failure itself, with a 500; production has none in between.
    expect(error).toMatchObject({
      code: "FAILED",
      message: expect.stringMatching(/was not reached|its provider failed/),
    });
    expect(error!.message).not.toMatch(/provider\.dev|ECONN/);
    expect(await counted()).toEqual({ used: 0, reserved: 0 });
  });

  it.each([301, 302, 303, 307, 308])(
    "a redirect (%i) is not followed: the key stays where it was meant for",
    async (status) => {
      await installAsker();
      const seen = listen(() => new Response(null, { status, headers: { location: "https://evil.dev/" } }));
      expect((await ask()).error?.code).toBe("FAILED");
      expect(seen.map(({ url }) => new URL(url).hostname)).toEqual(["llm.provider.dev"]);
    },
  );
});

describe("an answer", () => {
  const odd: readonly (readonly [string, Internet, RegExp])[] = [
    ["no JSON", () => new Response("<html>"), /not a JSON object/],
    ["a list", () => Response.json([1]), /not a JSON object/],
    ["empty", () => new Response(""), /not a JSON object/],
    ["without choices", () => Response.json({ choices: [] }), /not a chat completion/],
    ["with a choice that is none", () => Response.json({ choices: [null] }), /not a chat completion/],
    ["an object for a text", () => completion({ text: "x" }), /no text/],
    ["null for a text", () => completion(null), /no text/],
    ["a refusal", () => Response.json({ choices: [{ message: { refusal: "no", content: null } }] }), /refused/],
    ["one character too long", () => completion("a".repeat(AI_LIMITS.answerChars + 1)), /more than 200000 characters/],
    [
      "too many bytes",
      () => completion("a", { padding: "a".repeat(AI_LIMITS.answerBytes) }),
      /more than 1000000 bytes/,
    ],
  ];
  it.each(odd)("that is %s cannot be used; what was set aside is taken as used", async (_, answer, words) => {
    await installAsker();
    target.internet(answer);
    expect((await ask()).error).toMatchObject({ code: "FAILED", message: expect.stringMatching(words) });
    expect(await counted()).toEqual({ used: 0, reserved: RESERVED });
  });

  it("is a plain text, whatever is in it", async () => {
    await installAsker();
    for (const [content, text] of [
      ["", ""],
      ["a".repeat(AI_LIMITS.answerChars), "a".repeat(AI_LIMITS.answerChars)],
      ['{"__proto__":{"x":1}}<script>\u0000\u2028', '{"__proto__":{"x":1}}<script>\u0000\u2028'],
      ["a\ud800b", "a\ufffdb"],
    ] as const) {
      target.internet(() => completion(content));
      expect((await ask()).value?.["text"]).toBe(text);
    }
  });

  it("has no key in it: an echo of the key is redacted", async () => {
    await installAsker();
    target.internet((request) => completion(`You sent ${request.headers.get("authorization")} twice`));
    expect((await ask()).value?.["text"]).toBe("You sent Bearer [redacted] twice");
  });

  it.each([
    ["none", undefined],
    ["zero", { prompt_tokens: 0, completion_tokens: 0 }],
    ["negative", { prompt_tokens: -1_000_000, completion_tokens: 2 }],
    ["fractions", { prompt_tokens: 0.5, completion_tokens: 0.5 }],
    ["texts", { prompt_tokens: "5", completion_tokens: "2" }],
    ["null", { prompt_tokens: null, completion_tokens: null }],
    ["half of them", { prompt_tokens: 5 }],
  ])("with counts that cannot be (%s) is charged for all that was set aside", async (_, usage) => {
    await installAsker();
    target.internet(() => completion("Hello", usage ?? null));
    expect((await ask()).value).toMatchObject({ usage: { inputTokens: RESERVED - 100, outputTokens: 100 } });
    expect(await counted()).toEqual({ used: RESERVED, reserved: 0 });
  });

  it("with counts beyond belief is charged for as much as is believed", async () => {
    await installAsker();
    target.internet(() => completion("Hello", { prompt_tokens: 1e15, completion_tokens: 2 }));
    expect((await ask()).value).toBeDefined();
    expect(await counted()).toEqual({ used: AI_LIMITS.believedTokens + 2, reserved: 0 });
    expect((await ask()).error?.code).toMatch(/^(BUDGET|QUOTA)_EXCEEDED$/);
  });
});

describe("nothing of a question or an answer", () => {
  it("is kept anywhere, whether it went well or not", async () => {
    await install(
      sketch("asker", {
        capabilities: ["ai:generate"],
        routes: { ask: `async ({ input }, ctx) => (await ctx.ai.generate(input)).model` },
      }),
    );
    for (const [answer, ends] of [
      [() => completion("Private answer"), 200],
      [() => new Response("Private answer", { status: 500 }), 422],
      [() => new Response("Private answer"), 422],
    ] as const) {
      target.internet(answer);
      expect((await callRoute("asker", "ask", { prompt: "Private question" })).status).toBe(ends);
    }
    await invocations("asker", 3);
    const stored = JSON.stringify([await everything(), await must("GET", "/api/admin/plugins/asker/logs")]);
    expect(stored).not.toMatch(/Private|key-0123/);
  });
});
