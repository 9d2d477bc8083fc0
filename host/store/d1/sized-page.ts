/**
 * How are rows read whose values may be large? Sizes first, and the values only where all of them together fit: nobody
 * makes the host hold all that was ever stored.
 */

/** What a read would take more bytes than were allowed. Nothing but sizes was read then. */
export const TOO_LARGE = Symbol("too large");

/** Rows to read. Table, column, page and order are the host's own text; what comes from outside is among `values`. */
export interface SizedPage {
  /** Where the large values are. */
  readonly table: string;
  readonly column: string;
  /** A query for `place`, a rowid of the table, `bytes`, and whatever else is answered of a row. */
  readonly page: string;
  readonly values: readonly (string | number)[];
  /** Order of the answer, over columns of `page`. */
  readonly orderBy: string;
  readonly maxBytes: number;
}

/** A row of the answer: the columns of `page`, and the large one as `data`. */
export interface SizedRow {
  readonly bytes: number;
  readonly data: string | null;
}

/** Reads the rows if their values have no more than `maxBytes` together. */
export async function readSizedPage<Row extends SizedRow>(
  db: D1Database,
  { table, column, page, values, orderBy, maxBytes }: SizedPage,
): Promise<readonly Row[] | typeof TOO_LARGE> {
  // SECURITY: sizes are asked first (tests/host/own-data.test.ts, "more than a result may have").
  const { results } = await db
    .prepare(
      `WITH page AS MATERIALIZED (${page})
       SELECT page.*, large.${column} AS data, large.rowid IS NULL AS is_left_out FROM page LEFT JOIN ${table} AS large
         ON large.rowid = page.place AND (SELECT sum(bytes) FROM page) <= ? ORDER BY ${orderBy}`,
    )
    .bind(...values, maxBytes)
    .all<Row & { readonly is_left_out: number }>();
  return results.some((row) => row.is_left_out === 1) ? TOO_LARGE : results;
}
