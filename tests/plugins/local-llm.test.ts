/** Does the LLM that `npm start` brings along keep a site going? Each answer is a post the plugin takes, and none repeats. */
import { expect, test } from "vitest";
import { startLocalLlm } from "../../scripts/local-llm.ts";
import { createMemorySite, type MemorySite } from "./memory-site.ts";

async function createSite(url: string, topics = ""): Promise<MemorySite> {
  return createMemorySite({ servers: { "api.openai.com": url }, settings: { topics } });
}

async function runTimes(
  site: MemorySite,
  { from = 0, to }: { readonly from?: number; readonly to: number },
): Promise<void> {
  for (let i = from; i < to; i += 1) await site.run(new Date(Date.UTC(2026, 0, 1, i * 6)).toISOString());
}

function titlesOf({ posts }: MemorySite): readonly string[] {
  return posts.map(({ data }) => String(data["title"]));
}

test("a hundred runs make a hundred posts", async () => {
  const llm = await startLocalLlm({ port: 0 });
  try {
    const site = await createSite(llm.url);
    await runTimes(site, { to: 100 });
    expect(new Set(titlesOf(site)).size).toBe(100);
  } finally {
    await llm.close();
  }
});

test("started anew, it goes on where the site is", async () => {
  const first = await startLocalLlm({ port: 0 });
  const second = await startLocalLlm({ port: 0 });
  try {
    const before = await createSite(first.url);
    await runTimes(before, { to: 5 });
    const after = await createSite(second.url);
    for (const title of titlesOf(before).toReversed()) after.addPost(title);
    await runTimes(after, { from: 5, to: 10 });
    expect(new Set(titlesOf(after)).size).toBe(10);
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
});

test("it writes about the topic that was set", async () => {
  const llm = await startLocalLlm({ port: 0 });
  try {
    const site = await createSite(llm.url, "Sourdough for beginners\nBetter page titles");
    await runTimes(site, { to: 8 });
    expect(titlesOf(site).filter((title) => /sourdough/i.test(title))).toHaveLength(4);
    expect(titlesOf(site).filter((title) => /page titles/i.test(title))).toHaveLength(4);
  } finally {
    await llm.close();
  }
});
