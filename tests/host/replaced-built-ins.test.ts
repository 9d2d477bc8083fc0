/** Can a plugin that replaces what JavaScript brings change what the host's half inside the VM does for it? */
import { beforeEach, expect, it } from "vitest";
import { target } from "#target";
import { guestRuntime } from "../../host/guest/runtime.gen.ts";
import { callRoute, install } from "./client.ts";
import { listen } from "./client-plugin.ts";
import { sketch } from "./plugins.ts";

beforeEach(() => target.reset());

/** Each replaces what joins, cuts, lists or iterates. */
const POISONS: readonly string[] = [
  `for (const k of Reflect.ownKeys(String.prototype)) if (k !== "constructor" && k !== "length") String.prototype[k] = () => "storage.count";`,
  `for (const k of [...Object.getOwnPropertyNames(Array.prototype), Symbol.iterator]) if (k !== "constructor" && k !== "length") Array.prototype[k] = () => { throw new Error(String(k)) };`,
  `const { getOwnPropertyNames } = Object; for (const C of [Object, Reflect, JSON]) for (const k of getOwnPropertyNames(C)) try { C[k] = () => { throw new Error(k) } } catch {}`,
  `for (const k of ["String", "Map", "Response", "Error", "Symbol", "ArrayBuffer", "Uint8Array", "btoa", "atob"]) globalThis[k] = class { constructor() { throw new Error(k) } };`,
  `for (const k of Reflect.ownKeys(Map.prototype)) if (k !== "constructor") Object.defineProperty(Map.prototype, k, { value: () => "forged" });`,
  // Not for "0" and the like: a setter there breaks the engine's own JSON.stringify of lists, for this plugin alone.
  `for (const k of ["text", "base64", "status"]) Object.defineProperty(Object.prototype, k, { get() { return undefined }, set() { throw new Error(k) }, configurable: true });`,
];

const BODY = `async (_, ctx) => {
  const { defineProperty } = kept, items = ctx.storage.items, told = { __proto__: null };
  const tell = (key, value) => defineProperty(told, key, { __proto__: null, value, enumerable: true });
  await items.put("a", { n: 1 });
  await ctx.kv.set("k", "v");
  tell("got", await items.get("a"));
  tell("kv", await ctx.kv.get("k"));
  tell("count", await items.count());
  tell("many", kept.mapGet(await items.getMany({ __proto__: kept.Array.prototype, length: 1, toJSON: () => kept.ids }), "a"));
  const response = await ctx.http.fetch("https://a.shop.dev/", { method: "POST", headers: { "x-one": "1" }, body: new kept.Uint8Array(2) });
  tell("bytes", (await response.bytes())[1]);
  tell("url", ctx.url("/x") === ctx.site.url + "/x");
  return told;
}`;

it.each(POISONS)("%s", async (poison) => {
  const seen = listen(() => new Response(new Uint8Array([1, 255])));
  const keep = `const kept = { Array, Uint8Array, defineProperty: Object.defineProperty, ids: ["a"], mapGet: Function.prototype.call.bind(Map.prototype.get) };`;
  await install(
    sketch("poisoned", {
      capabilities: ["network:request"],
      hosts: ["a.shop.dev"],
      manifest: { storage: { items: { indexes: ["n"] } } },
      top: `${keep}\n${poison}`,
      routes: { go: BODY },
    }),
  );
  expect((await callRoute("poisoned", "go")).body).toEqual({
    success: true,
    data: { got: { n: 1 }, kv: "v", count: 1, many: { n: 1 }, bytes: 255, url: true },
  });
  expect(seen.map(({ method, headers, body }) => [method, headers.get("x-one"), body])).toEqual([
    ["POST", "1", "\0\0"],
  ]);
});

it("and the host's half holds no template literals: the engine joins them with String.prototype.concat", () => {
  expect(guestRuntime).not.toContain("${");
});
