/** What does a broken model leave behind? A failed run that says what to do, and nothing else. */
import { describe, expect, it } from "vitest";
import { toArticle, toChatAnswer } from "./articles.ts";
import { startAnswering, startLoopback, type FixedAnswer } from "./loopback.ts";
import { KEYS, createMemorySite, type MemorySite } from "./memory-site.ts";

/** Runs once against a server that answers so; gives the failure's message after checking that nothing else came of it. */
async function failWith(answer: FixedAnswer, settings: Readonly<Record<string, string>> = {}): Promise<string> {
  await using server = await startAnswering(answer);
  const servers = { "api.openai.com": server.url, "api.anthropic.com": server.url };
  // Awaited here: the server is closed when this function returns.
  return await failOn(await createMemorySite({ servers, settings: { topics: "roses\ncompost", ...settings } }));
}

async function failOn(site: MemorySite): Promise<string> {
  const error = await site.run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  const { message } = error as Error;
  expect(site.calls).not.toContain("content.create");
  expect(site.posts).toEqual([]);
  expect(site.calls.length).toBeLessThanOrEqual(15);
  expect(message.length).toBeLessThanOrEqual(900);
  const seen = JSON.stringify([message, site.logs, [...site.kv]]);
  for (const key of Object.values(KEYS)) expect(seen).not.toContain(key);
  // The topic keeps its turn, and the panel's note is the reason.
  expect([...site.kv.values()]).toEqual([
    expect.objectContaining({ cursor: 0, written: 0, runs: [expect.objectContaining({ topic: "roses" })] }),
  ]);
  return message;
}

/** The failure where the model's text is this. */
const failOnText = (text: string): Promise<string> => failWith({ body: toChatAnswer(text) });
/** The failure where the article differs so. */
const failOnArticle = (changes: Readonly<Record<string, unknown>>): Promise<string> =>
  failOnText(JSON.stringify(toArticle(changes)));

describe("a status", () => {
  it.each([401, 403])("%i names the key's setting and quotes nothing", async (status) => {
    const message = await failWith({ status, body: `{"error":{"message":"Incorrect key ${KEYS["openaiKey"]}"}}` });
    expect(message).toMatch(/OpenAI/);
    expect(message).toContain(String(status));
    expect(message).toContain('"openaiKey"');
    expect(message).not.toContain("Incorrect");
  });

  it("401 of another provider names that one's key", async () => {
    const message = await failWith({ status: 401, body: "{}" }, { provider: "anthropic" });
    expect(message).toMatch(/Anthropic.*401.*"anthropicKey"/);
  });

  it.each([
    ["120", /429.*wait 120 s/],
    ["Fri, 20 Nov 2026 07:00:00 GMT", /429.*wait until Fri, 20 Nov 2026 07:00:00 GMT/],
  ])("429 says until when: %s", async (retryAfter, expected) => {
    const message = await failWith({ status: 429, headers: { "retry-after": retryAfter }, body: "slow down" });
    expect(message).toMatch(expected);
    expect(message).toMatch(/next scheduled run/);
  });

  it("429 without a time does not make one up", async () => {
    expect(await failWith({ status: 429, body: "{}" })).not.toMatch(/wait/);
  });

  it("500 is the provider's, and comes with a short clean excerpt", async () => {
    const body = `<html><body>Oops\u0000\n ${KEYS["openaiKey"]} ${"x ".repeat(5_000)}</body></html>`;
    const message = await failWith({ status: 500, headers: { "content-type": "text/html" }, body });
    expect(message).toMatch(/OpenAI failed \(status 500\).*next scheduled run/);
    expect(message).toContain("Oops");
    expect(message).not.toMatch(/<|\p{Cc}/u);
  });

  it("404 names the model's setting", async () => {
    const message = await failWith({ status: 404, body: "{}" }, { model: "gpt-nine" });
    expect(message).toMatch(/gpt-nine.*404.*"model"/);
  });
});

describe("no answer", () => {
  it("in time", async () => {
    await using silent = await startLoopback((request) => void request.resume());
    const servers = { "api.openai.com": silent.url };
    const site = await createMemorySite({ servers, settings: { topics: "roses" }, waitMs: 50 });
    expect(await failOn(site)).toMatch(/OpenAI at api\.openai\.com.*took too long/);
  });

  it("at all", async () => {
    await using broken = await startLoopback((request) => void request.socket.destroy());
    const site = await createMemorySite({ servers: { "api.openai.com": broken.url }, settings: { topics: "roses" } });
    expect(await failOn(site)).toMatch(/OpenAI.*no answer/);
  });

  it("from a host that is not granted", async () => {
    const site = await createMemorySite({ servers: {}, settings: { topics: "roses" } });
    expect(await failOn(site)).toMatch(/Host not allowed: api\.openai\.com/);
  });

  it("without a key", async () => {
    const servers = { "api.openai.com": "http://127.0.0.1:9" };
    const site = await createMemorySite({ servers, settings: { topics: "roses" }, secrets: {} });
    expect(await failOn(site)).toMatch(/"openaiKey" is not set/);
  });
});

describe("an answer", () => {
  it.each<readonly [string, FixedAnswer, RegExp]>([
    ["empty", { body: "" }, /empty; expected JSON/],
    ["not JSON", { body: "upstream connect error" }, /not JSON.*upstream connect error/],
    ["a web page", { body: "<!doctype html><title>Login</title>" }, /web page, not JSON.*address/],
    ["a list", { body: "[]" }, /not an object/],
    ["JSON of another shape", { body: '{"result":"ok"}' }, /choices\[0\]\.message/],
    ["an error in disguise", { body: '{"error":{"message":"No such upstream"}}' }, /No such upstream/],
    ["without text", { body: toChatAnswer("") }, /choices\[0\]\.message\.content/],
    ["a null text", { body: toChatAnswer(null) }, /choices\[0\]\.message\.content/],
    ["cut off", { body: toChatAnswer('{"title": "Half', { finish_reason: "length" }) }, /cut off.*"words"/],
    [
      "a refusal in its own field",
      { body: toChatAnswer(null, { message: { refusal: "I can't help with that." } }) },
      /refused.*I can't help/,
    ],
    ["of a megabyte", { body: toChatAnswer("A".repeat(1_000_000)) }, /characters; at most 500000/],
  ])("that is %s", async (_, answer, expected) => {
    const message = await failWith(answer);
    expect(message).toMatch(expected);
    expect(message).toMatch(/OpenAI \(model "gpt-4\.1-mini"\)/);
  });

  it.each<readonly [string, string, RegExp]>([
    ["JSON of another shape", '{"completion":"ok"}', /content blocks/],
    ["a refusal", '{"content":[],"stop_reason":"refusal"}', /refused/],
    ["cut off", '{"content":[{"type":"text","text":"{"}],"stop_reason":"max_tokens"}', /cut off.*"words"/],
    ["without text", '{"content":[{"type":"thinking","thinking":"hm"}]}', /content block of text/],
  ])("of Anthropic that is %s", async (_, body, expected) => {
    const message = await failWith({ body }, { provider: "anthropic" });
    expect(message).toMatch(expected);
    expect(message).toMatch(/Anthropic \(model "claude-haiku-4-5"\)/);
  });
});

describe("a text", () => {
  it.each([
    ["a refusal", "I'm sorry, but I can't write about that.", /not JSON.*I'm sorry/],
    ["an article without JSON", "# Watering\n\nWater in the morning.", /not JSON/],
    ["a list", "[1]", /not an object/],
    ["half an object", '{"title": "Watering', /not JSON/],
    ["an object with words around it", `Here you are: ${JSON.stringify(toArticle())}`, /not JSON.*Here you are/],
  ])("that is %s", async (_, text, expected) => {
    expect(await failOnText(text)).toMatch(expected);
  });
});

describe("an article", () => {
  it.each<readonly [string, Readonly<Record<string, unknown>>, RegExp]>([
    ["without a title", { title: undefined }, /"title" is missing/],
    ["with a title that is a number", { title: 7 }, /"title" is of type number/],
    ["with a blank title", { title: "   " }, /"title" has 0 characters/],
    ["with an endless title", { title: "x".repeat(500) }, /"title" has 500 characters; expected 5 to 120/],
    ["with a title of two lines", { title: "Watering\ntomatoes" }, /"title" has more than one line/],
    ["with a tag in the title", { title: "Watering <script>alert(1)</script>" }, /"title" has HTML/],
    ["without an SEO title", { seoTitle: null }, /"seoTitle" is null/],
    ["with an SEO description as a list", { seoDescription: [] }, /"seoDescription" is a list/],
    ["without an excerpt", { excerpt: "" }, /"excerpt" has 0 characters/],
    ["with a path for a slug", { slug: "../admin" }, /"slug"/],
    ["with capitals in the slug", { slug: "Watering" }, /"slug"/],
    ["without a body", { markdown: undefined }, /"markdown" is missing/],
    ["with a stub for a body", { markdown: "Water in the morning." }, /"markdown" has 4 words; expected at least 120/],
    ["with an endless body", { markdown: "water ".repeat(20_000) }, /"markdown" has 120000 characters/],
    ["with control characters", { markdown: `${"water ".repeat(200)}\u0007` }, /control characters/],
    [
      "with a script in its body",
      { markdown: `${"water ".repeat(200)}\n<script>steal()</script>` },
      /"markdown" has HTML in it \(<script>\)/,
    ],
    [
      "that is a web page",
      { markdown: `<!DOCTYPE html><html><body>${"water ".repeat(200)}</body></html>` },
      /"markdown" has HTML/,
    ],
    [
      "with a script behind a fence that ended",
      { markdown: `${"water ".repeat(200)}\n\`\`\`\ncode\n\`\`\`\n<SCRIPT src=x>` },
      /"markdown" has HTML/,
    ],
  ])("%s", async (_, changes, expected) => {
    const message = await failOnArticle(changes);
    expect(message).toMatch(expected);
    expect(message).toMatch(/OpenAI \(model "gpt-4\.1-mini"\)/);
  });

  it("may show a script as code: it stays text", async () => {
    const markdown = `${"water ".repeat(200)}\n\nUse \`<script>\` so:\n\n\`\`\`html\n<script>grow()</script>\n\`\`\``;
    await using server = await startAnswering({ body: toChatAnswer(JSON.stringify(toArticle({ markdown }))) });
    const site = await createMemorySite({ servers: { "api.openai.com": server.url } });
    await site.run();
    const blocks = site.creations[0]!.data["content"] as readonly { _type: string; code?: string }[];
    expect(blocks.find(({ _type }) => _type === "code")).toMatchObject({ code: "<script>grow()</script>" });
    expect(new Set(blocks.map(({ _type }) => _type))).toEqual(new Set(["block", "code"]));
  });

  it("takes no prototype with it", async () => {
    const text = JSON.stringify(toArticle()).replace("{", '{"__proto__":{"polluted":true},');
    await using server = await startAnswering({ body: toChatAnswer(text) });
    const site = await createMemorySite({ servers: { "api.openai.com": server.url } });
    await site.run();
    expect(Object.keys(site.creations[0]!.data).toSorted()).toEqual(["content", "excerpt", "seo", "slug", "title"]);
    expect({}).not.toHaveProperty("polluted");
  });
});
