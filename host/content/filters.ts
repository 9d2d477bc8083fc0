/**
 * May items be found by these fields? Fields of the collection that hold one plain value, compared with values of their type;
 * how many is bounded as in EmDash. Pure but for its HostErrors.
 */
import type { FieldFilter, FieldFilters } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";
import type { CollectionDefinition, FieldDefinition, FieldType } from "./collection.ts";
import { CONTENT_LIMITS } from "./limits.ts";

/** One comparison with a column. */
export type FieldComparison =
  | { readonly column: string; readonly op: "=" | ">" | ">=" | "<" | "<="; readonly value: string | number }
  | { readonly column: string; readonly op: "in"; readonly values: readonly (string | number)[] }
  | { readonly column: string; readonly op: "is-null" };

/** Types whose column holds the value itself. */
const PLAIN: Readonly<Partial<Record<FieldType, "string" | "number" | "boolean">>> = {
  string: "string",
  text: "string",
  slug: "string",
  url: "string",
  select: "string",
  reference: "string",
  datetime: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
};

const OPERATORS = { gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;

/**
 * The comparisons of `where.fieldFilters`.
 *
 * @throws HostError BAD_REQUEST.
 */
export function parseFilters(
  collection: CollectionDefinition,
  filters: FieldFilters | undefined,
): readonly FieldComparison[] {
  const entries = Object.entries(filters ?? {});
  if (entries.length > CONTENT_LIMITS.filters) {
    throw refuse(`${entries.length} fields are compared; at most ${CONTENT_LIMITS.filters} are allowed`);
  }
  const comparisons = entries.flatMap(([name, filter]) => compare(findField(collection, name), filter));
  const operands = comparisons.reduce((sum, comparison) => sum + countOperands(comparison), 0);
  if (operands > CONTENT_LIMITS.filterOperands) {
    throw refuse(`it compares with ${operands} values; at most ${CONTENT_LIMITS.filterOperands} are allowed`);
  }
  return comparisons;
}

/** SECURITY: the column is the registry's, whatever the caller wrote (tests/host/content-reads.test.ts, "no field of the collection"). */
function findField(collection: CollectionDefinition, name: string): FieldDefinition {
  const field = collection.fields.find((candidate) => candidate.name === name && PLAIN[candidate.type] !== undefined);
  if (field) return field;
  const known = collection.fields.filter((candidate) => PLAIN[candidate.type] !== undefined).map(({ name }) => name);
  throw refuse(
    `${JSON.stringify(name.slice(0, 80))} is not a field with one plain value. Filter by ${known.join(", ") || "none"}`,
  );
}

function compare(field: FieldDefinition, filter: FieldFilter): readonly FieldComparison[] {
  const column = field.name;
  if (filter === null) return [{ column, op: "is-null" }];
  if (typeof filter !== "object") return [{ column, op: "=", value: toValue(field, filter) }];
  if ("in" in filter) {
    const { length } = filter.in;
    if (length < 1 || length > CONTENT_LIMITS.filterIn) {
      throw refuse(`"${column}" is compared with a list of ${length}; expected 1 to ${CONTENT_LIMITS.filterIn}`);
    }
    return [{ column, op: "in", values: filter.in.map((value) => toValue(field, value)) }];
  }
  const bounds = (Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]).flatMap((key): FieldComparison[] => {
    const value = filter[key];
    return value === undefined ? [] : [{ column, op: OPERATORS[key], value: toValue(field, value) }];
  });
  if (bounds.length === 0) throw refuse(`"${column}" is compared with nothing; expected gt, gte, lt or lte`);
  if (field.type === "boolean") throw refuse(`"${column}" is true or false, which has no order`);
  return bounds;
}

function toValue(field: FieldDefinition, value: string | number | boolean): string | number {
  const expected = PLAIN[field.type];
  if (typeof value !== expected) {
    throw refuse(`"${field.name}" is compared with a ${typeof value}; expected a ${String(expected)}`);
  }
  if (typeof value === "string" && value.length > CONTENT_LIMITS.lineChars) {
    throw refuse(`"${field.name}" is compared with ${value.length} characters; at most ${CONTENT_LIMITS.lineChars}`);
  }
  return typeof value === "boolean" ? Number(value) : value;
}

function countOperands(comparison: FieldComparison): number {
  if (comparison.op === "is-null") return 0;
  return comparison.op === "in" ? comparison.values.length : 1;
}

function refuse(why: string): HostError {
  return new HostError("BAD_REQUEST", `Cannot filter: ${why}.`);
}
