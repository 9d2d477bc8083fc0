/** How much do a plugin's own SQL tables and files hold? Read from the rows themselves: the database keeps no books of it. */
import type { Services } from "../../services.ts";
import type { Stored } from "../../usage/meters.ts";

interface Column {
  readonly physical: string;
  readonly name: string;
  /** 3: computed and stored. */
  readonly hidden: number;
  /** 1: its rows are the plugin's; 0: they are what FTS5 makes of them. */
  readonly rows: number;
}

/** FTS5 keeps texts and index in tables of its own; the table itself tells nothing of an index without texts. */
const PARTS = `SELECT 'table' AS kind, '' AS suffix, 1 AS rows UNION ALL SELECT 'fts5', '_content', 1
  UNION ALL SELECT 'fts5', '_data', 0 UNION ALL SELECT 'fts5', '_docsize', 0`;
/** `hidden` of a generated column that is not stored. */
const VIRTUAL = 2;

/** `hidden` of one that is: what a row holds then is not what it was given. */
const STORED = 3;

/** How the bytes of a plugin's own tables are told by the database itself. */
export interface TableSizes {
  /** An expression: the bytes of all of them, read as they are then. */
  readonly bytes: string;
  /** A table computes some of what it stores. */
  readonly isComputed: boolean;
}

/** Reads which tables and columns there are. */
export async function readTableSizes(db: D1Database, plugin: string): Promise<TableSizes> {
  const tables = await readColumns(db, plugin);
  const sums = tables.map(([physical, columns]) => `(SELECT bytes FROM (${selectSize(physical, columns)}))`);
  return {
    bytes: sums.length === 0 ? "0" : sums.join(" + "),
    isComputed: tables.some(([, columns]) => columns.some(({ hidden }) => hidden === STORED)),
  };
}

async function readColumns(db: D1Database, plugin: string): Promise<readonly [string, readonly Column[]][]> {
  const { results } = await db
    .prepare(
      `SELECT t.physical || part.suffix AS physical, part.rows, c.name, c.hidden
       FROM _host_tables AS t JOIN (${PARTS}) AS part ON part.kind = t.kind
       JOIN pragma_table_xinfo(t.physical || part.suffix) AS c
       WHERE t.plugin_id = ? AND c.hidden <> ${VIRTUAL}`,
    )
    .bind(plugin)
    .all<Column>();
  return [...Map.groupBy(results, ({ physical }) => physical)];
}

/** Rows of a plugin's own tables, and the bytes of their values. Reads all of them. */
export async function measureTables({ db, sql }: Pick<Services, "db" | "sql">, plugin: string): Promise<Stored> {
  const tables = await readColumns(db, plugin);
  if (tables.length === 0) return { rowsStored: 0, bytesStored: 0, kvKeys: 0 };
  // The database as it is: a plugin may call a column like a table of the host.
  const sizes = await sql.batch<{ readonly n: number; readonly bytes: number }>(
    tables.map(([physical, columns]) => sql.prepare(selectSize(physical, columns))),
  );
  const rows = sizes.map(({ results: [size] }, index) => ({ n: 0, bytes: 0, ...size, ...tables[index]![1][0]! }));
  return {
    rowsStored: rows.reduce((total, { n, rows: counts }) => total + n * counts, 0),
    bytesStored: rows.reduce((total, { bytes }) => total + bytes, 0),
    kvKeys: 0,
  };
}

/** Bytes of the files a plugin uploaded, each a row. */
export async function measureUploads(db: D1Database, plugin: string): Promise<Stored> {
  const row = await db
    .prepare(
      `SELECT count(*) AS rowsStored, coalesce(sum(m.size), 0) AS bytesStored, 0 AS kvKeys
       FROM _host_uploads AS u JOIN media AS m ON m.id = u.media_id WHERE u.plugin_id = ?`,
    )
    .bind(plugin)
    .first<Stored>();
  return row ?? { rowsStored: 0, bytesStored: 0, kvKeys: 0 };
}

function selectSize(physical: string, columns: readonly Column[]): string {
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const bytes = columns.map(({ name }) => `coalesce(octet_length(${quoted(name)}), 0)`);
  return `SELECT count(*) AS n, coalesce(sum(${addUp(bytes)}), 0) AS bytes FROM ${quoted(physical)}`;
}

/** In halves: a table may have as many columns as D1 lets an expression be deep. */
function addUp(terms: readonly string[]): string {
  if (terms.length === 1) return terms[0]!;
  const half = terms.length >> 1;
  return `(${addUp(terms.slice(0, half))} + ${addUp(terms.slice(half))})`;
}
