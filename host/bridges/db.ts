/** `ctx.db`: SQL on the plugin's own tables and on granted tables of the site. What runs is what the guard has checked. */
import { z } from "zod";
import { fromBase64 } from "../crypto.ts";
import { DATABASE_LIMITS } from "../database/limits.ts";
import { openDatabase, type PluginDatabase } from "../database/plugin-database.ts";
import type { CheckedStatement } from "../sql/check-statement.ts";
import { SQL_LIMITS } from "../sql/limits.ts";
import { refuseValues } from "../sql/parameters.ts";
import { runStatements, TOO_LARGE, type SqlAnswer, type TableRoom } from "../store/d1/plugin-sql.ts";
import type { Sight } from "../store/d1/core-tables.ts";
import type { TableSizes } from "../store/d1/stored-tables.ts";
import { ELSEWHERE, type StoredChange } from "../usage/stored-change.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";

const value = z.union([
  z
    .string()
    .max(DATABASE_LIMITS.valueChars, `Expected at most ${DATABASE_LIMITS.valueChars} characters in one bound text`),
  z.number(),
  z.null(),
  z.boolean().transform(Number),
  z
    .strictObject({ base64: z.base64().max(Math.ceil(DATABASE_LIMITS.valueChars / 3) * 4) })
    .transform(({ base64 }) => fromBase64(base64)),
]);
const statementSchema = z.strictObject({
  sql: z.string().max(SQL_LIMITS.bytes, `Expected at most ${SQL_LIMITS.bytes} bytes of SQL`),
  params: z.array(value).max(SQL_LIMITS.parameters, `Expected at most ${SQL_LIMITS.parameters} bound values`),
});
type Statement = z.output<typeof statementSchema>;

/** Words without which no SQL changes a row; they may stand in one that reads, which then waits for the same quota. */
const WRITING = /\b(insert|update|delete|replace)\b/i;
/** What may make a table larger. */
const ADDING = /\b(insert|update|replace)\b/i;

function check(database: PluginDatabase, { sql, params }: Statement): CheckedStatement {
  const checked = database.check(sql);
  if (!checked.ok) throw new BridgeError("INVALID_ARGUMENT", checked.reason.message);
  const refused = refuseValues(checked.value, params);
  if (refused) throw new BridgeError("INVALID_ARGUMENT", refused.message);
  // SECURITY: what a write answers is held whole before anybody sees how much it is. (tests/host/db.test.ts, "answers of writes")
  if (checked.value.returning === "unbounded") {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      "Cannot run SQL: RETURNING is for an INSERT of one row, and for its columns as they are. Read others with a SELECT in the same batch.",
    );
  }
  return checked.value;
}

async function assertTables(
  call: BridgeCall,
  database: PluginDatabase,
  { statements, sight }: { readonly statements: readonly CheckedStatement[]; readonly sight: Sight },
): Promise<void> {
  const of = (pick: (statement: CheckedStatement) => readonly string[]): ReadonlySet<string> =>
    new Set(statements.flatMap(pick).filter((name) => !database.isOwn(name)));
  // SECURITY: the manifest asks, the grant gives; both are needed for each table of the site. (tests/host/db.test.ts, "a table of the site")
  const reads = of((statement) => statement.reads);
  for (const target of reads) await call.gate.assert({ capability: "database:read", target });
  // Asked before, to see how much they see; this is the use of it. (tests/host/db.test.ts, "counts as a use")
  if (sight === "drafts" && reads.size > 0) await call.gate.assert({ capability: "database:drafts" });
  for (const target of of(({ writes }) => writes)) await call.gate.assert({ capability: "database:write", target });
}

async function run(call: BridgeCall, statements: readonly Statement[]): Promise<readonly SqlAnswer[]> {
  const { services, plugin, gate } = call;
  const sight = (await gate.has("database:drafts")) ? "drafts" : "published";
  const database = await openDatabase(plugin, sight, { db: services.db, now: services.now().getTime() });
  const checked = statements.map((statement) => check(database, statement));
  if (checked.filter(({ returning }) => returning === "one").length > DATABASE_LIMITS.returning) {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      `Cannot run SQL: at most ${DATABASE_LIMITS.returning} statements of a batch may have RETURNING.`,
    );
  }
  await assertTables(call, database, { statements: checked, sight });
  const room = await findRoom(call, database, checked);
  const runnable = checked.map((statement, index) => {
    return { ...statement, params: statements[index]!.params, rowBytes: rowBytesOf(statement, room) };
  });
  const answers = await runStatements(services.sql, runnable, {
    known: database.columns,
    maxChars: DATABASE_LIMITS.resultChars,
    maxRows: DATABASE_LIMITS.rows + 1,
    room,
  });
  if (!answers.ok && answers.reason.message === TOO_LARGE) {
    throw new BridgeError(
      "QUOTA_EXCEEDED",
      `Cannot run SQL: the plugin's tables would have more than ${room?.mostBytes} bytes (quota bytesStored). Nothing was changed. Delete rows first.`,
    );
  }
  if (!answers.ok) throw new BridgeError("FAILED", withAuthorsNames(call, answers.reason.message));
  const grown = answers.value.reduce((sum, { meta }, index) => sum + meta.changes * runnable[index]!.rowBytes, 0);
  if (grown > 0) call.storage.grew(grown);
  const tooMany = answers.value.find(({ rows }) => rows.length > DATABASE_LIMITS.rows);
  if (tooMany) {
    throw new BridgeError(
      "INVALID_ARGUMENT",
      `Cannot run SQL: the result has more than ${DATABASE_LIMITS.rows} rows. Add a LIMIT and read page by page.`,
    );
  }
  return answers.value;
}

/**
 * How large the plugin's tables may become; undefined where no statement adds to them. SECURITY: what a statement adds shows
 * only when it has run, so it is looked at within the transaction. (tests/host/usage-stored.source.test.ts, "one statement that makes rows grow")
 */
async function findRoom(
  { storage, services }: BridgeCall,
  database: PluginDatabase,
  statements: readonly CheckedStatement[],
): Promise<(TableRoom & TableSizes) | undefined> {
  if (statements.every(({ growth }) => growth === "none")) return undefined;
  const { mostBytes } = storage;
  const uncountedBytes = Math.min(mostBytes * DATABASE_LIMITS.uncountedShare, storage.leftBytes());
  return { ...(await database.sizes(services.db)), mostBytes, uncountedBytes };
}

/** What a row may grow by that the call's own values do not say; 0 where they say it all. */
function rowBytesOf({ growth }: CheckedStatement, room: TableSizes | undefined): number {
  return growth === "free" || (growth === "values" && room?.isComputed === true) ? DATABASE_LIMITS.rowBytes : 0;
}

function withAuthorsNames({ plugin }: BridgeCall, message: string): string {
  return plugin.tables.reduce((text, { physical, name }) => text.replaceAll(physical, name), message);
}

/**
 * A row for each statement that may add one, with the bytes of its text and values; how many it really adds is known when the tables
 * are measured. SECURITY: who only deletes is never refused, and so makes room. (tests/host/usage-stored.source.test.ts, "of its own tables")
 */
function toStored(statements: readonly Statement[]): StoredChange | undefined {
  if (!statements.some(({ sql }) => WRITING.test(sql))) return undefined;
  const puts = statements
    .filter(({ sql }) => ADDING.test(sql))
    .map(({ sql, params }, index) => ({
      id: String(index),
      bytes: params.reduce<number>((sum, value) => sum + sizeOf(value), sql.length),
    }));
  return { collection: ELSEWHERE, puts };
}

function sizeOf(value: Statement["params"][number]): number {
  if (typeof value === "string") return new TextEncoder().encode(value).byteLength;
  return value instanceof Uint8Array ? value.byteLength : 8;
}

/** The bridge methods of `ctx.db`. */
export const dbMethods = [
  defineMethod({
    name: "db.batch",
    capability: "database:own",
    summary: "Runs statements in one transaction, all or none; a prepared statement is a batch of one.",
    args: z.tuple([
      z
        .array(statementSchema)
        .min(1, "Expected at least one statement")
        .max(DATABASE_LIMITS.statements, `Expected at most ${DATABASE_LIMITS.statements} statements in one batch`),
    ]),
    kind: "data",
    writes: (statements) => statements.some(({ sql }) => WRITING.test(sql)),
    cost: (statements) => statements.length,
    stores: toStored,
    // Also to find what it changes.
    draws: ["rowsRead"],
    handler: run,
  }),
];
