/** An application without a CMS, with its own people, event and power, from the packed tarball. */
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createTestHarness } from "wrangler";
import { packManifest } from "../support/pack.ts";

const run = promisify(execFile);
const SECRETS = { PLUGIN_KEY: "k".repeat(32), STAFF_TOKEN: "staff-of-the-shop" };
const ORIGIN = "https://billing.example";
const folder = inject("applicationFolder");

interface Env {
  readonly DB: D1Database;
  readonly KV: KVNamespace;
}
type Json = any; // oxlint-disable-line typescript/no-explicit-any

const harness = createTestHarness({
  workers: [{ configPath: join(folder, "wrangler.toml"), secrets: { ...SECRETS } }],
});
let env: Env;

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const isBytes = body instanceof Uint8Array;
  const response = await harness.getWorker<Env>().fetch(`${ORIGIN}${path}`, {
    method,
    headers: { "content-type": isBytes ? "application/gzip" : "application/json", ...headers },
    ...(body === undefined ? {} : { body: isBytes ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    headers: Object.fromEntries(response.headers),
    status: response.status,
    json: (text.startsWith("{") ? JSON.parse(text) : undefined) as Json,
    text,
  };
}

const STAFF = { authorization: `Bearer ${SECRETS.STAFF_TOKEN}` };
const admin = (method: string, path: string, body?: unknown) =>
  send(method, `/billing/extensions/admin${path}`, body, STAFF);

/** Uploads and consents. */
async function install(
  manifest: Record<string, unknown>,
  backend: string,
  deny: readonly string[] = [],
): Promise<Json> {
  const bundle = await packManifest({ version: "1.0.0", capabilities: [], allowedHosts: [], ...manifest }, backend);
  const uploaded = await admin("POST", "/plugins", bundle);
  expect(uploaded, uploaded.text).toMatchObject({ status: 201 });
  const { plan, plugin } = uploaded.json;
  const consented = await admin("POST", `/plugins/${plugin.id}/consent`, {
    version: plan.plugin.version,
    planHash: plan.hash,
    deny,
  });
  expect(consented, consented.text).toMatchObject({ status: 200, json: { plugin: { state: "enabled" } } });
  return plan;
}

const RECEIPTS = `export default {
  hooks: { "invoice:paid": async ({ id }, ctx) => ctx.kv.set("paid:" + id, await ctx.invoices.get(id)) },
  routes: {
    paid: async ({ input }, ctx) => ctx.kv.get("paid:" + input.id),
    peek: async (_route, ctx) => ctx.db.prepare("SELECT * FROM customers").all(),
  },
};`;
const receipts = (id: string) => ({
  id,
  capabilities: ["invoice:read"],
  hooks: ["invoice:paid"],
  routes: [
    { name: "paid", public: true },
    { name: "peek", public: true },
  ],
  bulkhead: { database: {} },
});

/** What the plugin has noted of an invoice, once the work after the response is done. */
async function noted(plugin: string, id: number): Promise<unknown> {
  return (await send("GET", `/billing/extensions/plugins/${plugin}/paid?id=${id}`)).json.data;
}

beforeAll(async () => {
  const command = join(folder, "node_modules/.bin/bulkhead");
  const { stdout } = await run(command, ["migrations", "--prefix", "plugins_"], { cwd: folder });
  expect(stdout).toContain("0002_bulkhead_host.sql");
  await harness.listen();
});
afterAll(() => harness.close());

describe("the application", () => {
  it("is a Worker of less than 60 lines, and fits the package's types, as what its README says does", async () => {
    const lines = (await readFile(join(folder, "worker.ts"), "utf8")).trimEnd().split("\n");
    expect(lines.length).toBeLessThan(60);
    const tsc = resolve("node_modules/.bin/tsc");
    const { stdout } = await run(tsc, ["-p", folder, "--listFiles"], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout.split("\n").filter((line) => line.includes("error TS"))).toEqual([]);
    expect(stdout).toContain("bulkhead/types/host/embed.d.ts");
    expect(stdout).toContain("readme.ts");
  });

  it("says what to do as long as the database has no tables", async () => {
    const answer = await admin("GET", "/plugins");
    expect(answer).toMatchObject({ status: 503, json: { code: "NOT_READY" } });
    expect(answer.json.detail).toContain("migrations apply");
  });

  it("writes migrations that never change, with none of the CMS's tables", async () => {
    const before = await readdir(join(folder, "migrations"));
    const command = join(folder, "node_modules/.bin/bulkhead");
    const { stdout } = await run(command, ["migrations"], { cwd: folder });
    expect(stdout).not.toContain("wrote");
    expect(await readdir(join(folder, "migrations"))).toEqual(before);
    await expect(run(command, ["migrations", "--prefix", "ec_"], { cwd: folder })).rejects.toThrow(/table prefix/);
    const worker = harness.getWorker<Env>();
    await worker.applyD1Migrations("DB");
    env = await worker.getEnv();
    const { results } = await env.DB.prepare(
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'",
    ).all<{ type: string; name: string; sql: string | null }>();
    const tables = results.filter(({ type }) => type === "table").map(({ name }) => name);
    expect(tables.filter((name) => !name.startsWith("plugins_"))).toEqual(["invoices", "customers"]);
    expect(tables).toContain("plugins_audit");
    expect(tables).toContain("plugins_plugin_storage");
    expect(results.filter(({ sql }) => /_host_|ec_posts|_emdash/.test(sql ?? ""))).toEqual([]);
    // The audit's triggers came along.
    expect(results.filter(({ type }) => type === "trigger")).toHaveLength(6);
  });
});

describe("a plugin", () => {
  it("is installed under the application's own people, with the application's own sentence", async () => {
    const plan = await install(receipts("receipts"), RECEIPTS);
    expect(plan.capabilities).toContainEqual(
      expect.objectContaining({ name: "invoice:read", label: "Read your invoices and what was paid", group: "reads" }),
    );
    expect(plan.hooks).toEqual([
      { name: "invoice:paid", when: "after an invoice was paid", active: true, observes: false, reason: null },
    ]);
    const audit = await admin("GET", "/audit");
    expect(audit.json.items[0]).toMatchObject({ act: expect.any(String) as string });
    expect(JSON.stringify(audit.json)).toContain('"user:ada"');
    expect((await admin("GET", "/audit/verify")).json).toMatchObject({ ok: true });
  });

  it("hears the application's event and reads through its bridge", async () => {
    expect(await noted("receipts", 1)).toBeNull();
    expect((await send("POST", "/invoices/1/pay")).json).toEqual({ paid: 1 });
    await expect.poll(() => noted("receipts", 1)).toEqual({ id: 1, cents: 12_000, paid: 1 });
  });

  it("that was denied the power neither hears nor reads; its neighbour does", async () => {
    await install(receipts("denied"), RECEIPTS, ["invoice:read"]);
    await install(
      { id: "asking", routes: [{ name: "ask", public: true }] },
      `export default { routes: { ask: async (_route, ctx) => ctx.invoices.get(2) } };`,
    );
    await send("POST", "/invoices/2/pay");
    await expect.poll(() => noted("receipts", 2)).toEqual({ id: 2, cents: 990, paid: 1 });
    expect(await noted("denied", 2)).toBeNull();
    const asked = await send("GET", "/billing/extensions/plugins/asking/ask");
    expect(asked).toMatchObject({ status: 422, json: { success: false } });
    expect(asked.json.error.message).toContain("Missing capability: invoice:read");
  });

  it("that could send off what it reads is said to, with the application's own sentence; its neighbour is not", async () => {
    const findings = async (id: string, more: Record<string, unknown>) => {
      const manifest = { id, version: "1.0.0", capabilities: ["invoice:read"], allowedHosts: [], ...more };
      const { json } = await admin("POST", "/plugins", await packManifest(manifest, "export default {};"));
      return (json.plan.findings as readonly { code: string; message: string }[])
        .filter(({ code }) => code === "reads-and-sends")
        .map(({ message }) => message);
    };
    const sends = { capabilities: ["invoice:read", "network:request"], allowedHosts: ["api.shop.dev"] };
    expect(await findings("leaks", sends)).toEqual([
      "It can read what “Read your invoices and what was paid” gives it and send data to api.shop.dev.",
    ]);
    expect(await findings("keeps", {})).toEqual([]);
  });

  it("that asks for what this host does not offer is refused before anything is stored", async () => {
    for (const capability of ["content:read", "media:write", "users:read"]) {
      const bundle = await packManifest(
        { id: "cms", version: "1.0.0", capabilities: [capability], allowedHosts: [] },
        "export default {};",
      );
      const refused = await admin("POST", "/plugins", bundle);
      expect(refused).toMatchObject({ status: 422, json: { code: "MANIFEST_INVALID" } });
      expect(refused.json.detail).toContain(`"${capability}" is not a capability of this host`);
      expect(refused.json.detail).toContain("invoice:read");
    }
    expect((await admin("GET", "/plugins/cms")).status).toBe(404);
  });

  it("does not reach the application's tables by SQL", async () => {
    const peeked = await send("GET", "/billing/extensions/plugins/receipts/peek");
    expect(peeked).toMatchObject({ status: 422 });
    expect(peeked.text).not.toContain("ada@shop.dev");
    expect(peeked.json.error.message).toMatch(/customers/);
  });

  it("keeps its own tables and keys, and gives them back when it is removed", async () => {
    const removed = await admin("DELETE", "/plugins/receipts?data=delete");
    expect(removed).toMatchObject({ status: 200, json: { removed: { rows: 2 } } });
    const { results } = await env.DB.prepare("SELECT count(*) AS n FROM invoices").all();
    expect(results).toEqual([{ n: 2 }]);
  });
});

describe("whoever is not of the application's people", () => {
  it.each([
    ["nobody", {}],
    ["somebody else", { authorization: "Bearer guess" }],
    ["somebody by cookie", { cookie: "bulkhead=x; __Host-bulkhead=x" }],
  ])("%s is refused", async (_who, headers) => {
    expect(await send("GET", "/billing/extensions/admin/plugins", undefined, headers)).toMatchObject({
      status: 401,
      json: { code: "UNAUTHENTICATED" },
    });
  });

  it("finds nothing at the bundled Worker's own addresses", async () => {
    for (const path of [
      "/api/admin/plugins",
      "/admin/",
      "/billing/extensions/auth/session",
      "/billing/extensions/content/posts",
    ])
      expect((await send("GET", path, undefined, STAFF)).status).toBe(404);
    const health = await send("GET", "/billing/extensions/health");
    expect(health).toMatchObject({ json: { ok: true }, headers: { "x-content-type-options": "nosniff" } });
    expect((await send("GET", "/billing/extensions/openapi.json")).json).toMatchObject({
      servers: [{ url: "/billing/extensions" }],
    });
  });
});
