/** What does a grant that is narrowed, paused, ended or tried out let through? Exactly what it says, from the next call on. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import {
  audit,
  call,
  consent,
  createPost,
  eventually,
  install,
  must,
  rows,
  show,
  upload,
  uploadBytes,
  type Json,
} from "./client.ts";
import { packPlugin } from "../support/bundle.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const plugin = (more: Parameters<typeof probe>[1] = {}) =>
  probe("narrow", {
    capabilities: ["content:read", "content:write", "network:request"],
    hosts: ["a.shop.dev", "b.shop.dev"],
    ...more,
  });
const change = (...grants: readonly object[]) => call("PUT", "/api/admin/plugins/narrow/grants", { body: { grants } });
const list = (collection = "posts") => bridge("narrow", "content.list", collection);
const fetchFrom = (host: string, init?: object) =>
  bridge("narrow", "http.fetch", `https://${host}/`, ...(init ? [init] : []));
const grantOf = async (name: string) =>
  (await must<{ items: readonly Json[] }>("GET", "/api/admin/plugins/narrow/grants")).items.find(
    ({ capability }) => String(capability) === name,
  );
const used = () =>
  rows(
    "SELECT capability, target, sum(calls) AS calls, sum(denied) AS denied, sum(reported) AS reported FROM _host_usage WHERE plugin_id = 'narrow' GROUP BY capability, target ORDER BY capability, target",
  );

describe("a power narrowed to collections", () => {
  it("works in them and in no other, and says which were granted", async () => {
    await install(plugin());
    expect((await change({ capability: "content:read", collections: ["pages"] })).status).toBe(422);
    expect(
      (
        await change(
          { capability: "content:read", collections: ["posts"] },
          { capability: "content:write", collections: ["posts"] },
        )
      ).status,
    ).toBe(200);
    expect(await list()).toMatchObject({ value: { items: [] } });
    expect((await list("pages")).error).toEqual({
      name: "BridgeError",
      code: "DENIED",
      message:
        "Collection not allowed: pages. Granted: posts. Use another collection, or ask the administrator to grant it.",
    });
    expect((await bridge("narrow", "content.create", "pages", { title: "No" })).error?.code).toBe("DENIED");
    expect(await bridge("narrow", "content.create", "posts", { title: "Yes" })).toMatchObject({
      value: { status: "draft" },
    });
  });

  it("hears of them alone, and changes and refuses nothing elsewhere", async () => {
    const note = (name: string) => `async (event, ctx) => { await ctx.kv.set("${name}", event.collection); }`;
    await install(
      plugin({
        hosts: [],
        capabilities: ["content:read", "content:write"],
        hooks: {
          "content:beforeSave": `({ content }) => ({ ...content, excerpt: "changed" })`,
          "content:afterSave": note("saved"),
          "content:afterPublish": note("published"),
          "content:beforeDelete": `() => false`,
        },
      }),
    );
    const narrowTo = (...collections: string[]) =>
      change({ capability: "content:read", collections }, { capability: "content:write", collections });
    const heard = async () => [
      (await bridge("narrow", "kv.get", "saved")).value,
      (await bridge("narrow", "kv.get", "published")).value,
    ];

    expect((await narrowTo("pages")).status).toBe(200);
    const elsewhere = (await createPost("Elsewhere", { publish: true })).body;
    expect(elsewhere["data"]).toMatchObject({ excerpt: null });
    expect((await call("DELETE", `/api/content/posts/${String(elsewhere["id"])}`)).status).toBe(204);
    expect(await heard()).toEqual([null, null]);

    // Tried out, it reaches as far as it asks.
    expect(
      (await change({ capability: "content:read", mode: "report" }, { capability: "content:write", mode: "report" }))
        .status,
    ).toBe(200);
    expect((await createPost("Tried")).body["data"]).toMatchObject({ excerpt: "changed" });
    await change({ capability: "content:read", mode: "enforce" }, { capability: "content:write", mode: "enforce" });

    // Reading all, it watches where it may not write.
    expect(
      (
        await change(
          { capability: "content:read", collections: ["pages", "posts"] },
          { capability: "content:write", collections: ["pages"] },
        )
      ).status,
    ).toBe(200);
    expect((await createPost("Watched", { publish: true })).body["data"]).toMatchObject({ excerpt: null });
    await eventually(async () => expect(await heard()).toEqual(["posts", "posts"]));

    expect((await narrowTo("posts")).status).toBe(200);
    const here = (await createPost("Here")).body;
    expect(here["data"]).toMatchObject({ excerpt: "changed" });
    expect((await call("DELETE", `/api/content/posts/${String(here["id"])}`)).status).toBe(422);
  });

  it("may be chosen at consent; an empty list gives none", async () => {
    const plan = await upload(plugin());
    expect((await consent(plan, { collections: [] })).status).toBe(200);
    expect((await list()).error?.message).toMatch(/^Collection not allowed: posts\. Granted: none/);
  });

  it.each(["ec posts", "Posts", "", "__proto__", "*"])("cannot be narrowed to %j", async (name) => {
    await install(plugin());
    const { status, body } = await change(
      { capability: "content:read", collections: [name] },
      { capability: "content:write", collections: [name] },
    );
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "GRANTS_INVALID" });
  });
});

describe("a power narrowed to methods", () => {
  it("sends those and no other", async () => {
    target.internet(() => new Response("ok"));
    await install(plugin());
    expect((await change({ capability: "network:request", methods: ["GET"] })).status).toBe(200);
    expect(await fetchFrom("a.shop.dev")).toMatchObject({ value: { status: 200 } });
    expect((await fetchFrom("a.shop.dev", { method: "POST", body: "x" })).error).toMatchObject({
      code: "DENIED",
      message: expect.stringMatching(/^Method not allowed: POST\. Granted for network:request: GET\./),
    });
    expect((await change({ capability: "network:request", methods: null })).status).toBe(200);
    expect(await fetchFrom("a.shop.dev", { method: "POST", body: "x" })).toMatchObject({ value: { status: 200 } });
    expect((await change({ capability: "content:read", methods: ["GET"] })).status).toBe(422);
  });
});

describe("a power that is paused", () => {
  it("is refused until it goes on, and keeps everything else that was decided", async () => {
    await install(plugin({ capabilities: ["content:read"], hosts: [] }));
    expect((await change({ capability: "content:read", collections: ["posts"], paused: true })).status).toBe(200);
    expect((await list()).error?.message).toBe("Missing capability: content:read. The administrator has paused it.");
    expect((await change({ capability: "content:read", paused: false })).status).toBe(200);
    expect(await list()).toMatchObject({ value: { items: [] } });
    expect(await grantOf("content:read")).toMatchObject({
      paused: false,
      targets: ["posts"],
      targetKind: "collections",
    });
  });

  it("keeps its hook from being delivered, and the plugin's page says so", async () => {
    await install(
      plugin({
        capabilities: ["content:write"],
        hosts: [],
        hooks: { "content:beforeSave": `({ content }) => ({ ...content, excerpt: "changed" })` },
      }),
    );
    await change({ capability: "content:write", paused: true });
    expect((await createPost("Paused")).body["data"]).toMatchObject({ excerpt: null });
    expect((await show("narrow"))["hooks"]).toMatchObject([{ active: true, observes: true }]);
    await change({ capability: "content:write", paused: false });
    expect((await createPost("Again")).body["data"]).toMatchObject({ excerpt: "changed" });
  });
});

describe("a power with an end", () => {
  it("must end in the future, and works until then", async () => {
    await install(plugin({ capabilities: ["content:read"], hosts: [] }));
    const { status, body } = await change({ capability: "content:read", until: "2020-01-01T00:00:00Z" });
    expect({ status, detail: body["detail"] }).toEqual({ status: 422, detail: expect.stringContaining("has passed") });
    expect((await change({ capability: "content:read", until: "2099-01-01T00:00:00Z" })).status).toBe(200);
    expect(await list()).toMatchObject({ value: { items: [] } });
    await target.env.DB.batch([
      target.env.DB.prepare("UPDATE _host_grants SET until = '2020-01-01T00:00:00.000Z'"),
      target.env.DB.prepare("UPDATE _host_state SET generation = generation + 1"),
    ]);
    expect((await list()).error?.message).toBe("Missing capability: content:read. The grant has expired.");
  });
});

describe("a grant that is tried out", () => {
  it("lets through what it would refuse, counts it, and refuses once it is enforced", async () => {
    target.internet(() => new Response("ok"));
    await install(plugin());
    await change({ capability: "network:request", hosts: ["a.shop.dev"], mode: "report" });
    expect(await fetchFrom("a.shop.dev")).toMatchObject({ value: { status: 200 } });
    expect(await fetchFrom("b.shop.dev")).toMatchObject({ value: { status: 200 } });
    await eventually(async () =>
      expect(await used()).toEqual([
        { capability: "network:request", target: "", calls: 0, denied: 0, reported: 1 },
        { capability: "network:request", target: "a.shop.dev", calls: 1, denied: 0, reported: 0 },
        { capability: "network:request", target: "b.shop.dev", calls: 1, denied: 0, reported: 0 },
      ]),
    );
    await change({ capability: "network:request", mode: "enforce" });
    expect((await fetchFrom("b.shop.dev")).error?.message).toMatch(/^Host not allowed: b\.shop\.dev/);
    await eventually(async () =>
      expect((await used())[0]).toMatchObject({ capability: "network:request", denied: 1, reported: 1 }),
    );
  });

  it("goes not beyond the manifest", async () => {
    target.internet(() => new Response("ok"));
    await install(plugin());
    await change({ capability: "network:request", mode: "report" });
    expect((await fetchFrom("c.shop.dev")).error?.message).toMatch(/^Host not allowed: c\.shop\.dev/);
    expect((await bridge("narrow", "content.publish", "posts", "x")).error?.message).toMatch(
      /^Missing capability: content:publish/,
    );
  });

  it("may be a denial that is only reported, chosen at consent; paused it is refused all the same", async () => {
    const plan = await upload(plugin({ capabilities: ["content:read"], hosts: [] }));
    expect((await consent(plan, { deny: ["content:read"], report: ["content:read"] })).status).toBe(200);
    expect(await list()).toMatchObject({ value: { items: [] } });
    await change({ capability: "content:read", allowed: false, paused: true });
    expect((await list()).error?.message).toMatch(/paused/);
  });
});

describe("a decision that another power undoes", () => {
  it.each([
    ["a pause", { capability: "content:read", paused: true }],
    ["an end", { capability: "content:read", until: "2099-01-01T00:00:00Z" }],
    ["a narrowing", { capability: "content:read", collections: ["posts"] }],
    ["a denial", { capability: "content:read", allowed: false }],
  ])("is refused: %s of what content:write brings along", async (_, wanted) => {
    await install(plugin());
    const { status, body } = await change(wanted);
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "GRANTS_INVALID" });
    expect(body["detail"]).toMatch(/while content:write is allowed/);
    const { status: both } = await change(wanted, { ...wanted, capability: "content:write" });
    expect(both).toBe(200);
    expect(await audit()).toMatchObject({ ok: true });
  });
});

describe("what a declaration asks for", () => {
  it("stands in the plan with what it reaches, and an update that reaches further is an escalation", async () => {
    const asking = (version: string, read: readonly string[]) =>
      plugin({ version, capabilities: [], hosts: [], manifest: { bulkhead: { database: { read } } } });
    const first = await upload(asking("1.0.0", ["ec_posts"]));
    expect(first["capabilities"]).toMatchObject([
      { name: "database:own", targets: null, targetKind: null },
      { name: "database:read", targets: ["ec_posts"], targetKind: "tables" },
    ]);
    await consent(first);
    expect(await upload(asking("1.1.0", ["ec_posts"]))).toMatchObject({ escalation: false });
    expect(await upload(asking("1.2.0", ["ec_posts", "taxonomies"]))).toMatchObject({
      escalation: true,
      capabilities: [{}, { name: "database:read", change: "kept", addedTargets: ["taxonomies"] }],
    });
  });

  it("may be narrowed to some of its tables, and to no others", async () => {
    const plan = await upload(
      plugin({
        capabilities: [],
        hosts: [],
        manifest: { bulkhead: { database: { read: ["ec_posts", "media"], write: ["media"] } } },
      }),
    );
    expect((await consent(plan, { tables: ["users"] })).status).toBe(422);
    expect((await consent(plan, { tables: ["media"] })).status).toBe(200);
    expect(await grantOf("database:read")).toMatchObject({ targets: ["media"] });
    expect(await grantOf("database:write")).toMatchObject({ targets: ["media"] });
    expect((await must<Json>("GET", "/api/admin/plugins/narrow"))["plugin"]).toMatchObject({ state: "enabled" });
  });

  it.each([
    ["database:read", {}, /add "bulkhead\.database\.read"/],
    ["page:paths", { page: { slots: ["post.after"] } }, /add "bulkhead\.page\.paths"/],
  ])("cannot be asked for by name alone: %s", async (name, bulkhead, words) => {
    const source = plugin({ capabilities: [name], hosts: [], manifest: { bulkhead } });
    const { status, body } = await uploadBytes(await packPlugin(source));
    expect({ status, detail: body["detail"] }).toEqual({ status: 422, detail: expect.stringMatching(words) });
  });
});
