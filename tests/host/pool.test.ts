/** What happens while there is no memory for a plugin? It waits a short while and says that it is busy; others do not notice. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { call, callRoute, createPost, eventually, install, must, rows, type Answer, type Json } from "./client.ts";
import { probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const HOST = "slow.shop.dev";
const slow = (more: Parameters<typeof probe>[1] = {}) =>
  sketch("slow", {
    ...more,
    capabilities: ["network:request", ...(more.capabilities ?? [])],
    hosts: [HOST],
    routes: { wait: `async (_, ctx) => (await ctx.http.fetch("https://${HOST}/")).text()`, ...more.routes },
  });
const quick = sketch("quick", { routes: { hi: `() => "fine"` } });

/** A server that answers nobody until it is told to. */
function hang(): { readonly asked: () => number; readonly answer: () => void } {
  let asked = 0;
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  target.internet(async () => {
    asked += 1;
    await answered;
    return new Response("at last");
  });
  return { asked: () => asked, answer };
}

/** Calls the slow route at once, more often than it has memory for; resolves when those beyond it were told so. */
async function occupy(calls: number): Promise<{ readonly end: () => Promise<readonly Answer[]> }> {
  const server = hang();
  let refused = 0;
  const answers = Array.from({ length: calls }, async () => {
    const answer = await callRoute("slow", "wait");
    if (answer.status !== 200) refused += 1;
    return answer;
  });
  await eventually(async () => expect(server.asked() + refused).toBe(calls));
  return {
    end: () => {
      server.answer();
      return Promise.all(answers);
    },
  };
}

const isBusy = ({ status, headers, body }: Answer) =>
  status === 503 && headers.get("retry-after") === "2" && String(body["error"]!["code"]) === "OVERLOADED";

describe("fifty slow calls of one plugin", () => {
  it("are parked within its quarter while another answers as before; the rest are told to come again", async () => {
    await install(slow());
    await install(quick);
    const slowOnes = occupy(50);
    for (let i = 0; i < 10; i++) expect((await callRoute("quick", "hi")).body).toEqual({ success: true, data: "fine" });
    await slowOnes;
    expect((await callRoute("quick", "hi")).body).toEqual({ success: true, data: "fine" });
    const answers = await (await slowOnes).end();
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(1);
    expect(answers.filter((answer) => !isBusy(answer)).length).toBe(done.length);
    const refused = answers.find(isBusy);
    expect(String(refused?.body["error"]!["message"])).toMatch(/^slow was not run: .* Try again\.$/);
    // Nothing stays taken.
    const again = await Promise.all([callRoute("slow", "wait"), callRoute("quick", "hi")]);
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
    const [{ busy }] = (await rows<{ busy: number }>(
      "SELECT count(*) AS busy FROM _host_invocations WHERE plugin_id = 'slow' AND status = 'stopped'",
    )) as [{ busy: number }];
    expect(busy).toBe(answers.length - done.length);
  });
});

describe("a plugin that is busy", () => {
  const CRON = { bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *" }] } };

  it("holds up no save and no page, its contribution is left out; its panel asks to come again", async () => {
    await install(
      slow({
        capabilities: ["content:write"],
        hooks: {
          "content:beforeSave": `({ content }) => ({ ...content, excerpt: "slow was here" })`,
          "page:metadata": `() => ({ kind: "meta", name: "slow", content: "yes" })`,
        },
        routes: { admin: `() => ({ blocks: [] })` },
      }),
    );
    await install(
      sketch("steady", {
        hooks: { "page:metadata": `() => ({ kind: "meta", name: "steady", content: "yes" })` },
      }),
    );
    const slowOnes = await occupy(30);
    const { status, body } = await createPost("Saved", { publish: true });
    expect({ status, data: body["data"] }).toMatchObject({ status: 201, data: { title: "Saved", excerpt: null } });
    const page = await call<string>("GET", "/posts/saved", { as: "visitor" });
    expect(page.body).toContain('name="steady"');
    expect(page.body).not.toContain('name="slow"');
    const open = () => call("POST", "/api/admin/plugins/slow/panel", { body: { type: "page_load", page: "/" } });
    const panel = await open();
    expect(panel).toMatchObject({ status: 503, body: { code: "OVERLOADED" } });
    expect(panel.headers.get("retry-after")).toBe("2");
    await slowOnes.end();
    expect((await open()).status).toBe(200);
    await eventually(async () => {
      const missed = await rows<{ error: string }>(
        "SELECT error FROM _host_invocations WHERE plugin_id = 'slow' AND kind IN ('hook', 'page') AND status = 'stopped'",
      );
      expect(missed.length).toBe(2);
      for (const { error } of missed) expect(error).toContain("memory");
    });
    expect((await createPost("Next")).body["data"]).toMatchObject({ excerpt: "slow was here" });
  });

  it(
    "runs its schedule later: the run is on record, says why it waits, and runs at the next tick",
    { timeout: 60_000 },
    async () => {
      await install(slow({ hooks: { cron: `() => {}` }, manifest: CRON }));
      await target.env.DB.prepare("UPDATE _host_schedules SET next_run_at = '2020-01-01T00:00:00.000Z'").run();
      const runs = async () => (await must<{ items: readonly Json[] }>("GET", "/api/admin/plugins/slow/runs")).items;
      const slowOnes = await occupy(30);
      await target.tick();
      expect(await runs()).toMatchObject([
        { status: "due", startedAt: null, error: expect.stringMatching(/memory.*Try again/) },
      ]);
      await slowOnes.end();
      await target.tick();
      expect(await runs()).toMatchObject([{ status: "ok", error: null, dueAt: "2020-01-01T00:00:00.000Z" }]);
      await target.tick();
      expect(await runs()).toHaveLength(1);
    },
  );
});
