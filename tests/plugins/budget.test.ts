/**
 * Does a run fit what any plugin's schedule may use? The built bundle in the real sandbox, under the default budget, on a
 * site with long posts and a long memory.
 */
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { BUDGETS, toLimits } from "../../host/invoke/budgets.ts";
import { CONTEXT_METHODS } from "../../host/bridges/table.ts";
import { toProgram } from "../../host/invoke/program.ts";
import wasm from "../../sandbox/engine/quickjs.gen.wasm";
import { createSandbox, type HostCalls } from "../../sandbox/index.ts";
import { buildPlugin } from "../../scripts/build-plugin.ts";
import { toArticle, toChatAnswer } from "./articles.ts";
import { startAnswering } from "./loopback.ts";
import { createMemorySite, type MemorySite } from "./memory-site.ts";

const AT = "2026-11-20T06:00:00.000Z";
const FOLDER = resolve(import.meta.dirname, "../../plugins/auto-blog-seo");

/** The calls a run makes, as the guest's half of the host sends them. */
function toHost({ ctx }: MemorySite): HostCalls {
  const table: Readonly<Record<string, (...args: never[]) => Promise<unknown>>> = {
    "kv.get": ctx.kv.get,
    "kv.set": ctx.kv.set,
    "settings.all": ctx.settings.all,
    "content.list": ctx.content.list,
    "content.create": ctx.content.create,
    "text.markdownToPortableText": ctx.text.markdownToPortableText,
    "http.fetch": async ({ url, headers, ...init }: { url: string; headers: readonly [string, string][] }) => {
      const response = await ctx.http.fetch(url, { ...init, headers: Object.fromEntries(headers) });
      return { status: response.status, statusText: "", headers: [], text: await response.text() };
    },
  };
  return {
    async call(op, args) {
      const method = table[op];
      if (!method) return { ok: false, error: { name: "Error", code: "NOT_FOUND", message: `No ${op}` } };
      return { ok: true, value: JSON.stringify((await method(...(JSON.parse(args) as never[]))) ?? null) };
    },
    log: () => {},
  };
}

it("fits the default budget of a schedule", async () => {
  await using server = await startAnswering({ body: toChatAnswer(JSON.stringify(toArticle())) });
  const site = await createMemorySite({ servers: { "api.openai.com": server.url } });
  const titles = Array.from(
    { length: 1_000 },
    (_, i) => `Notes number ${i} on soil, seeds and the weather of week ${i}`,
  );
  site.kv.set("state:generate", { cursor: 7, written: 1_000, titles, runs: [] });
  const content = await site.ctx.text.markdownToPortableText(String(toArticle()["markdown"]).repeat(12));
  for (const title of titles.slice(0, 200)) site.addPost(title, undefined, { content });

  const { backend } = await buildPlugin(FOLDER);
  const opened = await createSandbox({ wasm }).open(
    toProgram(
      { id: "auto-blog-seo", version: "1.0.0" },
      { backend: new TextEncoder().encode(backend), methods: CONTEXT_METHODS.map(({ name }) => name) },
    ),
    toLimits(BUDGETS.paid.schedule),
  );
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  const { vm } = opened;
  try {
    const context = { plugin: site.ctx.plugin, site: site.ctx.site };
    const outcome = await vm.invoke(
      {
        name: "hook:cron",
        input: JSON.stringify({ name: "generate", scheduledAt: AT }),
        context: JSON.stringify(context),
      },
      toHost(site),
      toLimits(BUDGETS.paid.schedule),
    );
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.usage.hostCalls).toBeLessThanOrEqual(15);
    // Half is head room: titles and answers can be longer than these.
    expect(outcome.usage.fuel).toBeLessThan(BUDGETS.paid.schedule.fuel / 2);
    expect(site.posts[0]?.data["title"]).toBe(toArticle()["title"]);
    expect(site.kv.get("state:generate")).toMatchObject({ cursor: 7, written: 1_001 });
  } finally {
    vm.close();
  }
});
