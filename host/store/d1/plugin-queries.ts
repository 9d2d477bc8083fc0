/** Finds plugins' documents by their fields, in order and page by page. Values are bound, names passed `FIELD_NAME`. */
import type { Place, StoredDocument } from "./plugin-documents.ts";
import { extract } from "./plugin-fields.ts";
import { readSizedPage, type TOO_LARGE } from "./sized-page.ts";

/** One comparison of a query. `field` must have passed `FIELD_NAME`. */
export type Comparison =
  | { readonly field: string; readonly op: "=" | ">" | ">=" | "<" | "<="; readonly value: string | number }
  | { readonly field: string; readonly op: "is-null" }
  | { readonly field: string; readonly op: "in"; readonly values: readonly (string | number)[] }
  | { readonly field: string; readonly op: "starts-with"; readonly value: string };

/** A query over one collection. */
export interface DocumentQuery {
  readonly where: readonly Comparison[];
  readonly orderBy: { readonly field: string; readonly direction: "asc" | "desc" } | undefined;
  readonly after: { readonly value: string | number | null; readonly id: string } | undefined;
  readonly limit: number;
  readonly maxBytes: number;
}

/** A document with its size and the value it was ordered by. */
export interface QueriedDocument extends StoredDocument {
  readonly bytes: number;
  readonly order_value: string | number | null;
}

/** Runs a query. Answers one document more than `limit` where there are more. */
export async function queryDocuments(
  db: D1Database,
  place: Place,
  query: DocumentQuery,
): Promise<readonly QueriedDocument[] | typeof TOO_LARGE> {
  const { conditions, values } = toConditions(query.where);
  const order = query.orderBy ? extract(query.orderBy.field, "data") : "NULL";
  const down = query.orderBy?.direction === "desc";
  if (query.after) {
    const { value, id } = query.after;
    if (query.orderBy === undefined) {
      conditions.push("id > ?");
      values.push(id);
    } else if (value === null) {
      // Ascending, nulls come first and everything else follows them; descending, they come last.
      conditions.push(down ? `(${order} IS NULL AND id > ?)` : `(${order} IS NOT NULL OR id > ?)`);
      values.push(id);
    } else {
      conditions.push(
        down
          ? `(${order} < ? OR ${order} IS NULL OR (${order} = ? AND id > ?))`
          : `(${order} > ? OR (${order} = ? AND id > ?))`,
      );
      values.push(value, value, id);
    }
  }
  const direction = down ? "DESC" : "ASC";
  return readSizedPage<QueriedDocument>(db, {
    table: "_plugin_storage",
    column: "data",
    page: `SELECT rowid AS place, id, octet_length(data) AS bytes, ${order} AS order_value FROM _plugin_storage
      WHERE ${["plugin_id = ?", "collection = ?", ...conditions].join(" AND ")}
      ORDER BY ${query.orderBy ? `${order} ${direction}, ` : ""}id LIMIT ?`,
    values: [place.plugin, place.collection, ...values, query.limit + 1],
    orderBy: query.orderBy ? `page.order_value ${direction}, page.id` : "page.id",
    maxBytes: query.maxBytes,
  });
}

/** How many documents match. */
export async function countDocuments(db: D1Database, place: Place, where: readonly Comparison[]): Promise<number> {
  const { conditions, values } = toConditions(where);
  const row = await db
    .prepare(
      `SELECT count(*) AS n FROM _plugin_storage WHERE ${["plugin_id = ?", "collection = ?", ...conditions].join(" AND ")}`,
    )
    .bind(place.plugin, place.collection, ...values)
    .first<{ n: number }>();
  return row?.n ?? 0;
}

function toConditions(where: readonly Comparison[]): { conditions: string[]; values: (string | number)[] } {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  for (const comparison of where) {
    const field = extract(comparison.field, "data");
    switch (comparison.op) {
      case "is-null":
        conditions.push(`${field} IS NULL`);
        break;
      case "in":
        conditions.push(`${field} IN (${comparison.values.map(() => "?").join(", ")})`);
        values.push(...comparison.values);
        break;
      case "starts-with":
        conditions.push(`substr(${field}, 1, length(?)) = ?`);
        values.push(comparison.value, comparison.value);
        break;
      default:
        conditions.push(`${field} ${comparison.op} ?`);
        values.push(comparison.value);
    }
  }
  return { conditions, values };
}
