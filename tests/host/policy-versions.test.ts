/** How does a policy come into force? Validated, as a version nobody overwrites unseen, on record; and tried out before. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { audit, call, consent, install, must, rows, upload, type Json } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

beforeEach(() => target.reset());

const put = (document: unknown, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  call("PUT", "/api/admin/policy", { body: { document, note: "why", ...more }, headers });
const read = () => must<Json>("GET", "/api/admin/policy");

interface Effect {
  readonly plugin: string;
  readonly of: string;
  readonly name: string;
  readonly stands: string;
  readonly already: boolean;
  readonly message: string;
}
const effects = (body: Json) => body["refuses"] as unknown as readonly Effect[];

describe("a document", () => {
  const many = Array.from({ length: 200 }, (_, i) => `h${i}.dev`);

  it.each<[string, unknown, RegExp]>([
    ["nothing", null, /null is wrong\. Expected an object/],
    ["a list", [], /Expected an object/],
    ["no version", {}, /^version: Missing\. Expected "version": 1/],
    ["a newer version", { version: 2 }, /^version: 2 is wrong\. Expected "version": 1/],
    [
      "an unknown key",
      { version: 1, host: {} },
      /"host" is no key of this part\. Remove it, or use one of: version, capabilities, hosts/,
    ],
    ["an unknown list", { version: 1, hosts: { forbid: [] } }, /^hosts: "forbid" is no key .* deny, allow/],
    ["a prototype", JSON.parse(`{"version":1,"__proto__":{"hosts":{}}}`), /is no key of this part/],
    [
      "a power that does not exist",
      { version: 1, capabilities: { deny: ["contents:*"] } },
      /^capabilities\.deny\[0\]: "contents:\*" covers no power of this host/,
    ],
    [
      "a power under its old name",
      { version: 1, capabilities: { deny: ["read:content"] } },
      /covers no power of this host/,
    ],
    [
      "a name that every object has",
      { version: 1, capabilities: { deny: ["constructor"] } },
      /covers no power of this host/,
    ],
    [
      "a host with a scheme",
      { version: 1, hosts: { deny: ["https://a.dev"] } },
      /^hosts\.deny\[0\]: "https:\/\/a\.dev" is wrong\. Expected a host/,
    ],
    ["a host with a port", { version: 1, hosts: { allow: ["a.dev:8443"] } }, /without scheme, port or path/],
    ["a host with a path", { version: 1, hosts: { allow: ["a.dev/x"] } }, /without scheme, port or path/],
    ["a star within a host", { version: 1, hosts: { allow: ["a.*.dev"] } }, /Expected a host/],
    ["a host in other letters", { version: 1, hosts: { deny: ["еvil.dev"] } }, /Expected a host/],
    ["an empty host", { version: 1, hosts: { deny: [""] } }, /Expected a host/],
    ["a text instead of a list", { version: 1, hosts: { deny: "*" } }, /^hosts\.deny: "\*" is wrong\. Expected a list/],
    ["a table in quotes", { version: 1, tables: { deny: ['"ec_posts"'] } }, /Expected the name of a table/],
    ["one entry too many", { version: 1, hosts: { deny: [...many, "one.dev"] } }, /Expected at most 200 entries/],
    [
      "a document too large",
      { version: 1, publishers: { deny: Array.from({ length: 200 }, () => "x".repeat(400)) } },
      /characters as JSON\. Expected at most 65536/,
    ],
    [
      "a word for a signature",
      { version: 1, signature: "maybe" },
      /^signature: "maybe" is wrong\. Expected "optional" or "required"/,
    ],
    [
      "a word for yes",
      { version: 1, separateConsent: "yes" },
      /^separateConsent: "yes" is wrong\. Expected true or false/,
    ],
    [
      "a budget of nothing",
      { version: 1, budgets: { route: { fuel: 0 } } },
      /^budgets\.route\.fuel: Expected a number above 0/,
    ],
    [
      "a budget of an unknown kind",
      { version: 1, budgets: { panel: {} } },
      /"panel" is no key .* route, hook, page, schedule/,
    ],
    [
      "a quota of something that is not measured",
      { version: 1, quotas: { visits: { day: 1 } } },
      /^quotas: "visits" is no key .* rowsRead, rowsWritten/,
    ],
    [
      "a quota for a week",
      { version: 1, quotas: { requests: { week: 1 } } },
      /^quotas\.requests: "week" is no key .* hour, day, month/,
    ],
    [
      "an approval of uploads",
      { version: 1, preapproved: [{ plugin: "a", source: "upload", capabilities: [] }] },
      /^preapproved\[0\]\.source: "upload" is wrong\. Expected "catalog"/,
    ],
    [
      "an approval of a pattern",
      { version: 1, preapproved: [{ plugin: "a", source: "catalog", capabilities: ["content:*"] }] },
      /named in full/,
    ],
    [
      "an approval of requests to nowhere",
      { version: 1, preapproved: [{ plugin: "a", source: "catalog", capabilities: ["network:request"] }] },
      /^preapproved\[0\]: "network:request" is approved for no hosts\. Add "hosts"/,
    ],
  ])("with %s is refused by its place, and nothing is stored", async (_, document, words) => {
    const before = await everything();
    for (const dryRun of [false, true]) {
      const { status, body } = await put(document, { dryRun });
      expect({ status, code: body["code"], detail: body["detail"] }).toEqual({
        status: 422,
        code: "POLICY_INVALID",
        detail: expect.stringMatching(words),
      });
      expect(body["issues"]).not.toHaveLength(0);
    }
    expect(await everything()).toEqual(before);
  });

  it("with every rule there is passes, at the edge of what it may hold", async () => {
    const document = {
      version: 1,
      capabilities: { deny: ["network:request:unrestricted", "media:*"], allow: ["*"] },
      hosts: { deny: many, allow: ["*", "*.shop.dev"] },
      tables: { deny: ["users"], allow: ["ec_posts"] },
      publishers: { deny: ["acme"], allow: ["Some One"] },
      signature: "optional",
      separateConsent: true,
      budgets: { route: { fuel: 1, wallMs: 1, hostCalls: 1, requests: 1 }, hook: {}, page: {}, schedule: {} },
      quotas: {
        requests: { hour: 1, day: 2, month: 3 },
        rowsRead: {},
        fuel: { day: 1 },
        bytesStored: 1,
      },
      preapproved: [
        {
          plugin: "auto",
          source: "catalog",
          capabilities: ["content:write", "network:request", "database:read", "page:slots", "page:paths"],
          hosts: ["api.shop.dev"],
          tables: ["ec_posts"],
          slots: ["post.after"],
          paths: ["/llms.txt"],
        },
      ],
    };
    expect(await put(document)).toMatchObject({ status: 200, body: { version: 1, dryRun: false } });
    expect((await read())["document"]).toEqual(document);
  });
});

describe("a version", () => {
  it("follows the one before; all stay readable, with who, when, why and what changed on record", async () => {
    expect(await read()).toMatchObject({ version: 0, document: { version: 1 }, at: null, versions: [] });
    await put({ version: 1, hosts: { deny: ["a.dev"] } });
    const second = await put({ version: 1, hosts: { deny: ["b.dev"], allow: [] } });
    expect(second.body["changes"]).toEqual([`- hosts.deny: "a.dev"`, `+ hosts.deny: "b.dev"`, `+ hosts.allow: a list`]);
    const { headers, body } = await call("GET", "/api/admin/policy");
    expect(headers.get("etag")).toBe(`"2"`);
    expect(body).toMatchObject({
      version: 2,
      document: { version: 1, hosts: { deny: ["b.dev"], allow: [] } },
      by: "bootstrap",
      note: "why",
      fault: null,
      versions: [{ version: 2 }, { version: 1, by: "bootstrap", digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    expect(await must("GET", "/api/admin/policy/versions/1")).toMatchObject({
      document: { version: 1, hosts: { deny: ["a.dev"] } },
    });
    expect((await call("GET", "/api/admin/policy/versions/3")).status).toBe(404);
    const { acts, ok } = await audit();
    expect({ acts, ok }).toEqual({ acts: ["policy.put", "policy.put"], ok: true });
    const [row] = await rows<{ target: string; detail: string }>(
      "SELECT target, detail FROM _host_audit WHERE seq = 2",
    );
    expect(row).toMatchObject({ target: "2" });
    expect(JSON.parse(row!.detail)).toMatchObject({
      version: 2,
      note: "why",
      digest: (await read())["digest"],
      changes: second.body["changes"],
    });
  });

  it.each([
    ["expectedVersion", { expectedVersion: 0 }, {}],
    ["If-Match", {}, { "if-match": `"0"` }],
  ])(
    "written from an older version is refused by %s, also in a dry run, and changes nothing",
    async (_, more, headers) => {
      const first = { version: 1, hosts: { deny: ["a.dev"] } };
      expect((await put(first, more, headers)).status).toBe(200);
      const before = await everything();
      for (const dryRun of [false, true]) {
        expect(await put({ version: 1 }, { ...more, dryRun }, headers)).toMatchObject({
          status: 409,
          body: {
            code: "CONFLICT",
            detail: expect.stringMatching(/^Version 1 of the policy is in force; yours was written from version 0/),
          },
        });
      }
      expect(await everything()).toEqual(before);
      expect((await put({ version: 1 }, { expectedVersion: 1 })).status).toBe(200);
    },
  );

  it("is put once by two who put at the same time from the same version", async () => {
    const both = await Promise.all(
      ["a.dev", "b.dev"].map((host) => put({ version: 1, hosts: { deny: [host] } }, { expectedVersion: 0 })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect((await read())["versions"]).toHaveLength(1);
  });

  it("with an If-Match that names no version is refused", async () => {
    expect((await put({ version: 1 }, {}, { "if-match": "latest" })).status).toBe(400);
    expect((await put({ version: 1 }, {}, { "if-match": "*" })).status).toBe(200);
  });

  it("cannot be changed or removed behind its back", async () => {
    await put({ version: 1 });
    const before = await rows("SELECT * FROM _host_policy");
    for (const sql of [`UPDATE _host_policy SET document = '{}'`, `DELETE FROM _host_policy`]) {
      await expect(target.env.DB.prepare(sql).run(), sql).rejects.toThrow(/policy/);
    }
    await target.env.DB.prepare(
      `INSERT OR REPLACE INTO _host_policy SELECT version, '{}', note, "by", at, digest FROM _host_policy`,
    ).run();
    expect(await rows("SELECT * FROM _host_policy")).toEqual(before);
  });

  it.each([`{"version":1,"hosts":{"forbid":["*"]}}`, `{"version":7}`, `nonsense`])(
    "that cannot be read (%s) grants nothing and runs nothing, says why, and can be mended",
    async (document) => {
      await install(probe("live", { capabilities: ["content:read"] }));
      expect(await bridge("live", "content.list", "posts")).toMatchObject({ value: {} });
      const env = target.env;
      await env.DB.batch([
        env.DB.prepare("INSERT INTO _host_policy VALUES (1, ?, '', 'somebody', '2026-01-01T00:00:00.000Z', '')").bind(
          document,
        ),
        env.DB.prepare("UPDATE _host_state SET generation = generation + 1"),
      ]);
      expect((await call("POST", "/api/plugins/live/probe", { body: {} })).status).toBe(404);
      expect(await consent(await upload(sketch("new")))).toMatchObject({
        status: 403,
        body: { code: "POLICY_DENIED" },
      });
      expect((await read())["fault"]).toMatch(/./);
      expect((await put({ version: 1 }, { expectedVersion: 1 })).status).toBe(200);
      expect(await bridge("live", "content.list", "posts")).toMatchObject({ value: {} });
    },
  );
});

describe("a dry run", () => {
  const document = {
    version: 1,
    capabilities: { deny: ["media:read"] },
    hosts: { deny: ["b.shop.dev"] },
    tables: { deny: ["ec_posts"] },
    budgets: { route: { fuel: 1_000_000 } },
  };

  async function installSome() {
    await install(
      probe("wide", { capabilities: ["media:read", "network:request"], hosts: ["a.shop.dev", "*.shop.dev"] }),
    );
    await install(sketch("tables", { manifest: { bulkhead: { database: { read: ["ec_posts"] } } } }));
    await install(probe("narrow", { capabilities: ["media:read"] }), { deny: ["media:read"] });
    await upload(probe("waits", { capabilities: ["network:request"], hosts: ["b.shop.dev"] }));
  }

  it("says what would be refused, by plugin, in whole sentences, and changes nothing", async () => {
    await installSome();
    const before = await everything();
    const { status, body } = await put(document, { dryRun: true });
    expect({ status, dryRun: body["dryRun"], version: body["version"] }).toEqual({
      status: 200,
      dryRun: true,
      version: 0,
    });
    const found = effects(body);
    const budget = (id: string) => `${id} 1.0.0: each route would have 1000000 units of fuel instead of 200000000.`;
    expect(found.map(({ message }) => message).toSorted()).toEqual(
      [
        budget("narrow"),
        `tables 1.0.0 for database:read: would refuse it from the next call on. The policy refuses the table ec_posts (tables.deny has "ec_posts").`,
        budget("waits"),
        `waits 1.0.0 for network:request: could not be consented to as it asks. The policy refuses requests to b.shop.dev (hosts.deny has "b.shop.dev").`,
        `wide 1.0.0 for network:request: would refuse it from the next call on. Of requests to *.shop.dev the policy refuses those to b.shop.dev (hosts.deny).`,
        budget("wide"),
        `wide 1.0.0: would refuse it from the next call on. The policy refuses media:read (capabilities.deny has "media:read").`,
      ].toSorted(),
    );
    expect(found.every(({ already }) => !already)).toBe(true);
    expect(await everything()).toEqual(before);
    expect(await bridge("wide", "http.fetch", "https://b.shop.dev/")).not.toMatchObject({
      error: { message: expect.stringMatching(/policy/) },
    });
  });

  it("is answered by a real one with the same list, and by the next as refused already", async () => {
    await installSome();
    const dry = effects((await put(document, { dryRun: true })).body);
    const real = effects((await put(document)).body);
    expect(real).toEqual(dry);
    const again = effects((await put(document, { dryRun: true })).body);
    expect(again).toEqual(dry.map((effect) => ({ ...effect, already: true })));
    expect(effects((await put({ version: 1 }, { dryRun: true })).body)).toEqual([]);
  });

  it("says that a plugin would not run at all", async () => {
    await install(sketch("unsigned"));
    const [effect, ...rest] = effects((await put({ version: 1, signature: "required" }, { dryRun: true })).body);
    expect(effect).toMatchObject({
      plugin: "unsigned",
      of: "signature",
      stands: "live",
      message: `unsigned 1.0.0: would not run at all. The policy refuses a bundle that no registered key signed (signature is "required").`,
    });
    expect(rest).toEqual([]);
  });
});
