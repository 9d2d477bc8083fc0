/** Is a source map kept apart from what runs, checked when it is read, and never in the way where it is missing? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUNDLE_LIMITS } from "../../host/bundle/limits.ts";
import { packPlugin } from "../support/bundle.ts";
import { callRoute, consent, eventually, install, must, uploadBytes, type Json } from "./client.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

// Line 6 of backend.js, where the route throws, is line 1 of src/a.ts.
const MAP = JSON.stringify({ version: 3, sources: ["src/a.ts"], names: [], mappings: ";;;;;AAAA" });
const failing = (id: string, map: string) => ({
  ...sketch(id, { routes: { go: `() => {\nthrow new Error("broken"); }` } }),
  files: { "backend.js.map": map },
});
const place = async (id: string) => {
  await callRoute(id, "go");
  return eventually(async () => {
    const { items } = await must<{ items: readonly Json[] }>("GET", `/api/admin/plugins/${id}/invocations`);
    const failed = items.filter((item) => String(item["status"]) === "threw");
    expect(failed.length).toBeGreaterThan(0);
    return failed[0]!["place"];
  });
};
const objects = async (prefix: string) =>
  (await target.env.BUNDLES.list({ prefix })).objects.map(({ key, size }) => ({ key, size }));

it("is an object of its own, and places are still those of the author's file", async () => {
  const plugin = await install(failing("mapped", MAP));
  const digest = String(plugin["digest"]);
  expect(await objects("maps/")).toMatchObject([{ key: `maps/${digest}` }]);
  const [bundle] = await objects("bundles/");
  expect(bundle!.key).toBe(`bundles/${digest}`);
  const stored = new Uint8Array(await (await target.env.BUNDLES.get(bundle!.key))!.arrayBuffer());
  expect(new TextDecoder("latin1").decode(stored)).toMatch(new RegExp(`^bulkhead-map ${MAP.length} [0-9a-f]{64}\n`));
  expect(await place("mapped")).toMatch(/^src\/a\.ts:1:/);
});

describe("a stored map", () => {
  it.each([
    ["was changed", async (key: string) => void (await target.env.BUNDLES.put(key, new Uint8Array([1, 2, 3])))],
    ["is gone", async (key: string) => target.env.BUNDLES.delete(key)],
  ])("that %s keeps nothing from running; places are those of backend.js", async (_, spoil) => {
    await install(failing("spoiled", MAP));
    await spoil((await objects("maps/"))[0]!.key);
    expect(await place("spoiled")).toMatch(/^backend\.js:\d+:/);
  });
});

it("another map is another bundle: what was consented to cannot be given other places", async () => {
  await install(failing("same", MAP));
  const { status, body } = await uploadBytes(await packPlugin(failing("same", MAP.replace("src/a.ts", "src/b.ts"))));
  expect({ status, code: body["code"] }).toEqual({ status: 409, code: "VERSION_EXISTS" });
});

it("of the most bytes is kept, with code of the most bytes beside it, and one more is refused", async () => {
  const filled = (bytes: number) => " ".repeat(bytes);
  const code = `export default {};//${"x".repeat(BUNDLE_LIMITS.codeBytes - 20)}`;
  const bundle = (bytes: number) =>
    packPlugin({ ...sketch("large"), backend: code, files: { "backend.js.map": filled(bytes) } });
  const over = await uploadBytes(await bundle(BUNDLE_LIMITS.sourceMapBytes + 1));
  expect({ status: over.status, detail: over.body["detail"] }).toEqual({
    status: 413,
    detail: `"backend.js.map" has ${BUNDLE_LIMITS.sourceMapBytes + 1} bytes; at most ${BUNDLE_LIMITS.sourceMapBytes} are allowed`,
  });
  expect(await objects("")).toEqual([]);
  const { status, body } = await uploadBytes(await bundle(BUNDLE_LIMITS.sourceMapBytes));
  expect(status, JSON.stringify(body)).toBe(201);
  expect((await consent(body["plan"]!)).status).toBe(200);
  expect(await objects("maps/")).toHaveLength(1);
});
