/** Does the LLM that `npm start` brings along keep a site going? Each answer is a post the plugin takes, and none repeats. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startLocalLlm, type LocalLlm } from "../../scripts/local-llm.ts";
import { createContext } from "./context.ts";
import { runSchedule } from "./run.ts";

let llm: LocalLlm;
beforeAll(async () => {
  llm = await startLocalLlm({ port: 0 });
});
afterAll(() => llm.close());

const at = (i: number): string => new Date(Date.UTC(2026, 0, 1, i * 6)).toISOString();

test("a hundred runs make a hundred posts", async () => {
  const context = createContext({ server: llm.url });
  for (let i = 0; i < 100; i += 1) await runSchedule(context, at(i));
  expect(new Set(context.created.map(({ data }) => data["title"])).size).toBe(100);
});

test("after a restart it goes on where the site is", async () => {
  const context = createContext({ server: llm.url });
  for (let i = 0; i < 5; i += 1) await runSchedule(context, at(i));
  const restarted = await startLocalLlm({ port: 0 });
  try {
    const later = createContext({
      server: restarted.url,
      posts: context.items.map(({ data, slug }) => ({ title: String(data["title"]), slug: slug! })),
    });
    for (let i = 5; i < 10; i += 1) await runSchedule(later, at(i));
    expect(later.created).toHaveLength(5);
  } finally {
    await restarted.close();
  }
});

test("it writes about the topic that was set", async () => {
  const context = createContext({ server: llm.url, values: { topics: "Sourdough for beginners\nBetter page titles" } });
  for (let i = 0; i < 8; i += 1) await runSchedule(context, at(i));
  const titles = context.created.map(({ data }) => String(data["title"]));
  expect(titles.filter((title) => title.includes("ourdough"))).toHaveLength(4);
  expect(titles.filter((title) => title.includes("age titles"))).toHaveLength(4);
});
