/** What may a publisher take live from the catalogue without a reviewer? Exactly what the policy approves in advance. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { sha256 } from "../../host/crypto.ts";
import { createWorker } from "../../host/worker.ts";
import { packPlugin, type PluginSource } from "../support/bundle.ts";
import { ORIGIN } from "../support/target.ts";
import { must, rows, type Json } from "./client.ts";
import { signedIn, type Person } from "./people.ts";
import { sketch, type PluginSketch } from "./plugins.ts";

beforeEach(() => target.reset());

const PAUL: Person = { role: "publisher", id: "paul" };
const ANNA: Person = { role: "admin", id: "anna" };

/** A Worker whose catalogue has these plugins. */
async function withCatalogue(...sources: readonly PluginSource[]) {
  const files = new Map<string, Uint8Array>();
  const plugins: object[] = [];
  for (const source of sources) {
    const { id, version } = source.manifest as { id: string; version: string };
    const archive = await packPlugin(source);
    files.set(`${id}.tar.gz`, archive);
    plugins.push({
      id,
      name: id,
      version,
      description: "",
      file: `${id}.tar.gz`,
      sha256: await sha256(archive),
      size: archive.length,
      capabilities: [],
      allowedHosts: [],
    });
  }
  const worker = createWorker<Cloudflare.Env>(() => ({
    log: () => {},
    assets: async ({ url }) => {
      const name = url.split("/").at(-1)!;
      if (name === "index.json") return Response.json({ plugins });
      const file = files.get(name);
      return file ? new Response(file as BodyInit) : new Response(null, { status: 404 });
    },
  }));
  return async (
    person: Person,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Json }> => {
    const context = createExecutionContext();
    const isRaw = body instanceof Uint8Array;
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers: { ...(await signedIn(person)), "content-type": isRaw ? "application/gzip" : "application/json" },
      ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
    }) as Request<unknown, IncomingRequestCfProperties>;
    const response = await worker.fetch!(request, env, context);
    await waitOnExecutionContext(context);
    return { status: response.status, body: await response.json() };
  };
}

type Send = Awaited<ReturnType<typeof withCatalogue>>;

const approve = (more: object, rest: object = {}) =>
  must<Json>("PUT", "/api/admin/policy", {
    body: {
      document: {
        version: 1,
        preapproved: [{ plugin: "shipped", source: "catalog", capabilities: ["content:read"], ...more }],
        ...rest,
      },
    },
  });

async function installAs(send: Send, person: Person): Promise<Json> {
  const { status, body } = await send(person, "POST", "/api/admin/catalog/shipped/install");
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

function consentAs(send: Send, person: Person, { plan }: Json, more: object = {}) {
  const { version } = plan!["plugin"] as unknown as { version: string };
  return send(person, "POST", "/api/admin/plugins/shipped/consent", { version, planHash: plan!["hash"], ...more });
}

const shipped = (more: PluginSketch = {}) => sketch("shipped", { capabilities: ["content:read"], ...more });

describe("a plugin of the catalogue that is approved in advance", () => {
  it("is consented to by a publisher, on record with the version of the policy", async () => {
    await approve({});
    const send = await withCatalogue(shipped());
    const installed = await installAs(send, PAUL);
    expect(installed["preapproved"]).toBe(1);
    expect(await consentAs(send, PAUL, installed)).toMatchObject({
      status: 200,
      body: { plugin: { state: "enabled" } },
    });
    const [row] = await rows<{ actor: string; detail: string }>(
      "SELECT actor, detail FROM _host_audit WHERE act = 'plugin.consent'",
    );
    expect(row!.actor).toBe("user:paul");
    expect(JSON.parse(row!.detail)).toMatchObject({ preapproved: 1, policy: 1, granted: ["content:read"] });
  });

  it.each<[string, object, PluginSketch, boolean]>([
    ["a power more than approved", {}, { capabilities: ["content:read", "media:read"] }, false],
    ["a power that brings the approved one along", {}, { capabilities: ["content:write"] }, false],
    [
      "a power that comes with the approved one",
      { capabilities: ["content:write"] },
      { capabilities: ["content:read"] },
      true,
    ],
    ["less than approved", { capabilities: ["content:read", "media:read"] }, {}, true],
    ["nothing", {}, { capabilities: [] }, true],
    [
      "a host more than approved",
      { capabilities: ["network:request"], hosts: ["a.shop.dev"] },
      { capabilities: ["network:request"], hosts: ["a.shop.dev", "b.shop.dev"] },
      false,
    ],
    [
      "a pattern wider than approved",
      { capabilities: ["network:request"], hosts: ["a.shop.dev"] },
      { capabilities: ["network:request"], hosts: ["*.shop.dev"] },
      false,
    ],
    [
      "a host within an approved pattern",
      { capabilities: ["network:request"], hosts: ["*.shop.dev"] },
      { capabilities: ["network:request"], hosts: ["a.shop.dev"] },
      true,
    ],
    [
      "a table more than approved",
      { capabilities: ["database:read"], tables: ["media"] },
      { capabilities: [], manifest: { bulkhead: { database: { read: ["media", "ec_posts"] } } } },
      false,
    ],
    [
      "the approved table",
      { capabilities: ["database:read"], tables: ["media"] },
      { capabilities: [], manifest: { bulkhead: { database: { read: ["media"] } } } },
      true,
    ],
    [
      "an address of the site that is not approved",
      { capabilities: ["page:paths"], paths: ["/llms.txt"] },
      { capabilities: [], manifest: { bulkhead: { page: { paths: ["/robots.txt"] } } } },
      false,
    ],
    ["another id", { plugin: "other" }, {}, false],
  ])("asking for %s: the publisher's consent counts as far as approved", async (_, approval, asks, isCovered) => {
    await approve(approval);
    const send = await withCatalogue(shipped(asks));
    const installed = await installAs(send, PAUL);
    expect(installed["preapproved"] !== null).toBe(isCovered);
    expect((await consentAs(send, PAUL, installed)).status).toBe(isCovered ? 200 : 403);
    // A reviewer is asked as usual.
    if (!isCovered) expect((await consentAs(send, ANNA, installed)).status).toBe(200);
    const [row] = await rows<{ detail: string }>("SELECT detail FROM _host_audit WHERE act = 'plugin.consent'");
    expect("preapproved" in (JSON.parse(row!.detail) as object)).toBe(isCovered);
  });

  it("is denied all the same where another rule denies it", async () => {
    await approve({}, { capabilities: { deny: ["content:read"] } });
    const send = await withCatalogue(shipped());
    expect(await consentAs(send, PAUL, await installAs(send, PAUL))).toMatchObject({
      status: 403,
      body: { code: "POLICY_DENIED" },
    });
  });

  it("is consented to by who installed it although two people are asked for: the policy is the other", async () => {
    await approve({}, { separateConsent: true });
    const send = await withCatalogue(shipped());
    expect((await consentAs(send, ANNA, await installAs(send, ANNA))).status).toBe(200);
    const [row] = await rows<{ detail: string }>("SELECT detail FROM _host_audit WHERE act = 'plugin.consent'");
    expect(JSON.parse(row!.detail)).toMatchObject({ preapproved: 1 });
  });

  it("is no longer from the catalogue once other bytes of that version were uploaded over it", async () => {
    await approve({});
    const send = await withCatalogue(shipped());
    await installAs(send, PAUL);
    const evil = await packPlugin(shipped({ routes: { evil: `() => 1` } }));
    const { status, body } = await send(PAUL, "POST", "/api/admin/plugins", evil);
    expect(status).toBe(201);
    expect((await consentAs(send, PAUL, body)).status).toBe(403);
  });

  it("is asked about again when the approval is taken back before the consent", async () => {
    await approve({});
    const send = await withCatalogue(shipped());
    const installed = await installAs(send, PAUL);
    await must("PUT", "/api/admin/policy", { body: { document: { version: 1 } } });
    expect((await consentAs(send, PAUL, installed)).status).toBe(403);
  });

  it("is not given a host that only a setting names; that is a reviewer's to grant", async () => {
    await approve({ capabilities: ["network:request"], hosts: ["*.shop.dev"] });
    const send = await withCatalogue(
      shipped({
        capabilities: ["network:request"],
        hosts: ["*.shop.dev"],
        manifest: {
          admin: { settingsSchema: { base: { type: "string", label: "Base" } } },
          bulkhead: { network: { hostsFromSettings: ["base"] } },
        },
      }),
    );
    const installed = await installAs(send, PAUL);
    expect(await consentAs(send, PAUL, installed, { hosts: ["a.shop.dev", "evil.dev"] })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN", detail: expect.stringContaining("evil.dev") },
    });
    expect(await rows("SELECT targets FROM _host_grants")).toEqual([]);
    expect((await consentAs(send, PAUL, installed, { hosts: ["a.shop.dev"] })).status).toBe(200);
    const grants = [{ capability: "network:request", hosts: ["evil.dev"] }];
    expect((await send(PAUL, "PUT", "/api/admin/plugins/shipped/grants", { grants })).status).toBe(403);
    expect((await send(ANNA, "PUT", "/api/admin/plugins/shipped/grants", { grants })).status).toBe(200);
  });

  it("gives a publisher no other right of a reviewer", async () => {
    await approve({});
    const send = await withCatalogue(shipped());
    await consentAs(send, PAUL, await installAs(send, PAUL));
    const grants = [{ capability: "content:read", allowed: true }];
    expect((await send(PAUL, "PUT", "/api/admin/plugins/shipped/grants", { grants })).status).toBe(403);
  });
});
