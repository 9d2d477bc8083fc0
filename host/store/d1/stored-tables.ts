/** How much do a plugin's own SQL tables and files hold? Read from the rows themselves: the database keeps no books of it. */
import type { Stored } from "../../usage/meters.ts";

interface Column {
  readonly physical: string;
  readonly name: string;
}

/** Rows of a plugin's own tables, and the bytes of their values. Reads all of them. */
export async function measureTables(db: D1Database, plugin: string): Promise<Stored> {
  const { results } = await db
    .prepare(
      `SELECT t.physical, c.name FROM _host_tables AS t JOIN pragma_table_info(t.physical) AS c WHERE t.plugin_id = ?`,
    )
    .bind(plugin)
    .all<Column>();
  const columns = Map.groupBy(results, ({ physical }) => physical);
  if (columns.size === 0) return { rowsStored: 0, bytesStored: 0, kvKeys: 0 };
  const sums = await db.batch<{ readonly n: number; readonly bytes: number }>(
    [...columns].map(([physical, each]) => db.prepare(selectSize(physical, each))),
  );
  const rows = sums.flatMap((sum) => sum.results);
  return {
    rowsStored: rows.reduce((total, { n }) => total + n, 0),
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
  return `SELECT count(*) AS n, coalesce(sum(${bytes.join(" + ")}), 0) AS bytes FROM ${quoted(physical)}`;
}
