/**
 * In which order are items listed, and where does the next page begin? The order is always total (the id breaks ties), so
 * a page never repeats or skips an item that stayed where it was. Pure.
 */
import type { OrderBy } from "@bulkhead/sdk";
import { HostError } from "../errors.ts";

/** The columns a list can be ordered by, under the names that callers use. All have an index or are the key. */
const COLUMNS = {
  createdAt: "created_at",
  updatedAt: "updated_at",
  publishedAt: "published_at",
  slug: "slug",
  id: "id",
} as const;

/** A column of order. */
export type OrderColumn = (typeof COLUMNS)[keyof typeof COLUMNS];

/** An order: one column, then the id in the same direction. */
export interface Order {
  readonly column: OrderColumn;
  readonly direction: "asc" | "desc";
}

/** Where a page ended: the last item's value in the order's column, and its id. */
export interface Position {
  readonly value: string | null;
  readonly id: string;
}

/**
 * The order that a caller asks for. EmDash's names of columns (`created_at`) are taken as well.
 *
 * @throws HostError BAD_REQUEST.
 */
export function parseOrder(orderBy: OrderBy | undefined): Order {
  const entries = Object.entries(orderBy ?? {});
  const [first = ["createdAt", "desc"] as const, second] = entries;
  const [name, direction] = first;
  const column = Object.entries(COLUMNS).find(([key, column]) => key === name || column === name)?.[1];
  if (column === undefined || second !== undefined || (direction !== "asc" && direction !== "desc")) {
    throw new HostError(
      "BAD_REQUEST",
      `Cannot order by ${JSON.stringify(orderBy)}: expected one of ${Object.keys(COLUMNS).join(", ")} with "asc" or "desc".`,
    );
  }
  return { column, direction };
}

/** The cursor for a position: opaque to callers, and bound to the order it was made in. */
export function toCursor(order: Order, position: Position): string {
  const bytes = new TextEncoder().encode(JSON.stringify([order.column, order.direction, position.value, position.id]));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/**
 * The position that a cursor holds.
 *
 * @throws HostError BAD_REQUEST for a text that is no cursor, or one of another order.
 */
export function parseCursor(order: Order, cursor: string): Position {
  const parts = decode(cursor);
  if (parts === undefined) {
    throw new HostError("BAD_REQUEST", "Cannot read the cursor: pass the one of the page before, unchanged.");
  }
  const [column, direction, value, id] = parts;
  if (column !== order.column || direction !== order.direction) {
    throw new HostError("BAD_REQUEST", "The cursor belongs to another order: keep orderBy while you page.");
  }
  return { value, id };
}

type CursorParts = readonly [column: string, direction: string, value: string | null, id: string];

function decode(cursor: string): CursorParts | undefined {
  if (!/^[A-Za-z0-9_-]{1,2000}$/.test(cursor)) return undefined;
  try {
    const text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const parts: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    if (!Array.isArray(parts) || parts.length !== 4) return undefined;
    const [column, direction, value, id] = parts as unknown[];
    if (typeof column !== "string" || typeof direction !== "string" || typeof id !== "string") return undefined;
    return value === null || typeof value === "string" ? [column, direction, value, id] : undefined;
  } catch {
    // Not base64, or not JSON: the caller says so.
    return undefined;
  }
}
