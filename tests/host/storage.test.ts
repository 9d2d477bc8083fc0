/** Are documents found by every operator, in every order, page by page, and is what cannot be asked refused with the fix? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { install } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const storage = { items: { indexes: ["name", "rank", ["tag", "rank"], "at"] } };
const installOwn = (id: string) => install(probe(id, { manifest: { storage } }));
const refused = (code: string, words: RegExp) => ({
  error: { name: "BridgeError", code, message: expect.stringMatching(words) },
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
    for (const method of ["getMany", "deleteMany"])
      expect(await bridge("own", `storage.items.${method}`, [...all, "one more"])).toEqual(
        refused("INVALID_ARGUMENT", /at most 100 ids/),
      );
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
  });
});
