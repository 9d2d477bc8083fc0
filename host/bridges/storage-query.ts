/** What may be asked of a collection? Comparisons and orders over the fields its indexes name, and cursors of its own. */
import { z } from "zod";
import type { Comparison } from "../store/d1/plugin-queries.ts";
import { BridgeError, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

const scalar = z.union([z.string().max(1_000), z.number()]);
/** The `where` of a query. */
export const whereSchema = z
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
/** The same, parsed. */
export type Where = z.infer<typeof whereSchema>;

const cursorSchema = z.tuple([z.union([z.string(), z.number(), z.null()]), z.string()]);

/** The fields a query may use: what the collection's indexes name. */
function indexedFields(call: BridgeCall, name: string): ReadonlySet<string> {
  const declared = call.plugin.manifest.storage[name];
  return new Set([...(declared?.indexes ?? []), ...(declared?.uniqueIndexes ?? [])].flat());
}

/** Refuses a field that no index names. */
export function assertIndexed(call: BridgeCall, name: string, field: string): void {
  const fields = indexedFields(call, name);
  if (!fields.has(field)) {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      `Cannot query ${name} by "${field.slice(0, 64)}": the field is not indexed. Indexed: ${[...fields].join(", ") || "none"}. Add it to "storage.${name}.indexes" in the manifest.`,
    );
  }
}

/** The comparisons of a `where`. */
export function toComparisons(call: BridgeCall, name: string, where: Where): readonly Comparison[] {
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

/** Where the page before ended. */
export function parseCursor(text: string): { readonly value: string | number | null; readonly id: string } {
  try {
    const [value, id] = cursorSchema.parse(JSON.parse(text));
    return { value, id };
  } catch {
    throw new BridgeError("INVALID_ARGUMENT", "The cursor is not one that a query answered. Start again without it.");
  }
}
