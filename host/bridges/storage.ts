/** `ctx.storage`: documents in the collections the manifest declares; queries only over the fields it indexes. */
import { z } from "zod";
import { deleteDocuments, putDocuments, type Place, type UniqueIndex } from "../store/d1/plugin-documents.ts";
import { countDocuments, queryDocuments } from "../store/d1/plugin-queries.ts";
import { toPut } from "../usage/stored-change.ts";
import { keyArgument, revisionArgument, valueArgument } from "./arguments.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";
import { orTooLarge, readDocuments } from "./documents.ts";
import { BRIDGE_LIMITS } from "./limits.ts";
import { assertIndexed, parseCursor, toComparisons, whereSchema } from "./storage-query.ts";
import { compareAndDelete, compareAndSet, getVersioned } from "./versioned.ts";

const collection = z.string().max(64);
const ids = z
  .array(keyArgument)
  .max(BRIDGE_LIMITS.documentsPerCall, `Expected at most ${BRIDGE_LIMITS.documentsPerCall} ids`);

function placeOf(call: BridgeCall, name: string): Place {
  if (!Object.hasOwn(call.plugin.manifest.storage, name)) {
    throw new BridgeError("DENIED", `Storage collection not declared: ${name}. Add it to "storage" in the manifest.`);
  }
  return { plugin: call.plugin.id, collection: name, at: call.services.now().toISOString() };
}

function uniqueIndexes(call: BridgeCall, name: string): readonly UniqueIndex[] {
  return (call.plugin.manifest.storage[name]?.uniqueIndexes ?? []).map((fields) => [fields].flat());
}

function toNotUnique(call: BridgeCall, name: string): BridgeError {
  const indexes = uniqueIndexes(call, name).map((fields) => fields.join(" and "));
  return new BridgeError(
    "CONFLICT",
    `Cannot write to ${name}: another document has the same ${indexes.join(", or the same ")}, which the manifest calls unique. Nothing was written.`,
  );
}

async function put(
  call: BridgeCall,
  name: string,
  documents: readonly { readonly id: string; readonly data: string }[],
): Promise<void> {
  const unique = uniqueIndexes(call, name);
  const end = await putDocuments(call.services.db, placeOf(call, name), documents, unique);
  if (end === "not-unique") throw toNotUnique(call, name);
}

/** The bridge methods of `ctx.storage`. */
export const storageMethods = [
  defineMethod({
    name: "storage.get",
    capability: null,
    summary: "Reads a document, or null.",
    args: z.tuple([collection, keyArgument]),
    kind: "data",
    async handler(call, name, id) {
      const [found] = await readDocuments(call, placeOf(call, name), [id]);
      return found ? JSON.parse(found.data) : null;
    },
  }),
  defineMethod({
    name: "storage.put",
    capability: null,
    summary: "Writes a document.",
    args: z.tuple([collection, keyArgument, valueArgument]),
    kind: "data",
    writes: true,
    stores: (name, id, data) => ({ collection: name, puts: [toPut({ id, data })] }),
    handler: (call, name, id, data) => put(call, name, [{ id, data }]),
  }),
  defineMethod({
    name: "storage.delete",
    capability: null,
    summary: "Deletes a document; answers whether there was one.",
    args: z.tuple([collection, keyArgument]),
    kind: "data",
    writes: true,
    stores: (name, id) => ({ collection: name, deletes: [id] }),
    handler: async (call, name, id) => (await deleteDocuments(call.services.db, placeOf(call, name), [id])) > 0,
  }),
  defineMethod({
    name: "storage.exists",
    capability: null,
    summary: "Whether there is a document.",
    args: z.tuple([collection, keyArgument]),
    kind: "data",
    handler: async (call, name, id) => (await readDocuments(call, placeOf(call, name), [id])).length > 0,
  }),
  defineMethod({
    name: "storage.getMany",
    capability: null,
    summary: "Reads documents; missing ones are left out.",
    args: z.tuple([collection, ids]),
    kind: "data",
    async handler(call, name, wanted) {
      const found = await readDocuments(call, placeOf(call, name), wanted);
      return found.map(({ id, data }) => [id, JSON.parse(data) as unknown]);
    },
  }),
  defineMethod({
    name: "storage.putMany",
    capability: null,
    summary: "Writes documents, all or none.",
    args: z.tuple([
      collection,
      z
        .array(z.object({ id: keyArgument, data: valueArgument }))
        .max(BRIDGE_LIMITS.documentsPerCall, `Expected at most ${BRIDGE_LIMITS.documentsPerCall} documents`),
    ]),
    kind: "data",
    writes: true,
    stores: (name, documents) => ({ collection: name, puts: documents.map(toPut) }),
    handler: (call, name, documents) => put(call, name, documents),
  }),
  defineMethod({
    name: "storage.deleteMany",
    capability: null,
    summary: "Deletes documents; answers how many there were.",
    args: z.tuple([collection, ids]),
    kind: "data",
    writes: true,
    stores: (name, wanted) => ({ collection: name, deletes: wanted }),
    handler: (call, name, wanted) => deleteDocuments(call.services.db, placeOf(call, name), wanted),
  }),
  defineMethod({
    name: "storage.query",
    capability: null,
    summary: "Finds documents by indexed fields, in order, page by page.",
    args: z.tuple([
      collection,
      z
        .strictObject({
          where: whereSchema.optional(),
          orderBy: z
            .record(z.string(), z.enum(["asc", "desc"]))
            .refine((order) => Object.keys(order).length <= 1, { message: "Expected one field to order by" })
            .optional(),
          limit: z.number().int().min(1).optional(),
          cursor: z.string().max(2_000).nullish(),
        })
        .nullish(),
    ]),
    kind: "data",
    async handler(call, name, options) {
      const place = placeOf(call, name);
      const [order] = Object.entries(options?.orderBy ?? {});
      if (order) assertIndexed(call, name, order[0]);
      const limit = Math.min(options?.limit ?? 50, BRIDGE_LIMITS.queryRows);
      const after = options?.cursor ? parseCursor(options.cursor) : undefined;
      const read = await queryDocuments(call.services.db, place, {
        where: toComparisons(call, name, options?.where ?? {}),
        orderBy: order ? { field: order[0], direction: order[1] } : undefined,
        after,
        limit,
        maxBytes: BRIDGE_LIMITS.resultBytes,
      });
      const rows = orTooLarge(read, "Ask for fewer with limit.");
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const hasMore = rows.length > limit;
      return {
        items: page.map(({ id, data }) => ({ id, data: JSON.parse(data) as unknown })),
        ...(hasMore && last ? { cursor: JSON.stringify([last.order_value, last.id]) } : {}),
        hasMore,
      };
    },
  }),
  defineMethod({
    name: "storage.count",
    capability: null,
    summary: "Counts documents by indexed fields.",
    args: z.tuple([collection, whereSchema.nullish()]),
    kind: "data",
    handler: async (call, name, where) =>
      countDocuments(call.services.db, placeOf(call, name), toComparisons(call, name, where ?? {})),
  }),
  defineMethod({
    name: "storage.getVersioned",
    capability: null,
    summary: "Reads a document with its revision, or null.",
    args: z.tuple([collection, keyArgument]),
    kind: "data",
    handler: async (call, name, id) => getVersioned(call, placeOf(call, name), id),
  }),
  defineMethod({
    name: "storage.compareAndSet",
    capability: null,
    summary: "Writes a document where it has the revision that was read; null: where there is none.",
    args: z.tuple([collection, keyArgument, revisionArgument.nullable(), valueArgument]),
    kind: "data",
    writes: true,
    stores: (name, id, _, data) => ({ collection: name, puts: [toPut({ id, data })] }),
    handler: async (call, name, id, expected, data) =>
      compareAndSet(call, placeOf(call, name), { id, expected, data, unique: uniqueIndexes(call, name) }, () =>
        toNotUnique(call, name),
      ),
  }),
  defineMethod({
    name: "storage.compareAndDelete",
    capability: null,
    summary: "Deletes a document where it has the revision that was read.",
    args: z.tuple([collection, keyArgument, revisionArgument]),
    kind: "data",
    writes: true,
    stores: (name, id) => ({ collection: name, deletes: [id] }),
    handler: async (call, name, id, expected) => compareAndDelete(call, placeOf(call, name), { id, expected }),
  }),
];
