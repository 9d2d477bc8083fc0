/**
 * May one statement of a migration run, and as which text? A definition, or a row put into an own table; what came out is
 * judged again by physical names alone.
 */
import { fail, ok, type Result } from "../result.ts";
import { checkRead } from "./check-statement.ts";
import { judgeDefinition } from "./definition.ts";
import { SQL_LIMITS } from "./limits.ts";
import type { Definition, Schema } from "./migration-schema.ts";
import { foldName } from "./names.ts";
import type { Book } from "./policy.ts";
import { readStatement, type Statement } from "./read.ts";
import { fault, START, type Fault } from "./refusal.ts";
import { renderTokens } from "./render.ts";

/** One that may run. */
export interface CheckedOne {
  readonly text: string;
  /** The tables after it. */
  readonly tables: Schema["tables"];
}

/** Checks it against the tables that are there by then. */
export function checkOne(statement: Statement, schema: Schema): Result<CheckedOne, Fault> {
  const { root, tokens } = statement;
  const definition = judgeDefinition(statement, schema);
  if (definition?.ok === false) return definition;
  if (definition) {
    const { text } = renderTokens(statement, definition.value.edits);
    const refused = refuseRewritten(text, definition.value, schema);
    return refused ? fail(refused) : ok({ text, tables: definition.value.tables });
  }
  const at = tokens[0]?.span ?? root.span;
  if (root.type !== "InsertStmt" && root.type !== "UpdateStmt" && root.type !== "DeleteStmt") {
    return fail(fault("statement", at, "this kind of statement has no place in a migration", EXPECTED));
  }
  const seeded = checkRead(statement, toBook(schema), undefined);
  if (!seeded.ok) return seeded;
  if (seeded.value.parameters > 0) {
    return fail(fault("parameters", at, "nobody binds parameters to a migration", "Write values as literals."));
  }
  return ok({ text: seeded.value.text, tables: schema.tables });
}

const EXPECTED =
  "Expected CREATE TABLE, CREATE INDEX, CREATE VIRTUAL TABLE ... USING fts5, ALTER TABLE, DROP TABLE, DROP INDEX, or INSERT, UPDATE, DELETE on own tables; no triggers, no views.";

/** Whether the text that came out says anything but what was allowed. */
// SECURITY: judged by physical names, of which it may give only those it was given; nothing of it may change again.
// (tests/sql/migrations.test.ts, "is judged again")
function refuseRewritten(text: string, { given }: Definition, { tables }: Schema): Fault | undefined {
  const read = readStatement(text, { bytes: SQL_LIMITS.rewrittenBytes, tokens: SQL_LIMITS.rewrittenBytes });
  if (!read.ok) return read.reason;
  const physical: Schema = {
    tables: new Map(
      [...tables.values()].map((table) => [foldName(table.physical), { ...table, name: table.physical }]),
    ),
    give: (name) =>
      given.includes(name.text) ? ok(name.text) : fail(fault("name", name.span, "it is another name", "")),
  };
  const second = judgeDefinition(read.value, physical);
  if (second?.ok === false) return second.reason;
  if (second && renderTokens(read.value, second.value.edits).text === text) return undefined;
  return fault("syntax", START, "it reads otherwise once names are put in", "Write it in a simpler way.");
}

function toBook({ tables }: Schema): Book {
  return { own: tables, readable: new Map(), writable: new Map() };
}
