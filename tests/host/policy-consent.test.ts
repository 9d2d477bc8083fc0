/** Who may consent where policy says so? Never who uploaded it, under whatever sign-in; and a publisher to nothing of its own. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin, type PluginSource } from "../support/bundle.ts";
import { call, must, rows, type Answer, type Json } from "./client.ts";
import { callAs, type Person } from "./people.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const ANNA: Person = { role: "admin", id: "anna" };
const BERT: Person = { role: "reviewer", id: "bert" };
const PAUL: Person = { role: "publisher", id: "paul" };

async function uploadAs(person: Person, source: PluginSource): Promise<Json> {
  const { status, body } = await callAs(
    person,
    "POST",
    "/api/admin/plugins",
    await packPlugin(source),
    "application/gzip",
  );
  expect(status, JSON.stringify(body)).toBe(201);
  return body["plan"]!;
}

function consentAs(person: Person, plan: Json): Promise<Answer> {
  const { id, version } = plan["plugin"] as unknown as { id: string; version: string };
  return callAs(person, "POST", `/api/admin/plugins/${id}/consent`, { version, planHash: plan["hash"] });
}

const separate = (separateConsent: boolean) =>
  must("PUT", "/api/admin/policy", { body: { document: { version: 1, separateConsent } } });

describe("with separateConsent, a version", () => {
  it("is not consented to by who uploaded it, but by another; without it by either", async () => {
    await separate(true);
    const plan = await uploadAs(ANNA, sketch("one"));
    const refused = await consentAs(ANNA, plan);
    expect(refused).toMatchObject({
      status: 403,
      body: {
        code: "POLICY_DENIED",
        detail: expect.stringMatching(/^You uploaded one 1\.0\.0, and the policy asks for two people/),
      },
    });
    expect(await rows("SELECT act FROM _host_audit WHERE act = 'plugin.consent'")).toEqual([]);
    expect((await consentAs(BERT, plan)).status).toBe(200);
    await separate(false);
    expect((await consentAs(ANNA, await uploadAs(ANNA, sketch("two")))).status).toBe(200);
  });

  it("is not consented to by the same person under another kind of sign-in", async () => {
    await separate(true);
    const { status, body } = await call("POST", "/api/admin/plugins", {
      body: await packPlugin(sketch("one")),
      headers: { "content-type": "application/gzip" },
    });
    expect(status).toBe(201);
    // A session that the bootstrap token opened carries its id.
    expect((await consentAs({ role: "admin", id: "bootstrap" }, body["plan"]!)).status).toBe(403);
    expect((await consentAs(ANNA, body["plan"]!)).status).toBe(200);
  });

  it.each<[string, object, object]>([
    ["denied", { allowed: false }, { allowed: true }],
    ["paused", { paused: true }, { paused: false }],
    ["ended", { until: "2099-01-01T00:00:00Z" }, { until: null }],
    ["narrowed", { hosts: ["a.shop.dev"] }, { hosts: ["a.shop.dev", "b.shop.dev"] }],
    ["narrowed to methods", { methods: ["GET"] }, { methods: null }],
    ["enforced", { allowed: false }, { allowed: false, mode: "report" }],
  ])("whose power another %s: who uploaded it gives nothing back, and may take more", async (_, taken, back) => {
    await separate(true);
    const hosts = ["a.shop.dev", "b.shop.dev"];
    const plan = await uploadAs(ANNA, sketch("one", { capabilities: ["network:request"], hosts }));
    expect((await consentAs(BERT, plan)).status).toBe(200);
    const change = (person: Person, grant: object) =>
      callAs(person, "PUT", "/api/admin/plugins/one/grants", { grants: [{ capability: "network:request", ...grant }] });
    expect((await change(BERT, taken)).status).toBe(200);
    expect(await change(ANNA, back)).toMatchObject({ status: 403, body: { code: "POLICY_DENIED" } });
    expect((await change(ANNA, { ...taken, paused: true })).status).toBe(200);
    expect((await change(BERT, { ...back, paused: false })).status).toBe(200);
    await separate(false);
    expect((await change(BERT, taken)).status).toBe(200);
    expect((await change(ANNA, { ...back, paused: false })).status).toBe(200);
  });

  it("that waits when the policy comes into force is judged by it", async () => {
    const plan = await uploadAs(ANNA, sketch("one"));
    await separate(true);
    expect((await consentAs(ANNA, plan)).status).toBe(403);
    expect((await consentAs(BERT, plan)).status).toBe(200);
  });
});

describe("a publisher", () => {
  const approve = (plugin: string, capabilities: readonly string[] = []) =>
    must("PUT", "/api/admin/policy", {
      body: { document: { version: 1, preapproved: [{ plugin, source: "catalog", capabilities }] } },
    });

  it("consents to nothing that was uploaded under the same id as what is approved in advance", async () => {
    await approve("approved", ["content:read"]);
    for (const person of [PAUL, ANNA]) {
      const plan = await uploadAs(person, sketch("approved", { capabilities: ["content:read"] }));
      expect(await consentAs(PAUL, plan)).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
    }
  });

  it("cannot say itself that a bundle came from the catalogue", async () => {
    await approve("approved");
    const source = sketch("approved", { manifest: { source: "catalog", bulkhead: { publisher: "catalog" } } });
    expect((await consentAs(PAUL, await uploadAs(PAUL, source))).status).toBe(403);
    expect(await rows("SELECT source FROM _host_versions")).toEqual([{ source: "upload" }]);
  });

  it("neither reads nor writes the policy", async () => {
    expect((await callAs(PAUL, "GET", "/api/admin/policy")).status).toBe(403);
    expect((await callAs(PAUL, "PUT", "/api/admin/policy", { document: { version: 1 } })).status).toBe(403);
    expect((await callAs(BERT, "PUT", "/api/admin/policy", { document: { version: 1 }, dryRun: true })).status).toBe(
      403,
    );
  });
});
