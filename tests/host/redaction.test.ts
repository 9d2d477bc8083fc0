/** May a secret be read anywhere, if the plugin that was told it says it aloud? Not in what the host shows to people. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { call, callRoute, createPost, eventually, install, invocations, must, rows, type Json } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const SECRET = 'sk-"live"/0123456789 abcdef';
const settingsSchema = { key: { type: "secret", label: "Key" } };

/** Handlers that say what they read: EmDash plugins read their secrets. */
const READ = `const key = await ctx.kv.get("settings:key");`;
const talkative = (id: string) =>
  sketch(id, {
    capabilities: ["content:read"],
    hooks: { "content:afterSave": `async (_, ctx) => { ${READ} throw new Error("saved with " + key); }` },
    routes: {
      admin: `async (_, ctx) => { ${READ} return { blocks: [{ type: "section", text: "It is " + key }], toast: { message: key, type: "info" } }; }`,
      fails: `async (_, ctx) => { ${READ} const cause = new TypeError(encodeURIComponent(key)); throw Object.assign(new Error("no " + key, { cause }), { code: key }); }`,
      logs: `async (_, ctx) => { ${READ} ctx.log.info("x".repeat(3_990) + key, { deep: [key] }); console.warn(key); return "ok"; }`,
      remembers: `async (_, ctx) => { ${READ} await ctx.kv.set("copy", key); }`,
      later: `async (_, ctx) => { ctx.log.info(await ctx.kv.get("copy")); }`,
    },
    manifest: { admin: { settingsSchema, pages: [{ path: "/x", label: "X" }] } },
  });
const setKey = (id: string, key: string) =>
  must("PUT", `/api/admin/plugins/${id}/settings`, { body: { values: { key } } });
/** Everything the host wrote down of it. */
const written = async () =>
  JSON.stringify([
    await rows("SELECT message, data FROM _host_logs"),
    await rows("SELECT error, trace FROM _host_invocations"),
    await rows("SELECT detail FROM _host_audit"),
    await rows("SELECT reason FROM _host_plugins"),
  ]);
const PARTS = ["sk-", "live", "0123456789"];
const expectClean = (text: string) => {
  for (const part of PARTS) expect(text).not.toContain(part);
};

describe("a secret the plugin has read", () => {
  it("stands in none of an error, a log line and a panel, as it is or spelled otherwise", async () => {
    await install(talkative("talk"));
    await setKey("talk", SECRET);
    const failed = await callRoute("talk", "fails");
    expect(failed).toMatchObject({ status: 422, body: { error: { message: "no [redacted]" } } });
    expect((await callRoute("talk", "logs")).body["data"]).toBe("ok");
    const { body } = await call<Json>("POST", "/api/admin/plugins/talk/panel", {
      body: { type: "page_load", page: "/x" },
    });
    expect(body).toEqual({
      blocks: [{ type: "section", text: "It is [redacted]" }],
      toast: { message: "[redacted]", type: "info" },
    });
    await createPost("Saved");
    await eventually(async () => expect(await rows("SELECT * FROM _host_logs")).toHaveLength(2));
    await eventually(async () => expect(await written()).toContain("saved with [redacted]"));
    expectClean(await written());
    expect(await written()).toContain("TypeError: [redacted]".slice("TypeError: ".length));
  });

  it("is not logged by a later call either, that read it from elsewhere", async () => {
    await install(talkative("talk"));
    await setKey("talk", SECRET);
    await callRoute("talk", "remembers");
    await callRoute("talk", "later");
    await eventually(async () =>
      expect(await rows("SELECT message FROM _host_logs")).toEqual([{ message: "[redacted]" }]),
    );
  });

  it("is known as soon as it is set, and another plugin's words are left alone", async () => {
    await install(talkative("talk"));
    await setKey("talk", "first-secret");
    await setKey("talk", SECRET);
    expect((await callRoute("talk", "fails")).body["error"]).toMatchObject({ message: "no [redacted]" });
    await install(sketch("other", { routes: { says: `() => { throw new Error(${JSON.stringify(SECRET)}); }` } }));
    expect((await callRoute("other", "says")).body["error"]).toMatchObject({ message: SECRET });
  });

  it("stands nowhere that it was used in the place of a name: of a collection, a host, a table", async () => {
    const key = "sk-Live-0123456789";
    const tries = `async (_, ctx) => {
      ${READ}
      const all = [
        () => ctx.content.list(key),
        () => ctx.http.fetch("https://" + key + ".example.org/", { method: "POST" }),
        () => ctx.http.fetch("https://" + "a".repeat(60) + "." + "b".repeat(30) + "." + key + ".example.org/"),
      ];
      const ends = [];
      for (const attempt of all) ends.push(await attempt().then(() => "done", (error) => error.code));
      return ends;
    }`;
    const named = (id: string) =>
      sketch(id, {
        capabilities: ["content:read", "network:request"],
        hosts: ["api.example.com"],
        routes: { tries },
        manifest: { admin: { settingsSchema } },
      });
    await install(named("narrow"), { collections: ["posts"] });
    await install(named("wide"));
    for (const id of ["narrow", "wide"]) await setKey(id, key);
    expect((await callRoute("narrow", "tries")).body["data"]).toEqual(["DENIED", "DENIED", "DENIED"]);
    expect((await callRoute("wide", "tries")).body["data"]).toEqual(["NOT_FOUND", "DENIED", "DENIED"]);
    await invocations("narrow", 1);
    await invocations("wide", 1);
    const kept = async () =>
      JSON.stringify([
        await rows("SELECT target, calls FROM _host_usage"),
        await rows("SELECT targets FROM _host_denials"),
        await rows("SELECT outside FROM _host_invocations"),
      ]);
    await eventually(async () => expect(await kept()).toContain("[redacted].example.org"));
    expect((await kept()).toLowerCase()).not.toMatch(/sk-|live|012345/);
    expect(await rows("SELECT outside FROM _host_invocations")).toContainEqual({
      outside: "http.fetch POST [redacted].example.org",
    });
  });

  it("of six characters is redacted, one of five tears up no words", async () => {
    await install(talkative("talk"));
    await setKey("talk", "abcdef");
    expect((await callRoute("talk", "fails")).body["error"]).toMatchObject({ message: "no [redacted]" });
    await setKey("talk", "abcde");
    expect((await callRoute("talk", "fails")).body["error"]).toMatchObject({ message: "no abcde" });
  });
});
