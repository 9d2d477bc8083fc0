/** Is a plugin's own data its own, and does it come back as it was put? Isolation, kv and the size of what is read. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { callRoute, install, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const storage = { items: { indexes: ["name", "rank", ["tag", "rank"], "at"] }, other: { indexes: [] } };
const installOwn = (id: string) => install(probe(id, { manifest: { storage } }));
const refused = (code: string, words: RegExp) => ({
  error: { name: "BridgeError", code, message: expect.stringMatching(words) },
});

describe("two plugins", () => {
  it("with neighbouring names see nothing of each other's keys, documents or schedules", async () => {
    const ids = ["seo", "seo-pro", "seo_pro", "seo-pro-items"];
    for (const id of ids) await install(probe(id, { manifest: { storage }, hooks: { cron: `() => {}` } }));
    for (const id of ids) {
      await bridge(id, "kv.set", "pro:key", id);
      await bridge(id, "storage.items.put", "doc", { name: id });
      await bridge(id, "cron.schedule", "task", { schedule: "0 6 * * *", data: { id } });
    }
    for (const id of ids) {
      expect(await bridge(id, "kv.list")).toEqual({ value: [{ key: "pro:key", value: id }] });
      expect(await bridge(id, "storage.items.query", {})).toEqual({
        value: { items: [{ id: "doc", data: { name: id } }], hasMore: false },
      });
      expect(await bridge(id, "storage.items.count", { name: id })).toEqual({ value: 1 });
      expect(await bridge(id, "storage.other.get", "doc")).toEqual({ value: null });
    }
    expect(await bridge("seo", "kv.delete", "pro:key")).toEqual({ value: true });
    expect(await bridge("seo", "storage.items.deleteMany", ["doc", "missing"])).toEqual({ value: 1 });
    await bridge("seo", "cron.cancel", "task");
    expect(await bridge("seo", "cron.list")).toEqual({ value: [] });
    for (const id of ids.slice(1)) {
      expect(await bridge(id, "kv.get", "pro:key")).toEqual({ value: id });
      expect(await bridge(id, "storage.items.exists", "doc")).toEqual({ value: true });
      expect(await bridge(id, "cron.list")).toMatchObject({ value: [{ name: "task" }] });
    }
  });

  it("cannot reach across by key, collection or id", async () => {
    await installOwn("victim");
    await bridge("victim", "kv.set", "key", "secret");
    await bridge("victim", "storage.items.put", "doc", { name: "secret" });
    await installOwn("thief");
    for (const key of [
      "victim:key",
      "../victim:key",
      "../victim/key",
      "victim/key",
      "key",
      "__kv",
      "%",
      "_ey",
      "' OR 1=1 --",
    ]) {
      expect(await bridge("thief", "kv.get", key)).toEqual({ value: null });
      expect(await bridge("thief", "kv.list", key)).toEqual({ value: [] });
      expect(await bridge("thief", "kv.list", key, {})).toEqual({ value: { items: [], hasMore: false } });
      expect(await bridge("thief", "kv.getVersioned", key)).toEqual({ value: null });
    }
    expect(await bridge("thief", "kv.list", "")).toEqual({ value: [] });
    for (const name of ["__kv", "victim.items", "items' OR 1=1 --", "constructor", "__proto__", "Items"]) {
      expect(await bridge("thief", "storage.query", name, {})).toMatchObject({ error: {} });
      const { error } = await bridge("thief", `storage.${name.replaceAll(".", "_")}.query`, {});
      expect({ name, code: error?.code }).toEqual({ name, code: "DENIED" });
    }
    expect(JSON.stringify(await rows("SELECT * FROM _plugin_storage WHERE plugin_id = 'thief'"))).toBe("[]");
  });
});

describe("ctx.kv", () => {
  it("keeps JSON as it is, lists by prefix as text, never as a pattern", async () => {
    await installOwn("own");
    const values = {
      "a%b": 1,
      a_b: "two",
      "a b": [3, null],
      axb: { four: { deep: true } },
      ä: "ü€😀",
      "settings:": null,
    };
    for (const [key, value] of Object.entries(values)) await bridge("own", "kv.set", key, value);
    for (const [key, value] of Object.entries(values)) expect(await bridge("own", "kv.get", key)).toEqual({ value });
    const keys = async (prefix?: string) =>
      (
        (await bridge("own", "kv.list", ...(prefix === undefined ? [] : [prefix]))).value as unknown as {
          key: string;
        }[]
      ).map(({ key }) => key);
    expect(await keys()).toEqual(["a b", "a%b", "a_b", "axb", "settings:", "ä"]);
    expect(await keys("a_")).toEqual(["a_b"]);
    expect(await keys("a%")).toEqual(["a%b"]);
    expect(await keys("ä")).toEqual(["ä"]);
    expect(await keys("A")).toEqual([]);
    expect(await bridge("own", "kv.get", "missing")).toEqual({ value: null });
    expect(await bridge("own", "kv.delete", "missing")).toEqual({ value: false });
  });

  it("takes keys and values at the limit, and refuses them one over", async () => {
    await installOwn("own");
    const { keyChars, valueChars } = BRIDGE_LIMITS;
    expect(await bridge("own", "kv.set", "k".repeat(keyChars), "v".repeat(valueChars - 2))).toEqual({ value: null });
    expect(await bridge("own", "kv.set", "k".repeat(keyChars + 1), 1)).toEqual(
      refused("INVALID_ARGUMENT", /^Cannot call ctx\.kv\.set: argument 0: Expected at most 512/),
    );
    expect(await bridge("own", "kv.set", "k", "v".repeat(valueChars - 1))).toEqual(
      refused("INVALID_ARGUMENT", /262145 characters as JSON; at most 262144/),
    );
    for (const key of ["", "a\u0000b", "line\nbreak", "half \ud83d", 7, null, ["a"], { a: 1 }]) {
      expect(await bridge("own", "kv.set", key, 1)).toEqual(refused("INVALID_ARGUMENT", /argument 0/));
    }
    expect(await bridge("own", "kv.set")).toEqual(refused("INVALID_ARGUMENT", /./));
    expect(await rows("SELECT id FROM _plugin_storage")).toEqual([{ id: "k".repeat(keyChars) }]);
  });
});

describe("a value that is far larger than any may be", () => {
  it("of 50 MB is not kept, and one that somebody else put there is refused and not read", async () => {
    await install(
      probe("own", {
        routes: {
          big: `async (_, ctx) => ctx.kv.set("big", "x".repeat(50_000_000)).then(() => "kept", (error) => error.code)`,
        },
      }),
    );
    const { status, body } = await callRoute("own", "big");
    expect(body["data"]).not.toBe("kept");
    expect([200, 422, 503]).toContain(status);
    // As large as a row of D1 may be.
    await bridge("own", "kv.set", "planted", 1);
    await rows("UPDATE _plugin_storage SET data = json_quote(replace(hex(zeroblob(950000)), '0', 'x'))");
    expect(String((await bridge("own", "kv.get", "planted")).value)).toHaveLength(1_900_000);
    await rows("UPDATE _plugin_storage SET data = json_quote(replace(hex(zeroblob(1900000)), '0', 'x'))");
    expect((await bridge("own", "kv.get", "planted")).error?.code).toMatch(/^[A-Z_]+$/);
    expect((await bridge("own", "kv.get", "other")).error).toBeUndefined();
  });
});

describe("a read of more than a result may have", () => {
  it("is refused by size before it is read, in kv and storage alike; what fits is answered", async () => {
    const fill = `async ({ input }, ctx) => {
      const data = "x".repeat(${BRIDGE_LIMITS.valueChars - 2});
      for (let i = 0; i < input.count; i++) { await ctx.kv.set("k" + i, data); await ctx.storage.items.put("d" + i, data); }
    }`;
    await install(probe("own", { manifest: { storage }, routes: { fill } }));
    const fits = Math.floor(BRIDGE_LIMITS.resultBytes / BRIDGE_LIMITS.valueChars);
    expect((await callRoute("own", "fill", { count: fits })).status).toBe(200);
    const ids = Array.from({ length: fits + 1 }, (_, i) => `d${i}`);
    const read = (op: string, ...args: unknown[]) => bridge("own", op, ...args);
    const lengthOf = async (answer: Promise<unknown>) => JSON.stringify(await answer).length;
    const enough = fits * BRIDGE_LIMITS.valueChars;
    expect(await lengthOf(read("storage.items.query", { limit: fits + 1 }))).toBeGreaterThan(enough);
    expect(await lengthOf(read("storage.items.getMany", ids))).toBeGreaterThan(enough);
    expect(await lengthOf(read("kv.list"))).toBeGreaterThan(enough);
    expect((await callRoute("own", "fill", { count: fits + 1 })).status).toBe(200);
    const tooLarge = refused("INVALID_ARGUMENT", /more than 3500000 bytes\. (Ask for fewer|List by a longer prefix)/);
    expect(await read("storage.items.query", { limit: fits + 1 })).toEqual(tooLarge);
    expect(await read("storage.items.getMany", ids)).toEqual(tooLarge);
    expect(await read("kv.list")).toEqual(tooLarge);
    expect(await read("kv.list", "k1")).toMatchObject({ value: { length: expect.any(Number) } });
    expect(await read("storage.items.query", { limit: 1 })).toMatchObject({
      value: { items: { length: 1 }, hasMore: true },
    });
    expect(await read("storage.items.count")).toEqual({ value: fits + 1 });
  });
});
