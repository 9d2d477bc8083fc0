/** Is a plugin's own data its own, and does it come back as it was put? kv, storage and their limits, at the edge and over. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { createPost, install, rows } from "./client.ts";
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
    for (const key of ["victim:key", "../victim/key", "victim/key", "key", "__kv", "%", "_ey", "' OR 1=1 --"]) {
      expect(await bridge("thief", "kv.get", key)).toEqual({ value: null });
      expect(await bridge("thief", "kv.list", key)).toEqual({ value: [] });
    }
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
    for (const key of ["", "a\u0000b", "line\nbreak", 7, null, ["a"], { a: 1 }]) {
      expect(await bridge("own", "kv.set", key, 1)).toEqual(refused("INVALID_ARGUMENT", /argument 0/));
    }
    expect(await bridge("own", "kv.set")).toEqual(refused("INVALID_ARGUMENT", /./));
    expect(await rows("SELECT id FROM _plugin_storage")).toEqual([{ id: "k".repeat(keyChars) }]);
  });
});

describe("ctx.storage", () => {
  const ROWS = [
    { id: "a", data: { name: "Anna", rank: 3, tag: "x", at: "2026-01-03" } },
    { id: "b", data: { name: "Ben", rank: 1, tag: "x", at: "2026-01-01" } },
    { id: "c", data: { name: "Carl", rank: null, tag: "y", at: "2026-01-02" } },
    { id: "d", data: { name: "Ann%", rank: 2, tag: "y" } },
    { id: "e", data: { name: "ann_", rank: 2, tag: true } },
  ];
  const fill = async () => {
    await installOwn("own");
    expect(await bridge("own", "storage.items.putMany", ROWS)).toEqual({ value: null });
  };
  const ids = (page: unknown) =>
    (page as { value?: { items?: { id: string }[] } }).value?.items?.map(({ id }) => id).join("");

  it("finds by every operator", async () => {
    await fill();
    const cases: readonly (readonly [unknown, string])[] = [
      [{ name: "Ben" }, "b"],
      [{ name: { startsWith: "Ann" } }, "ad"],
      [{ name: { startsWith: "Ann%" } }, "d"],
      [{ name: { startsWith: "ann_" } }, "e"],
      [{ name: { in: ["Ben", "Carl", "Zoe"] } }, "bc"],
      [{ rank: 2 }, "de"],
      [{ rank: { gt: 1, lte: 3 } }, "ade"],
      [{ rank: { gte: 1, lt: 2 } }, "b"],
      [{ rank: null }, "c"],
      [{ at: { gt: "2026-01-01" } }, "ac"],
      [{ tag: true }, "e"],
      [{ tag: "y", rank: 2 }, "d"],
      [{ name: "' OR 1=1 --" }, ""],
      [{}, "abcde"],
    ];
    for (const [where, found] of cases) {
      const page = await bridge("own", "storage.items.query", { where });
      expect({ where, found: ids(page) }).toEqual({ where, found });
      expect({ where, ...(await bridge("own", "storage.items.count", where)) }).toEqual({ where, value: found.length });
    }
  });

  it("orders either way with missing values at one end, and pages through all of it once", async () => {
    await fill();
    for (const [orderBy, order] of [
      [{ rank: "asc" }, "cbdea"],
      [{ rank: "desc" }, "adebc"],
      [{ name: "asc" }, "dabce"],
      [{ at: "desc" }, "acbde"],
      [undefined, "abcde"],
    ] as const) {
      for (const limit of [1, 2, 4, 5]) {
        let seen = "";
        let cursor: unknown;
        do {
          const page = await bridge("own", "storage.items.query", { orderBy, limit, cursor });
          seen += ids(page);
          cursor = page.value?.["cursor"];
          expect(page.value?.["hasMore"]).toBe(cursor !== undefined);
        } while (cursor !== undefined);
        expect({ orderBy, limit, seen }).toEqual({ orderBy, limit, seen: order });
      }
    }
  });

  it("refuses what is not indexed, malformed or too much, with the fix", async () => {
    await fill();
    const query = (options: unknown) => bridge("own", "storage.items.query", options);
    expect(await query({ where: { secret: 1 } })).toEqual(
      refused(
        "INVALID_ARGUMENT",
        /"secret": the field is not indexed\. Indexed: name, rank, tag, at\. Add it to "storage\.items\.indexes"/,
      ),
    );
    expect(await query({ orderBy: { secret: "asc" } })).toEqual(refused("INVALID_ARGUMENT", /not indexed/));
    for (const field of ["name') OR 1=1 --", "$.name", "name.deep", "__proto__", "constructor", ""]) {
      expect(await query({ where: { [field]: "x" } })).toEqual(
        field === "__proto__" || field === "constructor"
          ? expect.anything()
          : refused("INVALID_ARGUMENT", /not indexed/),
      );
    }
    for (const options of [
      { where: { name: { like: "%" } } },
      { where: { name: { in: [] } } },
      { where: { name: { in: Array.from({ length: BRIDGE_LIMITS.inValues + 1 }, (_, i) => i) } } },
      { orderBy: { name: "asc", rank: "asc" } },
      { orderBy: { name: "up" } },
      { limit: 0 },
      { limit: 1.5 },
      { cursor: "nonsense" },
      { cursor: '[{"a":1},"b"]' },
      { sql: "DROP TABLE" },
      "text",
    ]) {
      expect({ options, ...(await query(options)) }).toEqual({ options, ...refused("INVALID_ARGUMENT", /./) });
    }
    expect(
      await query({ where: { name: { in: Array.from({ length: BRIDGE_LIMITS.inValues }, (_, i) => i) } } }),
    ).toMatchObject({ value: { items: [] } });
    const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
    const most = BRIDGE_LIMITS.queryValues - 2;
    const wide = (more: number) => ({
      where: { name: { in: values(50) }, at: { in: values(most - 50 + more) }, tag: { startsWith: "x" } },
      orderBy: { rank: "asc" },
      cursor: '[1,"a"]',
    });
    expect(await query(wide(0))).toMatchObject({ value: { items: [] } });
    expect(await query(wide(1))).toEqual(refused("INVALID_ARGUMENT", /91 values; at most 90/));
  });

  it("reads many as a Map, writes many all or none, at most a hundred at once", async () => {
    await fill();
    expect(await bridge("own", "storage.items.getMany", ["b", "missing", "a"])).toMatchObject({
      value: {
        map: expect.arrayContaining([
          ["a", ROWS[0]!.data],
          ["b", ROWS[1]!.data],
        ]),
      },
    });
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `n${i}`, data: { rank: i } }));
    const over = await bridge("own", "storage.items.putMany", many(101));
    expect(over).toEqual(refused("INVALID_ARGUMENT", /at most 100/));
    expect(await bridge("own", "storage.items.putMany", [...many(50), { id: "", data: {} }])).toEqual(
      refused("INVALID_ARGUMENT", /./),
    );
    expect(
      await bridge("own", "storage.items.putMany", [
        ...many(2),
        { id: "big", data: "x".repeat(BRIDGE_LIMITS.valueChars) },
      ]),
    ).toEqual(refused("INVALID_ARGUMENT", /at most 262144/));
    expect(await bridge("own", "storage.items.count")).toEqual({ value: 5 });
    expect(await bridge("own", "storage.items.putMany", many(100))).toEqual({ value: null });
    expect(await bridge("own", "storage.items.count")).toEqual({ value: 105 });
    expect(await bridge("own", "storage.items.query", { limit: 1_000 })).toMatchObject({
      value: { items: { length: BRIDGE_LIMITS.queryRows }, hasMore: true },
    });
    const all = many(100).map(({ id }) => id);
    expect(await bridge("own", "storage.items.getMany", all)).toMatchObject({ value: { map: { length: 100 } } });
    expect(await bridge("own", "storage.items.deleteMany", all)).toEqual({ value: 100 });
  });

  it("overwrites by id, says whether a delete found something", async () => {
    await fill();
    await bridge("own", "storage.items.put", "a", { name: "new" });
    expect(await bridge("own", "storage.items.get", "a")).toEqual({ value: { name: "new" } });
    expect(await bridge("own", "storage.items.delete", "a")).toEqual({ value: true });
    expect(await bridge("own", "storage.items.delete", "a")).toEqual({ value: false });
    expect(await bridge("own", "storage.items.get", "a")).toEqual({ value: null });
    expect((await createPost("Unrelated")).status).toBe(201);
  });
});
