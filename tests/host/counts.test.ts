/** Limits that are counts: at the limit it is accepted, one over it is refused by name. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { packPlugin } from "../support/bundle.ts";
import { callRoute, install, must, uploadBytes } from "./client.ts";
import { bridge, probe, sketch } from "./plugins.ts";

beforeEach(() => target.reset());

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);
const table = (count: number, value: unknown) => Object.fromEntries(numbered(count).map((name) => [name, value]));
const admin = { routes: { admin: `() => ({ blocks: [] })` } };

describe("a manifest", () => {
  it.each([
    [
      "settings",
      64,
      "admin.settingsSchema",
      (count: number) => ({ admin: { settingsSchema: table(count, { type: "string", label: "L" }) } }),
    ],
    [
      "pages",
      32,
      "admin.pages",
      (count: number) => ({ admin: { pages: numbered(count).map((name) => ({ path: `/${name}`, label: name })) } }),
    ],
    [
      "widgets",
      32,
      "admin.widgets",
      (count: number) => ({ admin: { widgets: numbered(count).map((id) => ({ id })) } }),
    ],
    ["collections", 32, "storage", (count: number) => ({ storage: table(count, { indexes: [] }) })],
    [
      "secrets",
      16,
      "bulkhead.secrets",
      (count: number) => ({
        admin: { settingsSchema: table(count, { type: "secret", label: "L" }) },
        bulkhead: { secrets: table(count, { hosts: ["a.shop.dev"] }) },
      }),
    ],
  ] as const)("may have as many %s as %i and not one more", async (_, most, path, manifest) => {
    const send = async (count: number) =>
      uploadBytes(await packPlugin(sketch("counted", { ...admin, manifest: manifest(count) })));
    expect((await send(most)).status).toBe(201);
    const { status, body } = await send(most + 1);
    expect({ status, path: body["issues"]?.["0"]?.["path"] }).toEqual({ status: 422, path });
  });
});

describe("a call", () => {
  it("may mark eight secret headers and not one more", async () => {
    await install(probe("sender", { capabilities: ["network:request"], hosts: ["a.shop.dev"] }));
    target.internet(() => new Response("ok"));
    const send = (count: number) =>
      bridge("sender", "http.fetch", "https://a.shop.dev/", {
        secretHeaders: Object.fromEntries(numbered(count).map((name) => [`x-${name}`, "plain"])),
      });
    expect((await send(8)).error).toBeUndefined();
    expect((await send(9)).error).toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("may have a route's share of characters worked on and not one more", async () => {
    await install(
      sketch("busy", {
        routes: {
          work: `async ({ input }, ctx) => {
            await ctx.text.markdownToPortableText("a".repeat(100_000));
            return ctx.text.markdownToPortableText("a".repeat(input.rest)).then(() => "done", (error) => error.code);
          }`,
        },
      }),
    );
    expect((await callRoute("busy", "work", { rest: 28_000 })).body["data"]).toBe("done");
    expect((await callRoute("busy", "work", { rest: 28_001 })).body["data"]).toBe("BUDGET_EXCEEDED");
    expect((await must("GET", "/api/admin/plugins"))["items"]).toHaveLength(1);
  });
});
