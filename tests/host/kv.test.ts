/** Do keys expire, come in pages, and change only where nobody else has changed them? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { PURGED_AT_ONCE } from "../../host/store/d1/plugin-keys.ts";
import { install, rows } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(async () => {
  await target.reset();
  await install(probe("own"));
});

const kv = (method: string, ...args: unknown[]) => bridge("own", `kv.${method}`, ...args);
/** Makes the time of a key pass. */
const expire = (key: string) =>
  rows("UPDATE _host_expiries SET expires_at = '2020-01-01T00:00:00.000Z' WHERE id = ?", key);
const stored = async (id = "own") =>
  (await rows<{ id: string }>("SELECT id FROM _plugin_storage WHERE plugin_id = ? ORDER BY id", id)).map(
    ({ id }) => id,
  );
const revisionOf = async (key: string) => String((await kv("getVersioned", key)).value?.["revision"]);
const refused = (code: string, words: RegExp) => ({
  error: { name: "BridgeError", code, message: expect.stringMatching(words) },
});

describe("a key with a time", () => {
  it("is there until then, and absent for every read after", async () => {
    await kv("set", "lock", "mine", { ttlSeconds: 60 });
    await kv("set", "stays", 1);
    expect(await kv("get", "lock")).toEqual({ value: "mine" });
    expect(await kv("list")).toMatchObject({ value: [{ key: "lock" }, { key: "stays" }] });
    const left = await rows<{ ms: number }>(
      "SELECT (julianday(expires_at) - julianday('now')) * 86400000 AS ms FROM _host_expiries",
    );
    expect(left).toEqual([{ ms: expect.toSatisfy((ms: number) => ms > 0 && ms < 61_000) }]);
    const revision = await revisionOf("lock");
    await expire("lock");
    expect(await kv("get", "lock")).toEqual({ value: null });
    expect(await kv("getVersioned", "lock")).toEqual({ value: null });
    expect(await kv("list")).toEqual({ value: [{ key: "stays", value: 1 }] });
    expect(await kv("list", "", {})).toEqual({ value: { items: [{ key: "stays", value: 1 }], hasMore: false } });
    expect(await kv("compareAndSet", "lock", revision, "again")).toEqual({ value: { applied: false } });
    expect(await kv("compareAndDelete", "lock", revision)).toEqual({ value: { applied: false } });
    expect(await kv("delete", "lock")).toEqual({ value: false });
    expect(await stored()).toEqual(["stays"]);
  });

  it("loses it by a write without one, and by being deleted", async () => {
    await kv("set", "a", 1, { ttlSeconds: 60 });
    await kv("set", "a", 2);
    await kv("set", "b", 1, { ttlSeconds: 60 });
    await kv("delete", "b");
    await kv("set", "b", 2);
    await kv("set", "c", 1, { ttlSeconds: 60 });
    await kv("compareAndSet", "c", await revisionOf("c"), 2);
    for (const key of ["a", "b", "c"]) await expire(key);
    for (const key of ["a", "b", "c"]) expect(await kv("get", key)).toEqual({ value: 2 });
    await target.tick();
    expect(await stored()).toEqual(["a", "b", "c"]);
    expect(await rows("SELECT * FROM _host_expiries")).toEqual([]);
  });

  it("may be taken by one who finds it free, for a time as well", async () => {
    const take = (who: string) => kv("compareAndSet", "lock", null, who, { ttlSeconds: 60 });
    expect(await take("a")).toMatchObject({ value: { applied: true } });
    expect(await take("b")).toEqual({ value: { applied: false } });
    await expire("lock");
    expect(await take("b")).toMatchObject({ value: { applied: true } });
    expect(await kv("get", "lock")).toEqual({ value: "b" });
    expect(await take("a")).toEqual({ value: { applied: false } });
    const renewed = await kv("compareAndSet", "lock", await revisionOf("lock"), "b", { ttlSeconds: 60 });
    expect(renewed).toMatchObject({ value: { applied: true } });
    await expire("lock");
    expect(await kv("get", "lock")).toEqual({ value: null });
  });

  it("lives a second at least and a year at most", async () => {
    const { ttlSeconds } = BRIDGE_LIMITS;
    for (const seconds of [1, ttlSeconds]) {
      expect(await kv("set", "k", 1, { ttlSeconds: seconds })).toEqual({ value: null });
    }
    for (const seconds of [0, -1, 1.5, ttlSeconds + 1, "60", null]) {
      for (const args of [["set", "k", 1] as const, ["compareAndSet", "k", null, 1] as const]) {
        expect(await kv(args[0], ...args.slice(1), { ttlSeconds: seconds })).toEqual(
          refused("INVALID_ARGUMENT", /ttlSeconds/),
        );
      }
    }
    expect(await kv("set", "k", 1, { expires: 5 })).toEqual(refused("INVALID_ARGUMENT", /argument 2/));
  });

  it("is deleted by the clock, a bounded number at each tick, and no other's key of that name", async () => {
    await install(probe("other"));
    for (const id of ["own", "other"]) await bridge(id, "kv.set", "key", id);
    await kv("set", "key", "own", { ttlSeconds: 60 });
    await expire("key");
    await rows(
      `INSERT INTO _plugin_storage (plugin_id, collection, id, data, updated_at)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT 'own', '__kv', 'n' || i, '1', 'then' FROM n`,
      PURGED_AT_ONCE,
    );
    await rows(
      `INSERT INTO _host_expiries (plugin_id, collection, id, written_at, expires_at)
       SELECT plugin_id, collection, id, 'then', '2021-01-01T00:00:00.000Z' FROM _plugin_storage WHERE id LIKE 'n%'`,
    );
    await target.tick();
    expect(await stored()).toHaveLength(1);
    await target.tick();
    expect(await stored()).toEqual([]);
    expect(await stored("other")).toEqual(["key"]);
    expect(await rows("SELECT * FROM _host_expiries")).toEqual([]);
  });
});

describe("a list in pages", () => {
  const keys = (page: unknown) =>
    (page as { value: { items: { key: string }[] } }).value.items.map(({ key }) => key).join(" ");

  it("holds every key once, by key, under the prefix as text", async () => {
    for (const key of ["a%1", "a%2", "a%3", "a1", "a_1", "b\\1", "b\\2", "b1"]) await kv("set", key, key);
    for (const [prefix, all] of [
      ["a%", "a%1 a%2 a%3"],
      ["a_", "a_1"],
      ["b\\", "b\\1 b\\2"],
      ["", "a%1 a%2 a%3 a1 a_1 b1 b\\1 b\\2"],
      ["B", ""],
    ] as const) {
      for (const limit of [1, 2, 3, 100]) {
        const seen: string[] = [];
        let cursor: unknown;
        do {
          const page = await kv("list", prefix, { limit, cursor });
          if (keys(page) !== "") seen.push(keys(page));
          cursor = page.value?.["cursor"];
          expect(page.value?.["hasMore"]).toBe(cursor !== undefined);
        } while (cursor !== undefined);
        expect({ prefix, limit, seen: seen.join(" ") }).toEqual({ prefix, limit, seen: all });
      }
    }
  });

  it("has a hundred keys where no number is given, and a thousand at most", async () => {
    await rows(
      `INSERT INTO _plugin_storage (plugin_id, collection, id, data)
       WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT 'own', '__kv', 'n' || i, '1' FROM n`,
    );
    for (const [options, length] of [
      [{}, BRIDGE_LIMITS.pageKeys],
      [{ limit: BRIDGE_LIMITS.listedKeys }, BRIDGE_LIMITS.listedKeys],
      [{ limit: BRIDGE_LIMITS.listedKeys + 1 }, BRIDGE_LIMITS.listedKeys],
    ] as const) {
      expect(await kv("list", "n", options)).toMatchObject({ value: { items: { length }, hasMore: true } });
    }
    expect(await kv("list", "n")).toMatchObject({ value: { length: BRIDGE_LIMITS.listedKeys } });
    expect(await kv("list", "n", { cursor: "n1999" })).toEqual({
      value: { items: [{ key: "n2000", value: 1 }], hasMore: false },
    });
  });

  it("with another plugin's cursor stays among the own keys", async () => {
    await install(probe("other"));
    await bridge("other", "kv.set", "z", "secret");
    await kv("set", "b", 1);
    for (const cursor of ["a", "other:z", "../other:", "' OR 1=1 --"]) {
      const page = await kv("list", "", { cursor });
      expect({ cursor, secret: JSON.stringify(page).includes("secret") }).toEqual({ cursor, secret: false });
    }
  });
});

describe("a conditional write", () => {
  it("is applied where the value is what was read, and tells the next revision", async () => {
    expect(await kv("compareAndSet", "n", "f".repeat(32), 1)).toEqual({ value: { applied: false } });
    const made = await kv("compareAndSet", "n", null, null);
    expect(made).toEqual({ value: { applied: true, revision: expect.stringMatching(/^[0-9a-f]{32}$/) } });
    expect(await kv("getVersioned", "n")).toEqual({ value: { value: null, revision: made.value?.["revision"] } });
    expect(await kv("compareAndSet", "n", null, 2)).toEqual({ value: { applied: false } });
    const next = await kv("compareAndSet", "n", made.value?.["revision"], { deep: [1] });
    expect(next).toMatchObject({ value: { applied: true } });
    expect(await kv("compareAndSet", "n", made.value?.["revision"], 3)).toEqual({ value: { applied: false } });
    expect(await kv("compareAndDelete", "n", made.value?.["revision"])).toEqual({ value: { applied: false } });
    expect(await kv("get", "n")).toEqual({ value: { deep: [1] } });
    expect(await kv("compareAndDelete", "n", next.value?.["revision"])).toEqual({ value: { applied: true } });
    expect(await kv("getVersioned", "n")).toEqual({ value: null });
  });

  it("tells a value from the same value that was another in between", async () => {
    await kv("set", "n", "A");
    const revision = await revisionOf("n");
    for (const value of ["B", "A"]) await kv("set", "n", value);
    expect(await kv("get", "n")).toEqual({ value: "A" });
    expect(await kv("compareAndSet", "n", revision, "C")).toEqual({ value: { applied: false } });
    // Within one millisecond, as when the clock stands still.
    await rows("UPDATE _plugin_storage SET updated_at = '2999-12-31T23:59:59.999Z'");
    const later = await revisionOf("n");
    for (const value of ["B", "A"]) await kv("set", "n", value);
    expect(await rows("SELECT updated_at FROM _plugin_storage")).toEqual([{ updated_at: "3000-01-01T00:00:00.001Z" }]);
    expect(await kv("compareAndSet", "n", later, "C")).toEqual({ value: { applied: false } });
    const swapped = await kv("compareAndSet", "n", await revisionOf("n"), "A");
    expect(await kv("getVersioned", "n")).toEqual({ value: { value: "A", revision: swapped.value?.["revision"] } });
    expect(await rows("SELECT updated_at FROM _plugin_storage")).toEqual([{ updated_at: "3000-01-01T00:00:00.002Z" }]);
  });

  it("works on rows that EmDash wrote, with its times or none", async () => {
    for (const [key, at] of [
      ["old", "2026-01-02 03:04:05"],
      ["odd", "yesterday"],
      ["none", null],
    ]) {
      await rows("INSERT INTO _plugin_storage VALUES ('own', '__kv', ?1, '1', ?2, ?2)", key, at);
      const swapped = await kv("compareAndSet", key, await revisionOf(key!), 2);
      expect({ key, ...swapped }).toMatchObject({ key, value: { applied: true } });
      expect(await kv("getVersioned", key)).toMatchObject({
        value: { value: 2, revision: swapped.value?.["revision"] },
      });
    }
    expect(await rows("SELECT created_at FROM _plugin_storage ORDER BY id")).toEqual([
      { created_at: null },
      { created_at: "yesterday" },
      { created_at: "2026-01-02 03:04:05" },
    ]);
  });

  it("of several that read the same is applied once", async () => {
    for (const revision of [null, "read"] as const) {
      if (revision !== null) await kv("set", "n", 0);
      const expected = revision === null ? null : await revisionOf("n");
      const ends = await Promise.all([1, 2, 3, 4, 5].map((n) => kv("compareAndSet", "n", expected, n)));
      expect(ends.filter(({ value }) => value?.["applied"] as unknown as boolean)).toHaveLength(1);
      expect(ends.filter(({ error }) => error !== undefined)).toEqual([]);
    }
    const revision = await revisionOf("n");
    const ends = await Promise.all([1, 2, 3].map(() => kv("compareAndDelete", "n", revision)));
    expect(ends.filter(({ value }) => value?.["applied"] as unknown as boolean)).toHaveLength(1);
  });

  it("does not reach another plugin's key, nor a setting", async () => {
    const setting = { admin: { settingsSchema: { mode: { type: "string", label: "Mode", default: "a" } } } };
    await install(probe("other", { manifest: setting }));
    await bridge("other", "kv.set", "n", "theirs");
    const revision = (await bridge("other", "kv.getVersioned", "n")).value?.["revision"];
    expect(await kv("compareAndSet", "n", revision, "mine")).toEqual({ value: { applied: false } });
    expect(await kv("compareAndDelete", "n", revision)).toEqual({ value: { applied: false } });
    expect(await kv("compareAndSet", "n", null, "mine")).toMatchObject({ value: { applied: true } });
    expect(await bridge("other", "kv.get", "n")).toEqual({ value: "theirs" });
    for (const [method, ...args] of [["set", 1], ["getVersioned"], ["compareAndSet", null, 1]] as const) {
      expect(await bridge("other", `kv.${method}`, "settings:mode", ...args)).toEqual(
        refused("DENIED", /settings are changed by the administrator/),
      );
    }
  });

  it("takes keys and values at the limit, and refuses them one over", async () => {
    const { keyChars, valueChars } = BRIDGE_LIMITS;
    const swap = (key: string, value: string) => kv("compareAndSet", key, null, value);
    expect(await swap("k".repeat(keyChars), "v".repeat(valueChars - 2))).toMatchObject({ value: { applied: true } });
    expect(await swap("k".repeat(keyChars + 1), "v")).toEqual(refused("INVALID_ARGUMENT", /at most 512 characters/));
    expect(await swap("k", "v".repeat(valueChars - 1))).toEqual(refused("INVALID_ARGUMENT", /at most 262144/));
    expect(await stored()).toEqual(["k".repeat(keyChars)]);
  });
});
