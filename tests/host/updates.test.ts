/** What does a new version change, and when? And does anything get lost when many change plugins at once? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin } from "../support/bundle.ts";
import {
  audit,
  call,
  callRoute,
  consent,
  install,
  must,
  rows,
  show,
  upload,
  uploadBytes,
  type Json,
} from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const version = (number: string, more: Parameters<typeof sketch>[1] = {}) =>
  probe("growing", { ...more, version: number, routes: { which: `() => "${number}"` } });
const which = async () => (await callRoute("growing", "which")).body["data"];

describe("a version", () => {
  it.each([
    ["that asks for powers", ["content:read"]],
    ["that asks for nothing", []],
  ])("%s, once consented to, cannot be uploaded with other bytes, live or superseded", async (_, capabilities) => {
    const other = (number: string) =>
      sketch("growing", { version: number, capabilities, routes: { which: `() => "other"` } });
    await install(version("1.0.0", { capabilities }));
    const live = await uploadBytes(await packPlugin(other("1.0.0")));
    expect({ status: live.status, code: live.body["code"] }).toEqual({ status: 409, code: "VERSION_EXISTS" });
    expect(live.body["detail"]).toContain('Raise "version"');

    await install(version("1.1.0", { capabilities }));
    const kept = await uploadBytes(await packPlugin(other("1.0.0")));
    expect({ status: kept.status, code: kept.body["code"] }).toEqual({ status: 409, code: "VERSION_EXISTS" });
    expect(await which()).toBe("1.1.0");
    // The same bytes are no other version: the old code may be asked for again.
    expect((await consent(await upload(version("1.0.0", { capabilities })))).status).toBe(200);
    expect(await which()).toBe("1.0.0");
  });

  it("may be uploaded again with other bytes before anybody consented; the old plan no longer counts", async () => {
    const first = await upload(version("1.0.0"));
    const second = await upload(sketch("growing", { routes: { which: `() => "second"` } }));
    expect((await consent(first)).status).toBe(409);
    expect((await consent(second)).status).toBe(200);
    expect(await which()).toBe("second");
  });

  it("that escalates waits while the old one runs with its old grants", async () => {
    await install(version("1.0.0", { capabilities: ["content:read"] }));
    const plan = await upload(version("2.0.0", { capabilities: ["content:read", "content:write"] }));
    expect(plan).toMatchObject({ kind: "update", escalation: true, from: { version: "1.0.0" } });
    expect((plan["capabilities"] as unknown as Json[]).map((item) => [item["name"], item["change"]])).toEqual([
      ["content:read", "kept"],
      ["content:write", "added"],
    ]);
    expect(await which()).toBe("1.0.0");
    expect((await bridge("growing", "content.create", "posts", { title: "No" })).error?.message).toMatch(
      /^Missing capability: content:write/,
    );
    expect(await show("growing")).toMatchObject({ version: "1.0.0", state: "enabled", staged: { version: "2.0.0" } });

    expect((await consent(plan)).status).toBe(200);
    expect(await which()).toBe("2.0.0");
    expect(await bridge("growing", "content.create", "posts", { title: "Yes" })).toMatchObject({
      value: { data: { title: "Yes" } },
    });
  });

  it("with one host more waits for consent, and no call brings it in otherwise", async () => {
    const at = (number: string, hosts: readonly string[]) =>
      version(number, { capabilities: ["network:request"], hosts });
    target.internet(() => new Response("reached"));
    const first = await upload(at("1.0.0", ["a.shop.dev"]));
    expect((await consent(first)).status).toBe(200);
    const plan = await upload(at("1.1.0", ["a.shop.dev", "b.shop.dev"]));
    expect(plan).toMatchObject({ escalation: true });
    const reach = async (host: string) =>
      (await bridge("growing", "http.fetch", `https://${host}/`)).error?.message ?? "reached";
    const stale = (body: object) => call("POST", "/api/admin/plugins/growing/consent", { body });
    for (const [body, status] of [
      // The hash of the version before, for either version (of its own it is in effect); and one that nobody was shown.
      [{ version: "1.1.0", planHash: first["hash"] }, 409],
      [{ version: "1.0.0", planHash: first["hash"] }, 200],
      [{ version: "1.1.0", planHash: "0".repeat(64) }, 409],
    ] as const)
      expect({ body, status: (await stale(body)).status }).toEqual({ body, status });
    await must("POST", "/api/admin/plugins/growing/disable");
    await must("POST", "/api/admin/plugins/growing/enable");
    expect(await which()).toBe("1.0.0");
    expect(await reach("b.shop.dev")).toMatch(/^Host not allowed: b\.shop\.dev/);
    const widened = await call("PUT", "/api/admin/plugins/growing/grants", {
      body: { grants: [{ capability: "network:request", hosts: ["a.shop.dev", "b.shop.dev"] }] },
    });
    expect(widened.status).toBe(422);

    expect((await consent(plan)).status).toBe(200);
    expect([await which(), await reach("b.shop.dev")]).toEqual(["1.1.0", "reached"]);
    // Back to the older code goes the same way: uploaded and consented to anew, on record.
    expect((await stale({ version: "1.0.0", planHash: first["hash"] })).status).toBe(409);
    expect(await which()).toBe("1.1.0");
    expect((await consent(await upload(at("1.0.0", ["a.shop.dev"])))).status).toBe(200);
    expect([await which(), await reach("b.shop.dev")]).toEqual(["1.0.0", expect.stringMatching(/^Host not allowed/)]);
    expect((await audit()).acts.filter((act) => /upload|consent/.test(act))).toHaveLength(6);
  });

  it("that asks for a power this host has no use for says so, and only then", async () => {
    const codes = async (number: string, capabilities: readonly string[]) =>
      ((await upload(version(number, { capabilities })))["findings"] as unknown as Json[])
        .map(({ code, message }) => `${String(code)}: ${String(message)}`)
        .filter((line) => !line.startsWith("not-signed"));
    const names = ["hooks.email-transport:register", "hooks.email-events:register", "hooks.page-fragments:register"];
    expect(await codes("1.0.0", names)).toEqual(
      names.map(
        (name) => `not-used: It asks for ${name}, for which this host has no use yet: granting it changes nothing.`,
      ),
    );
    expect(await codes("1.1.0", ["email:send"])).toEqual([]);
  });

  it("that is refused leaves the old one running", async () => {
    await install(version("1.0.0"));
    await upload(version("2.0.0"));
    await must("POST", "/api/admin/plugins/growing/reject", { body: { version: "2.0.0" } });
    expect(await show("growing")).toMatchObject({ version: "1.0.0", state: "enabled", staged: null });
    expect(await which()).toBe("1.0.0");
  });

  it("of a disabled plugin leaves it disabled, and runs once it is enabled", async () => {
    await install(version("1.0.0"));
    await must("POST", "/api/admin/plugins/growing/disable");
    const plugin = await install(version("1.1.0"));
    expect(plugin).toMatchObject({ version: "1.1.0", state: "disabled" });
    expect((await callRoute("growing", "which")).status).toBe(404);
    await must("POST", "/api/admin/plugins/growing/enable");
    expect(await which()).toBe("1.1.0");
  });

  it("that drops a power and a schedule loses both", async () => {
    const cron = {
      hooks: { cron: `() => {}` },
      manifest: { bulkhead: { schedules: [{ name: "daily", cron: "0 6 * * *" }] } },
    };
    await install(version("1.0.0", { ...cron, capabilities: ["content:read"] }));
    await install(version("1.1.0"));
    expect(await rows("SELECT * FROM _host_schedules")).toEqual([]);
    expect((await bridge("growing", "content.list", "posts")).error?.message).toBe(
      'Missing capability: content:read. Add "content:read" to "capabilities" in the manifest.',
    );
  });

  it("is public only where its manifest says so", async () => {
    const closed = sketch("door", { routes: { in: `{ handler: () => "in", public: false }` } });
    await install(closed);
    expect((await call("GET", "/api/plugins/door/in", { as: "visitor" })).status).toBe(401);
    const plan = await upload(sketch("door", { version: "2.0.0", routes: { in: `() => "in"` }, open: ["in"] }));
    expect(plan).toMatchObject({ escalation: true, findings: [{ code: "not-signed" }, { code: "public-route" }] });
    expect((await consent(plan)).status).toBe(200);
    expect((await call("GET", "/api/plugins/door/in", { as: "visitor" })).status).toBe(200);
    expect(
      (
        await uploadBytes(
          await packPlugin({
            ...closed,
            backend: `export default { routes: { in: { handler: () => 1, public: true } } }`,
            manifest: { ...closed.manifest, version: "3.0.0" },
          }),
        )
      ).body,
    ).toMatchObject({
      code: "MANIFEST_INVALID",
      issues: [{ path: "routes" }],
    });
  });
});

describe("an invocation under way", () => {
  it.each([
    ["is disabled", () => must("POST", "/api/admin/plugins/running/disable")],
    ["is updated to a version with fewer powers", () => install(sketch("running", { version: "2.0.0" }))],
  ])("loses its powers at the next call when its plugin %s", async (_, change) => {
    await install(
      sketch("running", {
        capabilities: ["content:read", "network:request"],
        hosts: ["a.shop.dev"],
        routes: {
          long: `async (_, ctx) => {
            const before = await ctx.content.list("posts");
            await ctx.http.fetch("https://a.shop.dev/");
            return [before.items, await ctx.content.list("posts").catch((error) => error.code), await ctx.http.fetch("https://a.shop.dev/").catch((error) => error.code)];
          }`,
        },
      }),
    );
    let answer = (_response: Response): void => {};
    let asked = 0;
    const reached = new Promise<void>((resolve) => {
      target.internet(
        () =>
          new Promise((respond) => {
            asked += 1;
            answer = respond;
            resolve();
          }),
      );
    });
    const running = callRoute("running", "long");
    await reached;
    await change();
    // The isolate learns of it with its next request, or a second later.
    await must("GET", "/api/health");
    answer(new Response("go on"));
    expect((await running).body["data"]).toEqual([[], "DENIED", "DENIED"]);
    expect(asked).toBe(1);
  });
});

describe("many at once", () => {
  it("twenty installations lose nothing: every plugin answers and the audit is whole", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `plugin-${i}`);
    await Promise.all(ids.map((id) => install(sketch(id, { routes: { hi: `() => "${id}"` } }))));
    const answers = await Promise.all(ids.map((id) => callRoute(id, "hi")));
    expect(answers.map(({ body }) => body["data"])).toEqual(ids);
    // Page by page, newest first, each act once.
    const seqs: number[] = [];
    let cursor = "";
    do {
      const page = await must<{ items: readonly { seq: number }[]; cursor?: string }>(
        "GET",
        `/api/admin/audit${cursor}`,
      );
      seqs.push(...page.items.map(({ seq }) => seq));
      cursor = page.cursor === undefined ? "" : `?cursor=${page.cursor}`;
    } while (cursor !== "");
    expect(seqs).toEqual(Array.from({ length: 60 }, (_, i) => 60 - i));
    const { ok, length, acts } = await audit();
    expect({ ok, length }).toEqual({ ok: true, length: 60 });
    expect(Object.groupBy(acts, (act) => act)).toMatchObject({
      "plugin.upload": { length: 20 },
      "plugin.consent": { length: 20 },
      "plugin.enabled": { length: 20 },
    });
  });

  it("twenty uploads of versions of one plugin leave one waiting, and all on record", async () => {
    const plans = await Promise.all(Array.from({ length: 20 }, (_, i) => upload(version(`1.0.${i}`))));
    const answers = await Promise.all(plans.map((plan) => consent(plan)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(19);
    const won = answers.find(({ status }) => status === 200)!.body["plugin"]!["version"];
    expect(await which()).toBe(won);
    expect(await audit()).toMatchObject({ ok: true, length: 22 });
    expect(await rows("SELECT * FROM _host_grants")).toEqual([]);
  });

  it("a change to the audit is refused by the database, and one made behind its back is found", async () => {
    await install(version("1.0.0"));
    const { DB } = target.env;
    for (const sql of [
      "UPDATE _host_audit SET actor = 'nobody' WHERE seq = 1",
      "DELETE FROM _host_audit WHERE seq = 1",
      "INSERT OR REPLACE INTO _host_audit SELECT seq, at, 'nobody', act, target, detail, hash FROM _host_audit WHERE seq = 1",
    ]) {
      await expect(DB.prepare(sql).run()).rejects.toThrow(/append-only|audit sequence taken/);
    }
    expect((await audit()).ok).toBe(true);
    const [trigger] = await rows<{ sql: string }>("SELECT sql FROM sqlite_master WHERE name = '_host_audit_no_update'");
    await DB.batch([
      DB.prepare("DROP TRIGGER _host_audit_no_update"),
      DB.prepare("UPDATE _host_audit SET actor = 'nobody' WHERE seq = 2"),
      DB.prepare(trigger!.sql),
    ]);
    expect(await must("GET", "/api/admin/audit/verify")).toMatchObject({ ok: false, brokenAt: 2 });
  });
});
