/** Is an invocation on record before it acts outside the database? A row ahead of the call, replaced by that of its end. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGES } from "../../host/bridges/table.ts";
import { call, callRoute, createPost, install, invocations, must, rows, show, type Json } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const HOST = "https://a.shop.dev";
const actor = (routes: Readonly<Record<string, string>> = {}) =>
  probe("actor", { capabilities: ["network:request", "email:send", "ai:generate"], hosts: ["a.shop.dev"], routes });
const stored = () =>
  rows<{ name: string; status: string; outside: string | null }>(
    "SELECT name, status, outside FROM _host_invocations WHERE plugin_id = 'actor'",
  );
const listed = async () =>
  (await must<{ items: readonly Json[] }>("GET", "/api/admin/plugins/actor/invocations")).items;

/** What stands in the database when the world is asked. */
function watch(answer: () => Response = () => new Response("ok")): { readonly seen: unknown[] } {
  const seen: unknown[] = [];
  target.internet(async () => {
    seen.push(await stored());
    return answer();
  });
  return { seen };
}

describe("a method that reaches out", () => {
  it("says so in its row, whatever is added: each that sends requests, and no other", () => {
    const reaching = [...BRIDGES.values()].filter(({ kind, isInternal }) => kind === "request" && !isInternal);
    expect(reaching.length).toBeGreaterThan(2);
    for (const { name, outside } of reaching)
      expect({ name, says: typeof outside }).toEqual({ name, says: "function" });
    const others = [...BRIDGES.values()].filter(({ outside }) => outside).map(({ name }) => name);
    expect(others.toSorted()).toEqual(reaching.map(({ name }) => name).toSorted());
  });

  it.each([
    ["http.fetch", [`${HOST}/orders?token=t0ken`, { method: "POST", body: "b0dy" }], "http.fetch POST a.shop.dev"],
    ["http.fetch", [`${HOST}/orders`, { method: "delete" }], "http.fetch DELETE a.shop.dev"],
    ["email.send", [{ to: "ada@shop.dev", subject: "Hello", text: "Hi" }], "email.send to one recipient"],
    [
      "email.send",
      [{ to: ["ada@shop.dev", "bob@shop.dev"], subject: "Hello", text: "Hi" }],
      "email.send to 2 recipients",
    ],
    ["ai.generate", [{ prompt: "Hi", maxTokens: 100 }], "ai.generate for at most 100 tokens"],
  ] as const)("%s is on record before it is sent, and its end replaces that: %j", async (op, args, outside) => {
    await install(actor());
    const { seen } = watch(() => Response.json({ choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] }));
    await bridge("actor", op, ...args);
    expect(seen).toEqual([[{ name: "route:probe", status: "started", outside }]]);
    expect(await invocations("actor", 1)).toMatchObject([{ name: "route:probe", status: "ok", outside, requests: 1 }]);
    // Nobody's data: neither whom it was for, nor what it said, nor what else stood in the address.
    expect(JSON.stringify(await stored())).not.toMatch(/ada|bob|b0dy|t0ken|orders|Hello/);
  });

  it.each(["GET", "HEAD", "get"])("to read (%s) is not", async (method) => {
    await install(actor());
    const { seen } = watch();
    await bridge("actor", "http.fetch", `${HOST}/`, { method });
    expect(seen).toEqual([[]]);
    expect(await invocations("actor", 1)).toMatchObject([{ status: "ok", outside: null }]);
  });
});

describe("the row of a start", () => {
  it("is one for each invocation, also of calls at once, and says the first", async () => {
    await install(
      actor({
        all: `async (_, ctx) => {
          await ctx.http.fetch("${HOST}/");
          await Promise.all([1, 2, 3].map((n) => ctx.http.fetch("${HOST}/" + n, { method: n === 1 ? "PUT" : "POST" })));
          return (await ctx.http.fetch("${HOST}/last", { method: "PATCH" })).status;
        }`,
      }),
    );
    const { seen } = watch();
    expect((await callRoute("actor", "all")).body["data"]).toBe(200);
    const row = { name: "route:all", status: "started", outside: "http.fetch PUT a.shop.dev" };
    expect(seen).toEqual([[], ...Array.from({ length: 4 }, () => [row])]);
    expect(await invocations("actor", 1)).toMatchObject([{ status: "ok", requests: 5, outside: row.outside }]);
  });

  it.each([
    ["throws", `throw new Error("after");`, "threw"],
    ["loops for ever", `for (;;);`, "stopped"],
  ])("is replaced also where the plugin %s afterwards", async (_, then, status) => {
    await install(
      actor({ send: `async (_, ctx) => { await ctx.http.fetch("${HOST}/", { method: "POST" }); ${then} }` }),
    );
    watch();
    await callRoute("actor", "send");
    expect(await invocations("actor", 1)).toMatchObject([{ status, outside: "http.fetch POST a.shop.dev" }]);
    expect(await stored()).toHaveLength(1);
  });

  it("of a page's hook that was quick is ended as well; one that sent nothing leaves nothing", async () => {
    await install(
      sketch("actor", {
        capabilities: ["network:request"],
        hosts: ["a.shop.dev"],
        hooks: {
          "page:metadata": `async ({ page }, ctx) => { if (page.kind === "content") await ctx.http.fetch("${HOST}/", { method: "POST" }); }`,
        },
      }),
    );
    watch();
    await createPost("Page", { publish: true });
    await call("GET", "/", { as: "visitor" });
    expect(await stored()).toEqual([]);
    await call("GET", "/posts/page", { as: "visitor" });
    expect(await invocations("actor", 1)).toMatchObject([{ kind: "page", status: "ok" }]);
  });

  it("is none for a call that is refused before: by its grant, its arguments, its budget", async () => {
    await install(actor());
    await install(probe("other"));
    watch();
    for (const [id, args] of [
      ["other", [`${HOST}/`, { method: "POST" }]],
      ["actor", [`${HOST}/`, { method: "TRACE" }]],
      ["actor", [{ toString: 1 }, { method: "POST", timeoutMs: -1 }]],
    ] as const)
      expect((await bridge(id, "http.fetch", ...args)).error).toBeDefined();
    await invocations("actor", 2);
    expect((await stored()).map(({ outside }) => outside)).toEqual([null, null]);
  });
});

describe("an invocation that has started and not ended", () => {
  const plant = (id: string, minutesAgo: number, outside: string | null = "email.send to one recipient") =>
    rows(
      `INSERT INTO _host_invocations (id, plugin_id, version, at, kind, name, status, duration_ms, fuel, peak_bytes,
         host_calls, requests, bytes_in, bytes_out, outside)
       VALUES (?, 'actor', '1.0.0', ?, 'schedule', 'hook:cron', 'started', 0, 0, 0, 0, 0, 0, 0, ?)`,
      id,
      new Date(Date.now() - minutesAgo * 60_000).toISOString(),
      outside,
    );

  it("runs as long as it may, and then did not finish: it counts as a failure and says what it may have done", async () => {
    await install(actor());
    await plant("01A", 14.9);
    expect(await listed()).toMatchObject([{ status: "running", error: null }]);
    expect((await show("actor"))["health"]).toEqual({ invocations: 1, failures: 0, lastError: null, warnings: [] });
    await plant("01B", 15.1);
    const words = expect.stringMatching(/^It did not finish: .* may have: email\.send to one recipient\.$/) as unknown;
    expect(await listed()).toMatchObject([{ id: "01B", status: "unfinished", error: words }, { status: "running" }]);
    expect((await show("actor"))["health"]).toEqual({ invocations: 2, failures: 1, lastError: words, warnings: [] });
    expect(await must("GET", "/api/admin/plugins/actor/invocations/01B")).toMatchObject({
      invocation: { status: "unfinished", error: words, trace: null },
    });
  });
});
