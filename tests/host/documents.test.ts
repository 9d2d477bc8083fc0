/** Are documents written whole, once where the manifest says so, and only over what was read? */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { MANIFEST_LIMITS } from "@bulkhead/sdk";
import { packPlugin } from "../support/bundle.ts";
import { callRoute, install, rows, uploadBytes } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

const storage = {
  people: { indexes: ["rank"], uniqueIndexes: ["email", ["first", "last"]] },
  plain: { indexes: [] },
};
const installOwn = (id: string) => install(probe(id, { manifest: { storage } }));

beforeEach(async () => {
  await target.reset();
  await installOwn("own");
});

const people = (method: string, ...args: unknown[]) => bridge("own", `storage.people.${method}`, ...args);
const NOT_UNIQUE = {
  error: {
    name: "BridgeError",
    code: "CONFLICT",
    message:
      "Cannot write to people: another document has the same email, or the same first and last, which the manifest calls unique. Nothing was written.",
  },
};

describe("a unique index", () => {
  it("refuses a second document with its values, by every way of writing", async () => {
    await people("put", "a", { email: "a@shop.dev", first: "Ada", last: "L" });
    const cases: readonly (readonly [unknown, unknown])[] = [
      [{ email: "a@shop.dev" }, NOT_UNIQUE],
      [{ email: "b@shop.dev", first: "Ada", last: "L" }, NOT_UNIQUE],
      [{ email: "b@shop.dev", first: "Ada", last: "M" }, undefined],
      [{ email: "A@shop.dev" }, undefined],
      [{ first: "Ada" }, undefined],
      [{ email: null, first: null, last: null }, undefined],
      [{}, undefined],
      ["text", undefined],
    ];
    for (const [data, error] of cases) {
      await people("delete", "b");
      expect({ data, ...(await people("put", "b", data)) }).toEqual({ data, ...(error ?? { value: null }) });
      await people("delete", "b");
      expect({ data, ...(await people("putMany", [{ id: "b", data }])) }).toEqual({
        data,
        ...(error ?? { value: null }),
      });
      await people("delete", "b");
      expect({ data, ...(await people("compareAndSet", "b", null, data)) }).toEqual({
        data,
        ...(error ?? { value: { applied: true, revision: expect.any(String) } }),
      });
    }
    await people("put", "b", { email: "b@shop.dev" });
    const { value } = await people("getVersioned", "b");
    expect(await people("compareAndSet", "b", value?.["revision"], { email: "a@shop.dev" })).toEqual(NOT_UNIQUE);
    expect(await people("get", "b")).toEqual({ value: { email: "b@shop.dev" } });
    // Its own values are no obstacle.
    expect(await people("put", "a", { email: "a@shop.dev", first: "Ada", last: "L", rank: 1 })).toEqual({
      value: null,
    });
  });

  it("writes all of many or none, also where two of the many are alike", async () => {
    await people("put", "a", { email: "a@shop.dev" });
    const many = (...emails: string[]) =>
      people(
        "putMany",
        emails.map((email, i) => ({ id: `n${i}`, data: { email } })),
      );
    expect(await many("x@shop.dev", "y@shop.dev", "a@shop.dev")).toEqual(NOT_UNIQUE);
    expect(await many("x@shop.dev", "x@shop.dev")).toEqual(NOT_UNIQUE);
    expect(await people("count")).toEqual({ value: 1 });
    expect(await many("x@shop.dev", "y@shop.dev")).toEqual({ value: null });
    expect(await people("count")).toEqual({ value: 3 });
  });

  it("counts within one plugin and collection, and can be queried by", async () => {
    await installOwn("other");
    for (const id of ["own", "other"]) {
      expect(await bridge(id, "storage.people.put", "a", { email: "a@shop.dev" })).toEqual({ value: null });
      expect(await bridge(id, "storage.plain.put", "a", { email: "a@shop.dev" })).toEqual({ value: null });
    }
    expect(await people("query", { where: { email: "a@shop.dev" } })).toMatchObject({
      value: { items: [{ id: "a" }] },
    });
  });

  it("of racing writers lets one pass", async () => {
    const ends = await Promise.all(["a", "b", "c", "d"].map((id) => people("put", id, { email: "one@shop.dev" })));
    expect(ends.filter(({ error }) => error === undefined)).toHaveLength(1);
    expect(await people("count")).toEqual({ value: 1 });
  });

  it("may be declared as often as the limits say and not once more", async () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `f${i}`);
    const declare = async (people: unknown) => {
      const archive = await packPlugin(probe("limits", { manifest: { storage: { people } } }));
      return (await uploadBytes(archive)).status;
    };
    const { indexes, uniqueIndexes, indexFields, fieldChars } = MANIFEST_LIMITS;
    const long = "x".repeat(fieldChars);
    const most = {
      indexes: [...names(indexes - 1), long],
      uniqueIndexes: [...names(uniqueIndexes - 1), names(indexFields)],
    };
    expect(await declare(most)).toBe(201);
    for (const over of [
      { indexes: names(indexes + 1) },
      { indexes: [], uniqueIndexes: names(uniqueIndexes + 1) },
      { indexes: [names(indexFields + 1)] },
      { indexes: [], uniqueIndexes: [[]] },
      { indexes: [`${long}x`] },
      { indexes: [], uniqueIndexes: [`${long}x`] },
      { indexes: [], uniqueIndexes: ["a') OR 1=1 --"] },
    ]) {
      expect({ over, status: await declare(over) }).toEqual({ over, status: 422 });
    }
  });
});

describe("a document", () => {
  it("overwritten keeps when it was made", async () => {
    await people("put", "a", { rank: 1 });
    await rows("UPDATE _plugin_storage SET created_at = 'then', updated_at = '2020-01-01T00:00:00.000Z'");
    await people("put", "a", { rank: 2 });
    await people("putMany", [{ id: "a", data: { rank: 3 } }]);
    await people("compareAndSet", "a", (await people("getVersioned", "a")).value?.["revision"], { rank: 4 });
    expect(await rows("SELECT data, created_at, updated_at > '2026' AS is_new FROM _plugin_storage")).toEqual([
      { data: '{"rank":4}', created_at: "then", is_new: 1 },
    ]);
  });

  it("is swapped and deleted only as it was read, in its own collection", async () => {
    expect(await people("getVersioned", "a")).toEqual({ value: null });
    const made = await people("compareAndSet", "a", null, { rank: 1 });
    expect(made).toMatchObject({ value: { applied: true } });
    const revision = made.value?.["revision"];
    expect(await people("getVersioned", "a")).toEqual({ value: { value: { rank: 1 }, revision } });
    await installOwn("other");
    for (const [id, name] of [
      ["own", "plain"],
      ["other", "people"],
    ] as const) {
      for (const op of ["compareAndSet", "compareAndDelete"]) {
        const args = op === "compareAndSet" ? [revision, {}] : [revision];
        expect(await bridge(id, `storage.${name}.${op}`, "a", ...args)).toEqual({ value: { applied: false } });
      }
    }
    await people("put", "a", { rank: 2 });
    expect(await people("compareAndSet", "a", revision, { rank: 3 })).toEqual({ value: { applied: false } });
    expect(await people("compareAndDelete", "a", revision)).toEqual({ value: { applied: false } });
    const { value } = await people("getVersioned", "a");
    expect(await people("compareAndDelete", "a", value?.["revision"])).toEqual({ value: { applied: true } });
    expect(await people("exists", "a")).toEqual({ value: false });
    for (const op of ["getVersioned", "compareAndSet", "compareAndDelete"]) {
      const args = op === "compareAndSet" ? [null, 1] : ["x"];
      expect(await bridge("own", `storage.hidden.${op}`, "a", ...args)).toMatchObject({
        error: { code: "DENIED", message: expect.stringMatching(/^Storage collection not declared: hidden/) },
      });
    }
  });

  it("counted up by many at once loses no count", async () => {
    const count = `async (_, ctx) => {
      for (;;) {
        const read = await ctx.storage.plain.getVersioned("n");
        const { applied } = await ctx.storage.plain.compareAndSet("n", read?.revision ?? null, { n: (read?.value.n ?? 0) + 1 });
        if (applied) return;
      }
    }`;
    await install(probe("counter", { manifest: { storage }, routes: { count } }));
    const answers = await Promise.all(Array.from({ length: 6 }, () => callRoute("counter", "count")));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(await bridge("counter", "storage.plain.get", "n")).toEqual({ value: { n: 6 } });
  });
});
