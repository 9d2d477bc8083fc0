/** `ctx.kv`: the plugin's own keys, in D1. Keys `settings:<key>` of the schema read the plugin's settings, as in EmDash. */
import { z } from "zod";
import type { Place } from "../store/d1/plugin-documents.ts";
import { deleteKey, listKeys, putKey } from "../store/d1/plugin-keys.ts";
import { KV_COLLECTION, toPut } from "../usage/stored-change.ts";
import { keyArgument, pageLimit, revisionArgument, valueArgument } from "./arguments.ts";
import { defineMethod, type BridgeCall } from "./define-bridge.ts";
import { orTooLarge, readDocuments } from "./documents.ts";
import { BRIDGE_LIMITS } from "./limits.ts";
import { assertOwnKey, readSetting, settingOf } from "./setting-keys.ts";
import { compareAndDelete, compareAndSet, getVersioned } from "./versioned.ts";

const placeOf = (call: BridgeCall): Place => ({
  plugin: call.plugin.id,
  collection: KV_COLLECTION,
  at: call.services.now().toISOString(),
});

const writeOptions = z
  .strictObject({ ttlSeconds: z.number().int().min(1).max(BRIDGE_LIMITS.ttlSeconds).optional() })
  .nullish();

function toExpiry(place: Place, options: z.infer<typeof writeOptions>): string | undefined {
  const { ttlSeconds } = options ?? {};
  return ttlSeconds === undefined ? undefined : new Date(Date.parse(place.at) + ttlSeconds * 1_000).toISOString();
}

const prefixArgument = z
  .string()
  .max(BRIDGE_LIMITS.keyChars)
  .nullish()
  .transform((prefix) => prefix ?? "");
const pageOptions = z
  .strictObject({
    limit: pageLimit({ most: BRIDGE_LIMITS.listedKeys, default: BRIDGE_LIMITS.pageKeys }),
    cursor: keyArgument.nullish(),
  })
  .nullish();

async function readKeys(
  call: BridgeCall,
  prefix: string,
  page: { readonly limit: number; readonly after: string | undefined; readonly fix: string },
): Promise<readonly { readonly key: string; readonly value: unknown }[]> {
  const { limit, after, fix } = page;
  const query = { prefix, after, limit, maxBytes: BRIDGE_LIMITS.resultBytes };
  const rows = orTooLarge(await listKeys(call.services.db, placeOf(call), query), fix);
  return rows.map(({ id, data }) => ({ key: id, value: JSON.parse(data) as unknown }));
}

/** The bridge methods of `ctx.kv`. */
export const kvMethods = [
  defineMethod({
    name: "kv.get",
    capability: null,
    summary: "Reads a value of the plugin's own, or null.",
    args: z.tuple([keyArgument]),
    kind: "data",
    async handler(call, key) {
      const setting = settingOf(call, key);
      if (setting !== undefined) return readSetting(call, setting);
      const [found] = await readDocuments(call, placeOf(call), [key]);
      return found ? JSON.parse(found.data) : null;
    },
  }),
  defineMethod({
    name: "kv.set",
    capability: null,
    summary: "Writes a value of the plugin's own, for a time where one is given.",
    args: z.tuple([keyArgument, valueArgument, writeOptions]),
    kind: "data",
    writes: true,
    stores: (id, data) => ({ collection: KV_COLLECTION, puts: [toPut({ id, data })] }),
    async handler(call, key, text, options) {
      assertOwnKey(call, key);
      const place = placeOf(call);
      await putKey(call.services.db, place, { id: key, data: text }, toExpiry(place, options));
    },
  }),
  defineMethod({
    name: "kv.delete",
    capability: null,
    summary: "Deletes a value of the plugin's own; answers whether there was one.",
    args: z.tuple([keyArgument]),
    kind: "data",
    writes: true,
    stores: (id) => ({ collection: KV_COLLECTION, deletes: [id] }),
    handler: (call, key) => deleteKey(call.services.db, placeOf(call), key),
  }),
  defineMethod({
    name: "kv.list",
    capability: null,
    summary:
      "Lists the plugin's own keys and values under a prefix, by key: at most 1000, or page by page with options.",
    args: z.tuple([prefixArgument, pageOptions]),
    kind: "data",
    async handler(call, prefix, options) {
      if (!options) {
        return readKeys(call, prefix, {
          limit: BRIDGE_LIMITS.listedKeys,
          after: undefined,
          fix: "List by a longer prefix.",
        });
      }
      const { limit, cursor } = options;
      const after = cursor ?? undefined;
      // One more tells whether there is a next page.
      const found = await readKeys(call, prefix, { limit: limit + 1, after, fix: "Ask for fewer with limit." });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const hasMore = found.length > limit;
      return { items, ...(hasMore && last ? { cursor: last.key } : {}), hasMore };
    },
  }),
  defineMethod({
    name: "kv.getVersioned",
    capability: null,
    summary: "Reads a value of the plugin's own with its revision, or null.",
    args: z.tuple([keyArgument]),
    kind: "data",
    handler: async (call, key) => {
      assertOwnKey(call, key);
      return getVersioned(call, placeOf(call), key);
    },
  }),
  defineMethod({
    name: "kv.compareAndSet",
    capability: null,
    summary: "Writes a value where it has the revision that was read; null: where there is none.",
    args: z.tuple([keyArgument, revisionArgument.nullable(), valueArgument, writeOptions]),
    kind: "data",
    writes: true,
    stores: (id, _, data) => ({ collection: KV_COLLECTION, puts: [toPut({ id, data })] }),
    handler: async (call, key, expected, text, options) => {
      assertOwnKey(call, key);
      const place = placeOf(call);
      const swap = { id: key, expected, data: text, expiresAt: toExpiry(place, options) };
      return compareAndSet(call, place, swap, () => new Error("keys have no unique indexes"));
    },
  }),
  defineMethod({
    name: "kv.compareAndDelete",
    capability: null,
    summary: "Deletes a value where it has the revision that was read.",
    args: z.tuple([keyArgument, revisionArgument]),
    kind: "data",
    writes: true,
    stores: (id) => ({ collection: KV_COLLECTION, deletes: [id] }),
    handler: (call, key, expected) => compareAndDelete(call, placeOf(call), { id: key, expected }),
  }),
];
