/** Does each rule of the policy refuse what it names, and nothing beside it: in the plan, at consent, and at the next call? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import {
  call,
  callRoute,
  consent,
  createPost,
  eventually,
  install,
  must,
  rows,
  show,
  upload,
  type Json,
} from "./client.ts";
import { bridge, probe, sketch, type PluginSketch } from "./plugins.ts";
import { QUOTA, setUsed } from "./used-before.ts";

beforeEach(() => target.reset());

/** Puts a policy in force. */
const rule = (document: object) =>
  must("PUT", "/api/admin/policy", { body: { document: { version: 1, ...document }, note: "why" } });

const reading = { bulkhead: { database: { read: ["ec_posts"] } } };

interface Case {
  readonly says: string;
  readonly document: object;
  /** The words of the refusal. */
  readonly words: RegExp;
  readonly refused: PluginSketch;
  readonly neighbour: PluginSketch;
}

const cases: readonly Case[] = [
  {
    says: "denies a power",
    document: { capabilities: { deny: ["network:request:unrestricted"] } },
    words: /refuses network:request:unrestricted \(capabilities\.deny has "network:request:unrestricted"\)/,
    refused: { capabilities: ["network:request:unrestricted"] },
    neighbour: { capabilities: ["network:request"], hosts: ["a.shop.dev"] },
  },
  {
    says: "denies powers by their beginning",
    document: { capabilities: { deny: ["content:*"] } },
    words: /refuses content:read \(capabilities\.deny has "content:\*"\)/,
    refused: { capabilities: ["content:read"] },
    neighbour: { capabilities: ["media:read"] },
  },
  {
    says: "denies a power that brings a denied one along",
    document: { capabilities: { deny: ["content:read"] } },
    words: /refuses content:read .* \(and 1 more\)/,
    refused: { capabilities: ["content:write"] },
    neighbour: { capabilities: ["taxonomies:read"] },
  },
  {
    says: "allows some powers only, and what comes with them",
    document: { capabilities: { allow: ["content:write"] } },
    words: /refuses media:read \(not in capabilities\.allow\)/,
    refused: { capabilities: ["media:read"] },
    neighbour: { capabilities: ["content:write"] },
  },
  {
    says: "allows nothing at all",
    document: { capabilities: { allow: [] } },
    words: /refuses content:read \(not in capabilities\.allow\)/,
    refused: { capabilities: ["content:read"] },
    neighbour: {},
  },
  {
    says: "denies a host",
    document: { hosts: { deny: ["*.evil.dev"] } },
    words: /refuses requests to api\.evil\.dev \(hosts\.deny has "\*\.evil\.dev"\)/,
    refused: { capabilities: ["network:request"], hosts: ["api.evil.dev"] },
    neighbour: { capabilities: ["network:request"], hosts: ["notevil.dev"] },
  },
  {
    says: "denies every name below a host, and itself",
    document: { hosts: { deny: ["*.evil.dev"] } },
    words: /refuses requests to evil\.dev/,
    refused: { capabilities: ["network:request"], hosts: ["evil.dev"] },
    neighbour: { capabilities: ["network:request"], hosts: ["evil.dev.shop.dev"] },
  },
  {
    says: "denies every host",
    document: { hosts: { deny: ["*"] } },
    words: /refuses requests to a\.shop\.dev/,
    refused: { capabilities: ["network:request"], hosts: ["a.shop.dev"] },
    neighbour: { capabilities: ["content:read"] },
  },
  {
    says: "allows one host, and no pattern wider than it",
    document: { hosts: { allow: ["api.shop.dev"] } },
    words: /refuses requests to \*\.shop\.dev \(not in hosts\.allow\)/,
    refused: { capabilities: ["network:request"], hosts: ["*.shop.dev"] },
    neighbour: { capabilities: ["network:request"], hosts: ["api.shop.dev"] },
  },
  {
    says: "allows hosts by a pattern, and no power for any host",
    document: { hosts: { allow: ["*.shop.dev"] } },
    words: /refuses requests to any host \(not in hosts\.allow\)/,
    refused: { capabilities: ["network:request:unrestricted"] },
    neighbour: { capabilities: ["network:request"], hosts: ["*.eu.shop.dev"] },
  },
  {
    says: "denies a table",
    document: { tables: { deny: ["ec_posts"] } },
    words: /refuses the table ec_posts \(tables\.deny has "ec_posts"\)/,
    refused: { manifest: reading },
    neighbour: { manifest: { bulkhead: { database: { read: ["media"] } } } },
  },
  {
    says: "allows some tables only",
    document: { tables: { allow: ["taxonomies"] } },
    words: /refuses the table ec_posts \(not in tables\.allow\)/,
    refused: { manifest: reading },
    neighbour: { manifest: { bulkhead: { database: { read: ["taxonomies"] } } } },
  },
  {
    says: "denies a publisher",
    document: { publishers: { deny: ["Acme"] } },
    words: /refuses the publisher "acme" \(publishers\.deny has "Acme"\)/,
    refused: { manifest: { bulkhead: { publisher: "acme" } } },
    neighbour: { manifest: { bulkhead: { publisher: "acme-labs" } } },
  },
  {
    says: "allows some publishers only",
    document: { publishers: { allow: ["acme"] } },
    words: /refuses a bundle that names no publisher \(not in publishers\.allow\)/,
    refused: {},
    neighbour: { manifest: { bulkhead: { publisher: "acme" } } },
  },
];

describe("a policy that", () => {
  it.each(cases)("$says: it shows in the plan and cannot be consented to; its neighbour can", async (each) => {
    await rule(each.document);
    const plan = await upload(probe("refused", each.refused));
    const findings = plan["findings"] as unknown as readonly { level: string; code: string; message: string }[];
    expect(findings).toContainEqual({
      level: "danger",
      code: "policy",
      message: expect.stringMatching(/^The policy refuses/),
    });
    const { status, body } = await consent(plan);
    expect({ status, code: body["code"], detail: body["detail"] }).toEqual({
      status: 403,
      code: "POLICY_DENIED",
      detail: expect.stringMatching(each.words),
    });
    expect(body["issues"]).not.toHaveLength(0);
    expect(await show("refused")).toMatchObject({ state: "uploaded" });
    expect(await rows("SELECT * FROM _host_grants")).toEqual([]);

    const beside = await upload(probe("beside", each.neighbour));
    expect(beside["findings"]).not.toContainEqual(expect.objectContaining({ code: "policy" }));
    expect(await consent(beside)).toMatchObject({ status: 200, body: { plugin: { state: "enabled" } } });
  });

  it("asks for a signature refuses every bundle, since none is signed; one that does not asks for none", async () => {
    await rule({ signature: "required" });
    const plan = await upload(sketch("unsigned"));
    expect(await consent(plan)).toMatchObject({ status: 403, body: { code: "POLICY_DENIED" } });
    await rule({ signature: "optional" });
    await install(sketch("unsigned"));
  });

  it.each([
    ["capabilities", { deny: ["content:write"], allow: ["*"] }],
    ["capabilities", { deny: ["*"], allow: ["content:write"] }],
  ])("has a name in both lists of %s refuses it: deny wins over allow", async (part, lists) => {
    await rule({ [part]: lists });
    expect(await consent(await upload(probe("both", { capabilities: ["content:write"] })))).toMatchObject({
      status: 403,
    });
  });

  it("has a host in both lists refuses it: deny wins over the narrower allow", async () => {
    await rule({ hosts: { deny: ["*.shop.dev"], allow: ["api.shop.dev"] } });
    const plan = await upload(probe("both", { capabilities: ["network:request"], hosts: ["api.shop.dev"] }));
    expect(await consent(plan)).toMatchObject({ status: 403 });
  });

  it("refuses one power of several lets the rest be consented to without it", async () => {
    await rule({ capabilities: { deny: ["media:write"] } });
    const plan = await upload(probe("several", { capabilities: ["media:write", "content:read"] }));
    expect((await consent(plan)).status).toBe(403);
    expect((await consent(plan, { deny: ["media:write"] })).status).toBe(200);
  });

  it("refuses one host of several lets the consent be narrowed to the others", async () => {
    await rule({ hosts: { deny: ["b.shop.dev"] } });
    const hosts = ["a.shop.dev", "b.shop.dev"];
    const plan = await upload(probe("several", { capabilities: ["network:request"], hosts }));
    expect((await consent(plan)).status).toBe(403);
    expect((await consent(plan, { hosts: ["a.shop.dev"] })).status).toBe(200);
  });

  it("comes into force between plan and consent changes the plan that was seen", async () => {
    const plan = await upload(probe("seen", { capabilities: ["content:read", "media:read"] }));
    await rule({ capabilities: { deny: ["media:read"] } });
    const { status, body } = await consent(plan, { deny: ["media:read"] });
    expect({ status, code: body["code"] }).toEqual({ status: 409, code: "PLAN_CHANGED" });
  });
});

describe("at the next call after it came into force, a policy", () => {
  const change = (...grants: readonly object[]) => call("PUT", "/api/admin/plugins/live/grants", { body: { grants } });
  const post = () => bridge("live", "content.create", "posts", { title: "T" });

  it("takes a power whatever its grant says, names itself, touches no grant, and gives it back with the next", async () => {
    await install(probe("live", { capabilities: ["content:write"] }));
    expect(await post()).toMatchObject({ value: { id: expect.any(String) } });
    const grants = await rows("SELECT * FROM _host_grants");
    await rule({ capabilities: { deny: ["content:write"] } });
    expect((await post()).error).toEqual({
      name: "BridgeError",
      code: "DENIED",
      message:
        "Missing capability: content:write. The policy of this site refuses it (capabilities.deny), whatever was granted. Ask the administrator.",
    });
    expect(await bridge("live", "content.list", "posts")).toMatchObject({ value: { items: { length: 1 } } });
    expect(await rows("SELECT * FROM _host_grants")).toEqual(grants);
    await rule({});
    expect(await post()).toMatchObject({ value: { id: expect.any(String) } });
  });

  it("takes a hook's power: it watches, and what it answers no longer counts", async () => {
    const hooks = { "content:beforeSave": `({ content }) => ({ ...content, excerpt: "by live" })` };
    await install(probe("live", { capabilities: ["content:write"], hooks }));
    expect((await createPost("One")).body["data"]).toMatchObject({ excerpt: "by live" });
    await rule({ capabilities: { deny: ["content:write"] } });
    expect((await createPost("Two")).body["data"]).toMatchObject({ excerpt: null });
  });

  it.each([
    ["network:request", { capabilities: ["network:request"], hosts: ["*.shop.dev"] }],
    ["network:request:unrestricted", { capabilities: ["network:request:unrestricted"] }],
  ] satisfies readonly [string, PluginSketch][])("takes a host from %s, however it is written", async (_, powers) => {
    await install(probe("live", powers));
    target.internet(() => new Response("ok"));
    const fetchFrom = (url: string) => bridge("live", "http.fetch", url);
    expect(await fetchFrom("https://a.shop.dev/")).toMatchObject({ value: { status: 200 } });
    await rule({ hosts: { deny: ["*.A.shop.dev"] } });
    for (const url of [
      "https://a.shop.dev/",
      "https://A.SHOP.dev/",
      "https://a.shop.dev./",
      "https://x.a.shop.dev/",
      "https://a.shop.dev:443/",
    ]) {
      expect({ url, message: (await fetchFrom(url)).error?.message }).toEqual({
        url,
        message: expect.stringMatching(/^Host not allowed: .*The policy of this site refuses it \(hosts\.deny\)/i),
      });
    }
    expect(await fetchFrom("https://b.shop.dev/")).toMatchObject({ value: { status: 200 } });
    expect(await fetchFrom("https://ba.shop.dev/")).toMatchObject({ value: { status: 200 } });
  });

  it("takes a table from SQL, in whatever letters it is written; the one beside it stays", async () => {
    const ask = `async ({ input }, ctx) => {
      try { return (await ctx.db.prepare(input.sql).all()).results.length; } catch (error) { return error.message; }
    }`;
    const read = { bulkhead: { database: { read: ["ec_posts", "taxonomies"] } } };
    await install(sketch("live", { routes: { ask }, manifest: read }));
    const askFor = async (sql: string) => (await callRoute("live", "ask", { sql })).body["data"];
    expect(await askFor("SELECT title FROM ec_posts")).toBe(0);
    await rule({ tables: { deny: ["ec_posts"] } });
    for (const sql of [
      "SELECT title FROM ec_posts",
      "SELECT title FROM EC_POSTS",
      'SELECT p.title FROM taxonomies t JOIN "Ec_Posts" p ON p.id = t.id',
    ]) {
      expect({ sql, answer: await askFor(sql) }).toEqual({
        sql,
        answer: expect.stringMatching(
          /^Table not allowed: ec_posts\. The policy of this site refuses it \(tables\.deny\)/,
        ),
      });
    }
    expect(await askFor("SELECT label FROM taxonomies")).toBe(0);
  });

  it("takes a host that a redirect leads to", async () => {
    await install(probe("live", { capabilities: ["network:request"], hosts: ["*.shop.dev"] }));
    await rule({ hosts: { deny: ["b.shop.dev"] } });
    target.internet(({ url }) =>
      url.includes("//a.")
        ? new Response(null, { status: 302, headers: { location: "https://b.shop.dev/" } })
        : new Response("reached"),
    );
    expect((await bridge("live", "http.fetch", "https://a.shop.dev/")).error?.message).toMatch(
      /^Host not allowed: b\.shop\.dev/,
    );
  });

  it("is lifted by no grant that is tried out", async () => {
    await install(probe("live", { capabilities: ["content:write", "network:request"], hosts: ["*.shop.dev"] }), {
      report: ["content:write", "network:request"],
      hosts: ["b.shop.dev"],
    });
    target.internet(() => new Response("ok"));
    expect(await bridge("live", "http.fetch", "https://a.shop.dev/")).toMatchObject({ value: { status: 200 } });
    await rule({ capabilities: { deny: ["content:write"] }, hosts: { deny: ["a.shop.dev"] } });
    expect((await bridge("live", "http.fetch", "https://a.shop.dev/")).error?.message).toMatch(/policy of this site/);
    expect((await post()).error?.message).toMatch(/policy of this site/);
  });

  it("stops a plugin of a publisher it refuses, says why where it is shown, and lets others run", async () => {
    await install(sketch("theirs", { routes: { hi: `() => 1` }, manifest: { bulkhead: { publisher: "acme" } } }));
    await install(sketch("ours", { routes: { hi: `() => 1` } }));
    await rule({ publishers: { deny: ["acme"] } });
    expect((await callRoute("theirs", "hi")).status).toBe(404);
    expect((await callRoute("ours", "hi")).status).toBe(200);
    expect(await show("theirs")).toMatchObject({
      state: "enabled",
      reason: 'The policy refuses the publisher "acme" (publishers.deny has "acme").',
    });
    await must("POST", "/api/admin/plugins/theirs/disable");
    expect(await call("POST", "/api/admin/plugins/theirs/enable")).toMatchObject({
      status: 403,
      body: { code: "POLICY_DENIED" },
    });
  });

  it("refuses to grant anew what it refuses, and lets everything be taken away", async () => {
    await install(probe("live", { capabilities: ["content:write", "media:read"] }));
    await rule({ capabilities: { deny: ["content:write"] }, publishers: { allow: ["acme"] } });
    expect(await change({ capability: "content:write" })).toMatchObject({
      status: 403,
      body: { code: "POLICY_DENIED" },
    });
    expect((await change({ capability: "media:read" })).status).toBe(200);
    expect((await change({ capability: "content:write", paused: true })).status).toBe(200);
    expect((await change({ capability: "content:write", allowed: false })).status).toBe(200);
  });
});

describe("what a policy refuses in part", () => {
  const finding = async (hosts: readonly string[]) => {
    const plan = await upload(probe("part", { capabilities: ["network:request"], hosts }));
    const found = plan["findings"] as unknown as readonly { level: string; code: string; message: string }[];
    return { plan, found: found.filter(({ code }) => code.startsWith("policy")) };
  };

  it("of a pattern is told in the plan and refused at the call; the rest may be consented to", async () => {
    await rule({ hosts: { deny: ["b.shop.dev", "*.other.dev"] } });
    const { plan, found } = await finding(["*.shop.dev"]);
    expect(found).toEqual([
      {
        level: "info",
        code: "policy-part",
        message: "Of requests to *.shop.dev the policy refuses those to b.shop.dev (hosts.deny).",
      },
    ]);
    expect((await consent(plan)).status).toBe(200);
    target.internet(() => new Response("ok"));
    expect(await bridge("part", "http.fetch", "https://a.shop.dev/")).toMatchObject({ value: { status: 200 } });
    expect((await bridge("part", "http.fetch", "https://b.shop.dev/")).error?.message).toMatch(/^Host not allowed/);
  });

  it("by allowing less than a pattern says what of it goes on", async () => {
    await rule({ hosts: { allow: ["a.shop.dev", "*.other.dev"] } });
    const { plan, found } = await finding(["*.shop.dev"]);
    expect(found.map(({ message }) => message)).toEqual([
      "The policy refuses requests to *.shop.dev (not in hosts.allow). Calls to a.shop.dev go on.",
    ]);
    expect((await consent(plan, { hosts: ["b.shop.dev"] })).status).toBe(403);
    expect((await consent(plan, { hosts: ["a.shop.dev"] })).status).toBe(200);
  });

  it("holds for a host that a setting names", async () => {
    await rule({ hosts: { deny: ["*.else.dev"] } });
    await install(
      probe("taking", {
        capabilities: ["network:request"],
        hosts: ["api.shop.dev"],
        manifest: {
          admin: { settingsSchema: { base: { type: "url", label: "Base" } } },
          bulkhead: { network: { hostsFromSettings: ["base"] } },
        },
      }),
    );
    const grant = (host: string) =>
      call("PUT", "/api/admin/plugins/taking/grants", {
        body: { grants: [{ capability: "network:request", hosts: ["api.shop.dev", host] }] },
      });
    expect(await grant("llm.else.dev")).toMatchObject({ status: 403, body: { code: "POLICY_DENIED" } });
    expect((await grant("llm.other.dev")).status).toBe(200);
  });

  it("is counted as denied, with what it was about", async () => {
    await install(probe("live", { capabilities: ["network:request", "content:read"], hosts: ["*.shop.dev"] }));
    await rule({ hosts: { deny: ["b.shop.dev"] }, capabilities: { deny: ["content:read"] } });
    await bridge("live", "http.fetch", "https://b.shop.dev/");
    await bridge("live", "content.list", "posts");
    await eventually(async () =>
      expect(await rows("SELECT capability FROM _host_usage WHERE denied > 0 ORDER BY capability")).toEqual([
        { capability: "content:read" },
        { capability: "network:request" },
      ]),
    );
    expect(await rows("SELECT capability, targets FROM _host_denials ORDER BY capability")).toEqual([
      { capability: "content:read", targets: "[]" },
      { capability: "network:request", targets: '["b.shop.dev"]' },
    ]);
  });
});

describe("a ceiling of the policy", () => {
  const spin = `() => { let n = 0; for (let i = 0; i < 3_000_000; i++) n += i; return n; }`;
  const loop = (manifest: Record<string, unknown> = {}) => sketch("busy", { routes: { spin }, manifest });

  it("lowers what an entry gets, below what its manifest asks for; the kind beside it keeps its own", async () => {
    await install(loop({ bulkhead: { budgets: { route: { fuel: 400_000_000 } } } }));
    expect((await callRoute("busy", "spin")).status).toBe(200);
    await rule({ budgets: { page: { fuel: 1_000 } } });
    expect((await callRoute("busy", "spin")).status).toBe(200);
    await rule({ budgets: { route: { fuel: 1_000_000 } } });
    expect(await callRoute("busy", "spin")).toMatchObject({ status: 503, body: { error: { code: "PLUGIN_STOPPED" } } });
  });

  it("counts calls and requests", async () => {
    await install(
      sketch("calls", {
        capabilities: ["content:read"],
        routes: {
          go: `async (_, ctx) => { for (let i = 0; i < 3; i++) await ctx.content.list("posts"); return "done"; }`,
        },
      }),
    );
    await rule({ budgets: { route: { hostCalls: 3 } } });
    expect((await callRoute("calls", "go")).body).toMatchObject({ data: "done" });
    await rule({ budgets: { route: { hostCalls: 2 } } });
    expect((await callRoute("calls", "go")).body).toMatchObject({
      error: { message: expect.stringMatching(/may make 2 data calls/) },
    });
  });

  it("above the host's own changes nothing, and one below what is asked for is in the plan", async () => {
    await rule({ budgets: { route: { fuel: 999_999_999_999 }, schedule: { requests: 1 } } });
    const plan: Json = await upload(
      loop({ bulkhead: { budgets: { route: { fuel: 5_000_000_000 }, schedule: { requests: 2 } } } }),
    );
    expect(
      (plan["findings"] as unknown as readonly Json[]).filter(({ code }) => String(code) === "policy-budget"),
    ).toEqual([
      {
        level: "warning",
        code: "policy-budget",
        message: "It asks for 2 requests for each schedule; the policy gives 1.",
      },
    ]);
    expect((await consent(plan)).status).toBe(200);
    expect((await callRoute("busy", "spin")).status).toBe(200);
  });
});

describe("a quota of the policy", () => {
  it("lowers what a plugin may use, at the next call, and shows; a meter beside it keeps the plan's", async () => {
    await install(probe("one", { capabilities: ["network:request"], hosts: ["a.shop.dev"] }));
    target.internet(() => new Response("ok"));
    const ask = () => bridge("one", "http.fetch", "https://a.shop.dev/");
    await setUsed("one", "requests", 4);
    expect(await ask()).toMatchObject({ value: { status: 200 } });
    await rule({ quotas: { requests: { day: 5 }, bytesOut: {} } });
    expect((await ask()).error).toMatchObject({
      code: "QUOTA_EXCEEDED",
      message: expect.stringMatching(/5 of 5 .*quota requests per day/),
    });
    expect(await bridge("one", "kv.set", "k", 1)).toMatchObject({ value: null });
    await rule({ quotas: { requests: { day: 999_999_999 } } });
    expect(await ask()).toMatchObject({ value: { status: 200 } });
    await setUsed("one", "requests", QUOTA.meters.requests.day);
    expect((await ask()).error).toMatchObject({ code: "QUOTA_EXCEEDED" });
  });

  it("lowers what a plugin may store", async () => {
    await install(probe("one"));
    expect(await bridge("one", "kv.set", "a", 1)).toMatchObject({ value: null });
    await rule({ quotas: { kvKeys: 2 } });
    expect(await bridge("one", "kv.set", "b", 1)).toMatchObject({ value: null });
    expect((await bridge("one", "kv.set", "c", 1)).error).toMatchObject({ code: "QUOTA_EXCEEDED" });
  });
});
