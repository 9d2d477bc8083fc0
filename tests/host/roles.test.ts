/** Which role may do what? Every route of the API with every role; and what plugins write about themselves stays text. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import type { Role } from "../../host/actor.ts";
import { call, callRoute, eventually, install, must, rows, type Json } from "./client.ts";
import { callAs } from "./people.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

describe("a role", () => {
  const everybody: readonly Role[] = ["admin", "publisher", "reviewer"];
  // prettier-ignore
  const allowed: readonly (readonly [string, string, readonly Role[], unknown?])[] = [
    ["GET", "/api/admin/plugins", everybody],
    ["GET", "/api/admin/plugins/own", everybody],
    ["POST", "/api/admin/plugins", ["admin", "publisher"], new Uint8Array(1)],
    ["POST", "/api/admin/plugins/own/reject", ["admin", "reviewer"], { version: "1.0.0" }],
    ["POST", "/api/admin/plugins/own/consent", ["admin", "reviewer"], { version: "1.0.0", planHash: "stale" }],
    ["POST", "/api/admin/plugins/own/enable", ["admin", "publisher"]],
    ["GET", "/api/admin/plugins/own/grants", everybody],
    ["PUT", "/api/admin/plugins/own/grants", ["admin", "reviewer"], { grants: [{ capability: "users:read" }] }],
    ["GET", "/api/admin/plugins/own/settings", everybody],
    ["PUT", "/api/admin/plugins/own/settings", ["admin", "publisher"], { values: {} }],
    ["GET", "/api/admin/plugins/own/schedules", everybody],
    ["POST", "/api/admin/plugins/own/schedules/none/run", ["admin", "publisher"]],
    ["POST", "/api/admin/plugins/own/schedules/none/resume", ["admin", "publisher"]],
    ["GET", "/api/admin/plugins/own/runs", everybody],
    ["GET", "/api/admin/plugins/own/invocations", everybody],
    ["GET", "/api/admin/plugins/own/invocations/none", everybody],
    ["GET", "/api/admin/plugins/own/logs", everybody],
    ["GET", "/api/admin/plugins/own/usage", everybody],
    ["POST", "/api/admin/plugins/own/panel", ["admin", "publisher"], { type: "page_load", page: "/" }],
    ["GET", "/api/admin/catalog", everybody],
    ["POST", "/api/admin/catalog/none/install", ["admin", "publisher"]],
    ["GET", "/api/admin/audit", ["admin", "reviewer"]],
    ["GET", "/api/admin/audit/verify", ["admin", "reviewer"]],
    ["GET", "/api/admin/audit/export", ["admin", "reviewer"]],
    ["GET", "/api/admin/audit/anchors", ["admin", "reviewer"]],
    ["POST", "/api/admin/audit/key", ["admin"]],
    ["GET", "/api/admin/policy", ["admin", "reviewer"]],
    ["GET", "/api/admin/policy/versions/1", ["admin", "reviewer"]],
    ["PUT", "/api/admin/policy", ["admin"], { document: { version: 1 } }],
    ["GET", "/api/admin/publishers", everybody],
    ["POST", "/api/admin/publishers", ["admin"], { publicKey: "none", publisher: "Acme" }],
    ["POST", "/api/admin/publishers/none/revoke", ["admin"], {}],
    ["POST", "/api/admin/publishers/none/rotate", ["admin"], { publicKey: "none" }],
    ["GET", "/api/admin/kill-switch", everybody],
    ["POST", "/api/admin/kill-switch", ["admin", "reviewer"], { scope: "host:none.dev", on: true }],
    ["POST", "/api/admin/kill-switch", ["admin"], { scope: "host:none.dev", on: false }],
    ["POST", "/api/auth/links", ["admin"]],
    ["GET", "/api/content/posts", ["admin", "publisher", "reviewer", "editor"]],
    ["POST", "/api/content/posts", ["admin", "publisher", "editor"], { data: { title: "By role" } }],
    ["PATCH", "/api/content/posts/none", ["admin", "publisher", "editor"], { data: { title: "By role" } }],
    ["DELETE", "/api/content/posts/none", ["admin", "publisher", "editor"]],
    ["POST", "/api/content/posts/none/publish", ["admin", "publisher", "editor"]],
    ["GET", "/api/plugins/own/hi", ["admin", "publisher"]],
    ["POST", "/api/admin/plugins/own/rollback", everybody, { version: "9.9.9" }],
    ["POST", "/api/admin/plugins/own/disable", everybody],
    ["DELETE", "/api/admin/plugins/own", ["admin"]],
  ];

  it("may do what the table says and nothing else; a refusal changes nothing", async () => {
    await install(sketch("own", { routes: { hi: `() => 1` } }));
    for (const [method, path, roles, body] of allowed) {
      for (const role of ["editor", "reviewer", "publisher", "admin"] as const) {
        const { status } = await callAs(role, method, path, body);
        expect({ method, path, role, isRefused: status === 403 }).toEqual({
          method,
          path,
          role,
          isRefused: !roles.includes(role),
        });
        // What follows the role may refuse as well, but never for who it is or by breaking.
        expect({ method, path, role, status }).toEqual({
          method,
          path,
          role,
          status: expect.toSatisfy((code: number) => code !== 401 && code < 500),
        });
      }
    }
    const acts = await rows<{ actor: string; act: string }>("SELECT actor, act FROM _host_audit WHERE seq > 3");
    expect(acts.every(({ actor }) => actor !== "user:editor")).toBe(true);
  });

  it("is checked for every route there is", async () => {
    const { paths } = await must<{ paths: Record<string, Record<string, unknown>> }>("GET", "/api/openapi.json");
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} /api${path}`),
    );
    const covered = allowed.map(([method, path]) => `${method} ${path}`);
    const open = ["POST /api/auth/session", "GET /api/auth/session", "DELETE /api/auth/session"];
    const missing = routes.filter((route) => {
      const pattern = new RegExp(`^${route.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
      return !open.includes(route) && !covered.some((each) => pattern.test(each));
    });
    expect(missing.filter((route) => !/unpublish$|GET \/api\/content\/\{collection\}\/\{id\}$/.test(route))).toEqual(
      [],
    );
    expect(routes.length).toBeGreaterThan(25);
  });
});

describe("a plugin's log", () => {
  const read = async (id: string) =>
    (await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/logs`)).items;

  it("keeps level, message and data as text: no control characters, no direction marks, no forged lines", async () => {
    await install(
      sketch("noisy", {
        routes: {
          speak: `(_, ctx) => { ctx.log.warn("a\\u001b[31mred\\u202e\\u0000\\r\\nb", { html: "<b>" }); console.error("from console", 1); ctx.log.info("x".repeat(10_000)); }`,
        },
      }),
    );
    await callRoute("noisy", "speak");
    const lines = await eventually(async () => {
      const found = await read("noisy");
      expect(found).toHaveLength(3);
      return found;
    });
    const [long, console, warning] = lines;
    expect(String(long!["message"])).toHaveLength(4_000);
    expect(console).toMatchObject({ level: "error", message: expect.stringContaining("from console") });
    expect(warning).toMatchObject({ level: "warn", data: { html: "<b>" } });
    // eslint-disable-next-line no-control-regex
    expect(String(warning!["message"])).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
  });

  it("is cut after its limit, with one line that says how many are missing", async () => {
    await install(
      sketch("flood", {
        routes: { speak: `(_, ctx) => { for (let i = 0; i < 10_000; i++) ctx.log.info("line " + i); return "done"; }` },
      }),
    );
    expect((await callRoute("flood", "speak")).body).toEqual({ success: true, data: "done" });
    await eventually(async () =>
      expect(await rows("SELECT message FROM _host_logs WHERE message LIKE '%9800%'")).toHaveLength(1),
    );
    expect(await rows("SELECT count(*) AS n FROM _host_logs")).toEqual([{ n: 201 }]);
  });
});

describe("a panel", () => {
  const panel = (answer: string) =>
    sketch("panel", { routes: { admin: answer }, manifest: { admin: { pages: [{ path: "/", label: "Panel" }] } } });
  const open = () => call("POST", "/api/admin/plugins/panel/panel", { body: { type: "page_load", page: "/" } });

  it("sends the interaction and gets blocks", async () => {
    await install(panel(`({ input }) => ({ blocks: [{ type: "header", text: input.type + input.page }], other: 1 })`));
    expect(await open()).toMatchObject({ status: 200, body: { blocks: [{ type: "header", text: "page_load/" }] } });
  });

  it.each([
    `() => 42`,
    `() => ({ blocks: "<script>" })`,
    `() => ({ blocks: [{}] })`,
    `() => { throw new Error("broken"); }`,
    `() => { for (;;); }`,
    `() => null`,
  ])("that answers %s is a problem that names the plugin", async (answer) => {
    await install(panel(answer));
    const { status, body } = await open();
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "PLUGIN_FAILED" });
    expect(body["detail"]).toMatch(/^panel/);
  });
});
