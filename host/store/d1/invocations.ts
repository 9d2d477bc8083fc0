/** What plugins did and logged, as rows. */

/** A row of `_host_invocations`. */
export interface InvocationRow {
  readonly id: string;
  readonly plugin_id: string;
  readonly version: string;
  readonly at: string;
  readonly kind: string;
  readonly name: string;
  /** `started`: written ahead, and not ended since. */
  readonly status: "started" | "ok" | "threw" | "stopped";
  readonly duration_ms: number;
  readonly fuel: number;
  readonly peak_bytes: number;
  readonly host_calls: number;
  readonly requests: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly error: string | null;
  /** A `Trace` as JSON text, of what was thrown. */
  readonly trace: string | null;
  /** The first call with an effect outside the database; null where there was none. */
  readonly outside: string | null;
}

/** An invocation in a list: with the place of its trace instead of the whole. */
export interface ListedInvocation extends Omit<InvocationRow, "trace"> {
  readonly place: string | null;
}

/** A row of `_host_logs`. */
export interface LogRow {
  readonly id: string;
  readonly plugin_id: string;
  readonly invocation_id: string | null;
  readonly at: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  /** JSON text. */
  readonly data: string | null;
}

const INVOCATION_FROM_JSON = `SELECT value->>'id', value->>'plugin_id', value->>'version', value->>'at',
  value->>'kind', value->>'name', value->>'status', value->>'duration_ms', value->>'fuel', value->>'peak_bytes',
  value->>'host_calls', value->>'requests', value->>'bytes_in', value->>'bytes_out', value->>'error', value->>'trace',
  value->>'outside' FROM json_each(?)`;

/** Writes the row of an invocation that has started. One that has ended meanwhile keeps the row of its end. */
export function putStarted(db: D1Database, row: InvocationRow): D1PreparedStatement {
  return db.prepare(`INSERT OR IGNORE INTO _host_invocations ${INVOCATION_FROM_JSON}`).bind(JSON.stringify([row]));
}

/** Writes invocations over what was written ahead of them, and log lines, in as few statements as fit. */
export function putRecords(
  db: D1Database,
  invocations: readonly InvocationRow[],
  logs: readonly LogRow[],
): readonly D1PreparedStatement[] {
  const statements = [];
  // json_each takes any number of rows in one parameter; a statement per row would draw on the plan's query cap.
  for (const part of inParts(invocations)) {
    statements.push(db.prepare(`INSERT OR REPLACE INTO _host_invocations ${INVOCATION_FROM_JSON}`).bind(part));
  }
  for (const part of inParts(logs)) {
    statements.push(
      db
        .prepare(
          `INSERT INTO _host_logs SELECT value->>'id', value->>'plugin_id', value->>'invocation_id', value->>'at',
             value->>'level', value->>'message', value->>'data' FROM json_each(?)`,
        )
        .bind(part),
    );
  }
  return statements;
}

/** Writes lines that another isolate may have written as well, with the same ids. */
export function putNotices(db: D1Database, lines: readonly LogRow[]): readonly D1PreparedStatement[] {
  if (lines.length === 0) return [];
  const statement = db
    .prepare(
      `INSERT OR IGNORE INTO _host_logs SELECT value->>'id', value->>'plugin_id', value->>'invocation_id', value->>'at',
         value->>'level', value->>'message', value->>'data' FROM json_each(?)`,
    )
    .bind(JSON.stringify(lines));
  return [statement];
}

/** Columns of a list; a trace has some kilobytes and is asked for alone. */
const LISTED = `id, plugin_id, version, at, kind, name, status, duration_ms, fuel, peak_bytes, host_calls, requests,
  bytes_in, bytes_out, error, outside, trace->>'place' AS place`;

/** A plugin's invocations older than the cursor, newest first. */
export async function listInvocations(
  db: D1Database,
  plugin: string,
  before: string | undefined,
  limit: number,
): Promise<readonly ListedInvocation[]> {
  const { results } = await db
    .prepare(`SELECT ${LISTED} FROM _host_invocations WHERE plugin_id = ? AND id < ? ORDER BY id DESC LIMIT ?`)
    .bind(plugin, before ?? "~", limit)
    .all<ListedInvocation>();
  return results;
}

/** One invocation of a plugin, with its trace. */
export async function getInvocation(
  db: D1Database,
  plugin: string,
  id: string,
): Promise<(ListedInvocation & Pick<InvocationRow, "trace">) | null> {
  return db
    .prepare(`SELECT ${LISTED}, trace FROM _host_invocations WHERE plugin_id = ? AND id = ?`)
    .bind(plugin, id)
    .first();
}

/** A plugin's log lines older than the cursor, newest first. */
export async function listLogs(
  db: D1Database,
  plugin: string,
  before: string | undefined,
  limit: number,
): Promise<readonly LogRow[]> {
  const { results } = await db
    .prepare("SELECT * FROM _host_logs WHERE plugin_id = ? AND id < ? ORDER BY id DESC LIMIT ?")
    .bind(plugin, before ?? "~", limit)
    .all<LogRow>();
  return results;
}

/** How a plugin did since a time. */
export interface Health {
  readonly plugin_id: string;
  readonly invocations: number;
  readonly failures: number;
  /** Of the last that failed; null where its row was written ahead and nothing came after. */
  readonly last_error: string | null;
  readonly last_outside: string | null;
}

/** How every plugin did since a time. What started before `unfinishedBefore` and has not ended has failed. */
export async function readHealth(
  db: D1Database,
  { since, unfinishedBefore }: { readonly since: string; readonly unfinishedBefore: string },
): Promise<ReadonlyMap<string, Health>> {
  const { results } = await db
    .prepare(
      // SQLite takes the bare columns of the row that holds the max().
      `SELECT plugin_id, count(*) AS invocations, sum(failed) AS failures,
         max(CASE WHEN failed THEN id END) AS last_failed, error AS last_error, outside AS last_outside
       FROM (SELECT *, status <> 'ok' AND (status <> 'started' OR at < ?2) AS failed FROM _host_invocations WHERE at >= ?1)
       GROUP BY plugin_id`,
    )
    .bind(since, unfinishedBefore)
    .all<Health>();
  return new Map(results.map((row) => [row.plugin_id, row]));
}

/** Removes everything recorded of a plugin. */
export function deleteRecords(db: D1Database, plugin: string): readonly D1PreparedStatement[] {
  return ["_host_invocations", "_host_logs", "_host_runs", "_host_idempotency"].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE plugin_id = ?`).bind(plugin),
  );
}

/** Forgets what is older than a time. */
export function pruneRecords(db: D1Database, before: string): readonly D1PreparedStatement[] {
  return [
    db.prepare("DELETE FROM _host_invocations WHERE at < ?").bind(before),
    db.prepare("DELETE FROM _host_logs WHERE at < ?").bind(before),
    db.prepare("DELETE FROM _host_runs WHERE coalesce(started_at, due_at) < ?").bind(before),
  ];
}

/** Characters of JSON in one parameter: at 2 to 4 bytes each well below the 2 MB D1 takes. */
const PART_CHARS = 400_000;

/** Rows as JSON arrays that each fit one parameter. */
function inParts(rows: readonly (InvocationRow | LogRow)[]): readonly string[] {
  const parts: string[][] = [];
  let chars = PART_CHARS;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (chars + text.length > PART_CHARS) {
      parts.push([]);
      chars = 0;
    }
    parts.at(-1)!.push(text);
    chars += text.length;
  }
  return parts.map((part) => `[${part.join(",")}]`);
}
