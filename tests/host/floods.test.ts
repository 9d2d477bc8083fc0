/** What if a plugin makes much of everything: calls that nobody awaits, lines, messages? It ends, and the host works on. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUDGETS } from "../../host/invoke/budgets.ts";
import { call, callRoute, eventually, install, invocations, must, rows } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const { hostCalls, requests, logLines } = BUDGETS.paid.route;
const MESSAGE_CHARS = 1_000;
const RECORD_CHARS = 4_000;

describe("twenty thousand calls that nobody awaits", () => {
  it.each([
    ["fetches", `ctx.http.fetch("https://a.shop.dev/" + i)`],
    ["reads", `ctx.kv.get("k" + i)`],
    ["writes", `ctx.kv.set("k" + i, i)`],
    ["queries", `ctx.db.prepare("SELECT 1").first()`],
    ["lists of content", `ctx.content.list("posts")`],
  ])("(%s) end with their plugin; the dashboard and another plugin answer meanwhile and after", async (_, one) => {
    const flood = `for (let i = 0; i < 20_000; i++) ${one}.catch(() => {});`;
    await install({
      ...sketch("flood", {
        capabilities: ["network:request", "content:read"],
        hosts: ["a.shop.dev"],
        routes: {
          leave: `async (_, ctx) => { ${flood} return 1; }`,
          wait: `async (_, ctx) => { ${flood} await new Promise(() => {}); }`,
        },
      }),
      files: { "migrations/0001_items.sql": "CREATE TABLE items (id INTEGER PRIMARY KEY);" },
    });
    await install(sketch("neighbour", { routes: { hi: `(_, ctx) => ctx.kv.get("mine").then(() => "fine")` } }));
    let sent = 0;
    target.internet(() => {
      sent += 1;
      return new Response("ok");
    });
    for (const name of ["leave", "wait"]) {
      const [flooded, meanwhile, neighbour] = await Promise.all([
        callRoute("flood", name),
        call("GET", "/api/admin/plugins"),
        callRoute("neighbour", "hi"),
      ]);
      expect({ name, status: flooded.status, code: flooded.body["error"]?.["code"] }).toEqual({
        name,
        status: 503,
        code: "PLUGIN_STOPPED",
      });
      expect([meanwhile.status, neighbour.body["data"]]).toEqual([200, "fine"]);
    }
    for (const path of ["/api/admin/plugins", "/api/admin/plugins/flood", "/api/admin/audit/verify"])
      expect({ path, status: (await call("GET", path)).status }).toEqual({ path, status: 200 });
    expect((await callRoute("neighbour", "hi")).body["data"]).toBe("fine");
    expect(sent).toBeLessThanOrEqual(2 * requests);
    const written = await rows("SELECT id FROM _plugin_storage");
    expect(written.length).toBeLessThanOrEqual(2 * hostCalls);
    expect((await invocations("flood", 2)).map((item) => item["status"])).toEqual(["stopped", "stopped"]);
  });
});

describe("log lines", () => {
  const lines = () =>
    rows<{ message: string; data: string | null }>("SELECT message, data FROM _host_logs ORDER BY id");

  it("by the million are kept up to their number, and the last says how many are not", async () => {
    await install(
      sketch("mouth", {
        routes: { go: `() => { for (let i = 0; i < 1e6; i++) console.log("line " + i); return 1; }` },
        manifest: { bulkhead: { budgets: { route: { fuel: 1_000_000_000 } } } },
      }),
    );
    const { status } = await callRoute("mouth", "go");
    expect([200, 503]).toContain(status);
    await invocations("mouth", 1);
    await eventually(async () => expect(await lines()).toHaveLength(logLines + 1));
    const kept = await lines();
    expect(kept[0]!.message).toBe("line 0");
    expect(kept.at(-1)!.message).toMatch(/^\d+ log lines were dropped/);
    expect(await must("GET", "/api/admin/plugins/mouth/logs")).toMatchObject({ items: { length: 50 } });
  });

  it("of five megabytes are cut where they are kept, text and data alike", async () => {
    await install(
      sketch("mouth", {
        routes: {
          go: `(_, ctx) => { console.log("x".repeat(5e6)); ctx.log.warn("y".repeat(50_000), { z: "z".repeat(20_000) }); return 1; }`,
        },
      }),
    );
    expect((await callRoute("mouth", "go")).body["data"]).toBe(1);
    await eventually(async () => expect(await lines()).toHaveLength(2));
    expect((await lines()).map(({ message, data }) => [message.length, data?.length])).toEqual([
      [RECORD_CHARS, undefined],
      [RECORD_CHARS, RECORD_CHARS],
    ]);
  });
});

it("a message of a megabyte with markup, colours and forged lines is short and inert, to visitors and on record", async () => {
  const message = `<img src=x onerror=alert(1)>\u001b[31m\n[plugin:other] forged\r\n\u202e${"A".repeat(40)}`;
  await install(
    sketch("loud", {
      routes: {
        go: `() => { throw Object.assign(new Error(${JSON.stringify(message)} + "x".repeat(1e6)), { name: "N".repeat(1e5), code: "C".repeat(1e5) }); }`,
      },
      open: ["go"],
    }),
  );
  const answer = await call("POST", "/api/plugins/loud/go", { as: "visitor", body: {} });
  expect(answer.status).toBe(422);
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const told = String(answer.body["error"]!["message"]);
  expect(told.length).toBeLessThanOrEqual(MESSAGE_CHARS);
  const [record] = await invocations("loud", 1);
  const kept = String(record!["error"]);
  expect(kept.length).toBeLessThanOrEqual(RECORD_CHARS);
  // oxlint-disable-next-line no-control-regex -- these characters are the point
  for (const text of [told, kept]) expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(JSON.stringify(await must("GET", "/api/admin/plugins/loud/logs")).length).toBeLessThan(20_000);
});
