/** Does the budget hold, whatever comes at once, breaks off or is walked away from? At the edge and one over. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { AI_BUDGET, describeShortage, windowsOf } from "../../host/ai/budget.ts";
import { AI_LIMITS } from "../../host/ai/limits.ts";
import { callRoute, eventually, install, must, rows } from "./client.ts";
import { listen } from "./client-plugin.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const MARKUP = 2 * AI_LIMITS.messageTokens;
const ask = (question: unknown = { prompt: "Hi", maxTokens: 100 }, id = "asker") => bridge(id, "ai.generate", question);
const installAsker = (id = "asker") =>
  install(
    probe(id, {
      capabilities: ["ai:generate"],
      routes: {
        many: `async ({ input }, ctx) => Promise.all(Array.from({ length: 10 }, () => ctx.ai.generate(input).then(() => "ok", (error) => error.code)))`,
        leave: `async ({ input }, ctx) => { ctx.ai.generate(input).catch(() => {}); await new Promise((resolve) => setTimeout(resolve, 200)); return "left"; }`,
      },
    }),
  );
const completion = (input = 5, output = 2) =>
  Response.json({
    choices: [{ message: { content: "Hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: input, completion_tokens: output },
  });

/** Hours ago, as the table writes them. */
const hourAt = (at: Date) => at.toISOString().slice(0, 13);
async function used(
  tokens: number,
  { id = "asker", at = new Date(), microdollars = 0, reserved = 0 } = {},
): Promise<void> {
  await target.env.DB.prepare("INSERT INTO _host_ai_usage VALUES (?, ?, 1, ?, 0, ?, ?, 0)")
    .bind(id, hourAt(at), tokens, microdollars, reserved)
    .run();
}
const startOf = (unit: "day" | "month", now = new Date()) =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), unit === "day" ? now.getUTCDate() : 1));

describe("a call", () => {
  it("sets aside the most it may cost: a token for each byte, and maxTokens", async () => {
    await installAsker();
    let seen: unknown;
    target.internet(async () => {
      seen = (await rows("SELECT tokens_in, reserved_tokens, reserved_microdollars FROM _host_ai_usage"))[0];
      return completion();
    });
    await ask({
      messages: [
        { role: "system", content: "é" },
        { role: "user", content: "日本" },
      ],
      maxTokens: 100,
    });
    const input = 2 + 6 + 3 * AI_LIMITS.messageTokens;
    expect(seen).toEqual({ tokens_in: 0, reserved_tokens: input + 100, reserved_microdollars: input * 1 + 100 * 4 });
    expect(
      await rows("SELECT tokens_in, tokens_out, reserved_tokens, reserved_microdollars FROM _host_ai_usage"),
    ).toEqual([{ tokens_in: 5, tokens_out: 2, reserved_tokens: 0, reserved_microdollars: 0 }]);
  });

  it("that fits to the last token is sent, and one token more is not", async () => {
    await installAsker();
    const need = 2 + MARKUP + 100;
    await used(AI_BUDGET.tokensPerHour - need);
    const seen = listen(() => completion());
    expect((await ask({ prompt: "Hi", maxTokens: 101 })).error).toEqual({
      name: "BridgeError",
      code: "BUDGET_EXCEEDED",
      message: expect.stringMatching(
        new RegExp(
          `^Cannot call ctx\\.ai\\.generate: of its budget of 200000 tokens an hour the plugin has ${need} tokens left, and this call may take ${need + 1} tokens\\. The budget renews at \\d{4}-\\d\\d-\\d\\dT\\d\\d:00:00\\.000Z\\.`,
        ),
      ),
    });
    expect(seen).toEqual([]);
    expect((await ask({ prompt: "Hi", maxTokens: 100 })).value).toBeDefined();
    expect(seen).toHaveLength(1);
  });

  it.each([
    ["a day", "tokensPerDay", startOf("day"), /1000000 tokens a day .*T00:00:00\.000Z/],
    ["a month", "tokensPerMonth", startOf("month"), /10000000 tokens a month .*-01T00:00:00\.000Z/],
  ] as const)(
    "counts with what was used since the beginning of %s, and not before",
    async (_, budget, start, words) => {
      await installAsker();
      listen(() => completion());
      await used(AI_BUDGET[budget], { at: new Date(start.getTime() - 1) });
      expect((await ask()).value).toBeDefined();
      await target.env.DB.exec("DELETE FROM _host_ai_usage");
      await used(AI_BUDGET[budget] - 100, { at: start });
      expect((await ask()).error).toMatchObject({ code: "BUDGET_EXCEEDED", message: expect.stringMatching(words) });
      // Another plugin has its own.
      await installAsker("other");
      expect((await ask(undefined, "other")).value).toBeDefined();
    },
  );

  it("counts in money too", async () => {
    await installAsker();
    const seen = listen(() => completion());
    // $1 and $4 a million: 34 and 400 microdollars.
    await used(0, { at: startOf("month"), microdollars: AI_BUDGET.microdollarsPerMonth - 34 - 400 });
    expect((await ask({ prompt: "Hi", maxTokens: 101 })).error).toMatchObject({
      code: "BUDGET_EXCEEDED",
      message: expect.stringMatching(/budget of \$10\.0000 a month the plugin has \$0\.0004 left.*-01T00:00:00\.000Z/),
    });
    expect(seen).toEqual([]);
    expect((await ask({ prompt: "Hi", maxTokens: 100 })).value).toBeDefined();
  });

  it("that can never fit is told so", async () => {
    await installAsker();
    // $1000 a million tokens of an answer.
    expect((await ask({ prompt: "Hi", model: "dear", maxTokens: 10_001 })).error).toMatchObject({
      code: "BUDGET_EXCEEDED",
      message: expect.stringMatching(
        /may take \$10\.0010\. It never fits\. Make the prompt shorter, or maxTokens smaller/,
      ),
    });
  });
});

describe("calls side by side", () => {
  it("do not overspend: twenty calls at once have what is left, and no more", async () => {
    await installAsker();
    const need = 2 + MARKUP + 1_000;
    await used(AI_BUDGET.tokensPerHour - 5 * need);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const seen = listen(async () => {
      // All of them are under way before the first one ends.
      await held;
      return completion(need - 1_000, 1_000);
    });
    const calls = Array.from({ length: 20 }, () => ask({ prompt: "Hi", maxTokens: 1_000 }));
    let refused = 0;
    for (const call of calls) void call.then(({ error }) => (refused += error ? 1 : 0));
    await eventually(async () => expect([seen.length, refused]).toEqual([5, 15]));
    release();
    const ends = await Promise.all(calls);
    expect(ends.filter(({ value }) => value)).toHaveLength(5);
    expect(ends.filter(({ error }) => error?.code === "BUDGET_EXCEEDED")).toHaveLength(15);
    const [sum] = await rows<{ tokens: number }>(
      "SELECT sum(tokens_in + tokens_out + reserved_tokens) AS tokens FROM _host_ai_usage",
    );
    expect(sum!.tokens).toBe(AI_BUDGET.tokensPerHour);
  });

  it("of one entry do not either", async () => {
    await installAsker();
    const need = 2 + MARKUP + 1_000;
    await used(AI_BUDGET.tokensPerHour - 2 * need);
    const seen = listen(() => completion(need - 1_000, 1_000));
    const { body } = await callRoute("asker", "many", { prompt: "Hi", maxTokens: 1_000 });
    expect((body["data"] as unknown as string[]).toSorted()).toEqual([
      ...Array<string>(8).fill("BUDGET_EXCEEDED"),
      "ok",
      "ok",
    ]);
    expect(seen).toHaveLength(2);
  });
});

describe("what was set aside", () => {
  it("and never settled, as after a crash, stays counted until its hour is over", async () => {
    await installAsker();
    listen(() => completion());
    await used(0, { reserved: AI_BUDGET.tokensPerHour });
    expect((await ask()).error?.code).toBe("BUDGET_EXCEEDED");
    await target.env.DB.exec("DELETE FROM _host_ai_usage");
    await used(0, { at: new Date(Date.now() - 3_600_000), reserved: AI_BUDGET.tokensPerHour });
    expect((await ask()).value).toBeDefined();
  });

  it("for an answer nobody waited for stays counted", async () => {
    await installAsker();
    const seen = listen(() => new Promise<Response>(() => {}));
    expect((await callRoute("asker", "leave", { prompt: "Hi", maxTokens: 100 })).body["data"]).toBe("left");
    expect(seen).toHaveLength(1);
    await eventually(async () =>
      expect(await rows("SELECT tokens_in, reserved_tokens FROM _host_ai_usage")).toEqual([
        { tokens_in: 0, reserved_tokens: 2 + MARKUP + 100 },
      ]),
    );
  });

  it("survives the plugin: installed again it has what it had left", async () => {
    await installAsker();
    listen(() => completion());
    await used(AI_BUDGET.tokensPerHour);
    await must("DELETE", "/api/admin/plugins/asker?data=delete");
    await installAsker();
    expect((await ask()).error?.code).toBe("BUDGET_EXCEEDED");
  });
});

describe("the words of a shortage", () => {
  const now = new Date("2026-12-31T23:59:59.999Z");
  const none = { hourTokens: 0, dayTokens: 0, monthTokens: 0, monthMicrodollars: 0 };
  const asked = { tokens: 10, microdollars: 10 };

  it.each([
    ["the hour", { hourTokens: AI_BUDGET.tokensPerHour }, "2027-01-01T00:00:00.000Z", "an hour"],
    [
      "the day before the hour",
      { hourTokens: AI_BUDGET.tokensPerHour, dayTokens: AI_BUDGET.tokensPerDay },
      "2027-01-01T00:00:00.000Z",
      "a day",
    ],
    [
      "the month before the day",
      { dayTokens: AI_BUDGET.tokensPerDay, monthTokens: AI_BUDGET.tokensPerMonth },
      "2027-01-01T00:00:00.000Z",
      "a month",
    ],
    [
      "the money before all",
      { monthTokens: AI_BUDGET.tokensPerMonth, monthMicrodollars: AI_BUDGET.microdollarsPerMonth },
      "2027-01-01T00:00:00.000Z",
      "$10.0000 a month",
    ],
  ])("name %s", (_, taken, renews, per) => {
    const words = describeShortage(AI_BUDGET, { ...none, ...taken }, asked, now);
    expect(words).toContain(per);
    expect(words).toContain(renews);
  });

  it("come from windows of the calendar", () => {
    expect(windowsOf(now)).toEqual({ hour: "2026-12-31T23", day: "2026-12-31T00", month: "2026-12-01T00" });
  });
});
