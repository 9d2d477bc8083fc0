/** `ctx.storage`: documents in the collections the manifest declares; queries only over the fields it indexes. */
import { z } from "zod";
import {
  countDocuments,
  deleteDocuments,
  putDocuments,
  queryDocuments,
  type Comparison,
  type Place,
} from "../store/d1/plugin-documents.ts";
import { keyArgument, valueArgument } from "./arguments.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";
import { orTooLarge, readDocuments } from "./documents.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

const scalar = z.union([z.string().max(1_000), z.number()]);
const whereSchema = z
  .record(
    z.string(),
    z.union([
      scalar,
      z.boolean(),
      z.null(),
      z.strictObject({ in: z.array(scalar).min(1).max(BRIDGE_LIMITS.inValues) }),
      z.strictObject({ startsWith: z.string().max(1_000) }),
      z.strictObject({ gt: scalar.optional(), gte: scalar.optional(), lt: scalar.optional(), lte: scalar.optional() }),
    ]),
  )
  .refine((where) => Object.keys(where).length <= BRIDGE_LIMITS.comparisons, {
    message: `Expected at most ${BRIDGE_LIMITS.comparisons} fields`,
  });
type Where = z.infer<typeof whereSchema>;

const collection = z.string().max(64);
const ids = z
  .array(keyArgument)
  .max(BRIDGE_LIMITS.documentsPerCall, `Expected at most ${BRIDGE_LIMITS.documentsPerCall} ids`);
const cursorSchema = z.tuple([z.union([z.string(), z.number(), z.null()]), z.string()]);

function placeOf(call: BridgeCall, name: string): Place {
  if (!Object.hasOwn(call.plugin.manifest.storage, name)) {
    throw new BridgeError("DENIED", `Storage collection not declared: ${name}. Add it to "storage" in the manifest.`);
  }
  return { plugin: call.plugin.id, collection: name };
}

/** The fields a query may use: what the collection's indexes name. */
function indexedFields(call: BridgeCall, name: string): ReadonlySet<string> {
  const declared = call.plugin.manifest.storage[name];
  return new Set([...(declared?.indexes ?? []), ...(declared?.uniqueIndexes ?? [])].flat());
}

function assertIndexed(call: BridgeCall, name: string, field: string): void {
  const fields = indexedFields(call, name);
  if (!fields.has(field)) {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      `Cannot query ${name} by "${field.slice(0, 64)}": the field is not indexed. Indexed: ${[...fields].join(", ") || "none"}. Add it to "storage.${name}.indexes" in the manifest.`,
    );
  }
}

function toComparisons(call: BridgeCall, name: string, where: Where): readonly Comparison[] {
  const comparisons = Object.entries(where).flatMap(([field, wanted]): readonly Comparison[] => {
    assertIndexed(call, name, field);
    if (wanted === null) return [{ field, op: "is-null" }];
    // SQLite's json_extract gives 1 and 0 for true and false.
    if (typeof wanted === "boolean") return [{ field, op: "=", value: wanted ? 1 : 0 }];
    if (typeof wanted !== "object") return [{ field, op: "=", value: wanted }];
    if ("in" in wanted) return [{ field, op: "in", values: wanted.in }];
    if ("startsWith" in wanted) return [{ field, op: "starts-with", value: wanted.startsWith }];
    const range = { ">": wanted.gt, ">=": wanted.gte, "<": wanted.lt, "<=": wanted.lte } as const;
    return (Object.keys(range) as (keyof typeof range)[]).flatMap((op) => {
      const value = range[op];
      return value === undefined ? [] : [{ field, op, value }];
    });
  });
  const values = comparisons.reduce((sum, comparison) => sum + countValues(comparison), 0);
  if (values > BRIDGE_LIMITS.queryValues) {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      `Cannot query ${name}: it compares with ${values} values; at most ${BRIDGE_LIMITS.queryValues} are allowed. Ask in parts.`,
    );
  }
  return comparisons;
}

function countValues(comparison: Comparison): number {
  if (comparison.op === "in") return comparison.values.length;
  return comparison.op === "starts-with" ? 2 : 1;
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
    handler: (call, name, id, data) =>
      putDocuments(call.services.db, placeOf(call, name), [{ id, data }], call.services.now().toISOString()),
  }),
  defineMethod({
    name: "storage.delete",
    capability: null,
    summary: "Deletes a document; answers whether there was one.",
    args: z.tuple([collection, keyArgument]),
    kind: "data",
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
    handler: (call, name, documents) =>
      putDocuments(call.services.db, placeOf(call, name), documents, call.services.now().toISOString()),
  }),
  defineMethod({
    name: "storage.deleteMany",
    capability: null,
    summary: "Deletes documents; answers how many there were.",
    args: z.tuple([collection, ids]),
    kind: "data",
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
];

function parseCursor(text: string): { readonly value: string | number | null; readonly id: string } {
  try {
    const [value, id] = cursorSchema.parse(JSON.parse(text));
    return { value, id };
  } catch {
    throw new BridgeError("INVALID_ARGUMENT", "The cursor is not one that a query answered. Start again without it.");
  }
}
