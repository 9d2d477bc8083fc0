/**
 * Runs plugin SQL that was checked. A SELECT is answered as one JSON text that the database builds and measures: however
 * large the rows are that a plugin asks for, this Worker never holds more than a limit of them.
 */

import { fail, ok, type Result } from "../../result.ts";

/** A statement that may run. */
export interface Runnable {
  /** The checked text. */
  readonly text: string;
  readonly isSelect: boolean;
  /** Bytes by which each row that it writes may grow, at most, where nobody has counted them; 0 otherwise. */
  readonly rowBytes: number;
  readonly params: readonly (string | number | null | Uint8Array)[];
}

/** What one statement came to. */
export interface SqlAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly meta: {
    readonly changes: number;
    readonly last_row_id: number;
    readonly rows_read: number;
    readonly rows_written: number;
  };
}

/** Why the database did not run them: its own words, for the plugin's author. */
export interface SqlFailure {
  readonly message: string;
}

/** Column names of SELECTs by their text, kept by the caller; they hold as long as the tables do. */
export type KnownColumns = Map<string, readonly string[]>;

/** What running them takes. */
export interface RunOptions {
  readonly known: KnownColumns;
  /** Characters of JSON that the rows of all SELECTs together may have; each gets an equal part. */
  readonly maxChars: number;
  /** Rows that are read of a SELECT, whatever it says itself. */
  readonly maxRows: number;
  /** What may not grow beyond a size. */
  readonly room: TableRoom | undefined;
}

/** How large a plugin's own tables may become. */
export interface TableRoom {
  /** Bytes that one statement may add at most as it looks, without anybody counting. */
  readonly uncountedBytes: number;
  /** Bytes of all tables together; counted where a statement may have added more. */
  readonly mostBytes: number;
  /** An expression that counts them. */
  readonly bytes: string;
}

/** What the database says of the smallest number, and so of tables that have become too large. */
export const TOO_LARGE = "integer overflow";

/** Runs them in one transaction: all or none. */
export async function runStatements(
  db: D1Database,
  statements: readonly Runnable[],
  { known, maxChars, maxRows, room }: RunOptions,
): Promise<Result<readonly SqlAnswer[], SqlFailure>> {
  try {
    const columns: (readonly string[])[] = [];
    for (const statement of statements) columns.push(await readColumns(db, statement, known));
    const most = Math.floor(maxChars / Math.max(1, statements.filter(({ isSelect }) => isSelect).length));
    const prepared = statements.flatMap(({ isSelect, text, params, rowBytes }, index) => [
      db.prepare(isSelect ? toJsonSelect(text, columns[index]!.length, { most, maxRows }) : text).bind(...params),
      ...(room && rowBytes > 0 ? [db.prepare(toRoomCheck(room, rowBytes))] : []),
    ]);
    const all = await db.batch<Record<string, unknown>>(prepared);
    // A check follows the statement it is for.
    let at = -1;
    const results = statements.map(({ rowBytes }) => {
      const own = all[(at += 1)]!;
      if (room && rowBytes > 0) at += 1;
      return own;
    });
    const tooLarge = results.find(({ results: [row] }, index) => statements[index]!.isSelect && row?.["rows"] === null);
    if (tooLarge) {
      const size = String(tooLarge.results[0]?.["size"]);
      return fail({
        message: `The result is too large: ${size} characters as JSON, at most ${most} are answered. Ask for fewer rows or columns.`,
      });
    }
    return ok(results.map((result, index) => toAnswer(result, statements[index]!, columns[index]!)));
  } catch (error) {
    const message = toSqliteMessage(error);
    if (message === undefined) throw error;
    return fail({ message });
  }
}

/**
 * Ends the batch, and so takes it back whole, where the statement before it made the tables too large. What it can have
 * added at most is looked at first: counting reads every row.
 */
function toRoomCheck({ uncountedBytes, mostBytes, bytes }: TableRoom, rowBytes: number): string {
  const most = Math.floor(uncountedBytes / rowBytes);
  return `SELECT CASE WHEN changes() <= ${most} THEN 0 WHEN ${bytes} > ${mostBytes} THEN abs(-9223372036854775807 - 1) END`;
}

function toAnswer(
  { meta, results }: D1Result<Record<string, unknown>>,
  { isSelect }: Runnable,
  columns: readonly string[],
): SqlAnswer {
  const { changes, last_row_id, rows_read, rows_written } = meta;
  const counts = { changes, last_row_id, rows_read, rows_written };
  if (isSelect) {
    const rows = JSON.parse(String(results[0]?.["rows"] ?? "[]")) as unknown[][];
    return { columns, rows: rows.map((row) => row.map(fromJsonValue)), meta: counts };
  }
  const names = Object.keys(results[0] ?? {});
  return { columns: names, rows: results.map((row) => names.map((name) => row[name])), meta: counts };
}

/**
 * What SQLite said, without what D1 puts around it; undefined where it was not SQLite that failed. SECURITY: what the
 * platform says of itself is not the author's to read. (tests/host/failing-bindings.source.test.ts, "nothing of the platform's words")
 */
export function toSqliteMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^D1_(?:\w*)ERROR: (.*?): SQLITE_\w+.*$/s.exec(error.message)?.[1];
}

/** What a SELECT's columns are called. Asked once for a text: the database is told to find no row. */
async function readColumns(
  db: D1Database,
  { text, isSelect, params }: Runnable,
  known: KnownColumns,
): Promise<readonly string[]> {
  if (!isSelect) return [];
  const kept = known.get(text);
  if (kept) return kept;
  const [names] = await db
    .prepare(`SELECT * FROM (${text}) LIMIT 0`)
    .bind(...params)
    .raw({ columnNames: true });
  const columns = names as unknown as readonly string[];
  known.set(text, columns);
  return columns;
}

/** Bytes and what JSON has no number for are marked; a text that is JSON stays text. */
function toJsonSelect(
  text: string,
  columns: number,
  { most, maxRows }: { readonly most: number; readonly maxRows: number },
): string {
  const names = Array.from({ length: columns }, (_, index) => `"c${index}"`);
  const values = names.map(
    (name) =>
      `CASE typeof(${name}) WHEN 'text' THEN ${name} || '' WHEN 'blob' THEN json_object('hex', hex(${name})) ELSE ${name} END`,
  );
  // SECURITY: a LIMIT of the author's does not make the database build what nobody will read. (tests/host/db.test.ts, "a million that a join would make")
  const rows = `SELECT * FROM "answer" LIMIT ${maxRows}`;
  return `WITH "answer"(${names.join(", ")}) AS (${text}), "json"("rows") AS (SELECT json_group_array(json_array(${values.join(", ")})) FROM (${rows}))
    SELECT iif(length("rows") <= ${most}, "rows", NULL) AS "rows", length("rows") AS "size" FROM "json"`;
}

function fromJsonValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { hex } = value as { readonly hex: string };
  // As D1 gives bytes: numbers.
  return Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}
