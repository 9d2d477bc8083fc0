/**
 * May a statement of a migration make or change a table, and how does it read then? Tables, indexes and FTS5 tables of the
 * plugin's own; no triggers and views, and nothing that names another's table.
 */
import type {
  AlterTableStmt,
  CreateIndexStmt,
  CreateTableStmt,
  DropIndexStmt,
  DropTableStmt,
  Name,
  QualifiedName,
} from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { readParts } from "./definition-parts.ts";
import { createFullTextTable } from "./full-text-table.ts";
import { MIGRATION_LIMITS } from "./limits.ts";
import { findOwn, refuseNew, withTable, type Definition, type Schema } from "./migration-schema.ts";
import { foldName, quoteName } from "./names.ts";
import type { Statement } from "./read.ts";
import { fault, type Fault } from "./refusal.ts";
import { replace, type Edit } from "./render.ts";
import { refuseSchema } from "./resolve.ts";

/** Judges a definition. Undefined where the statement is none that plugins may write. */
export function judgeDefinition(statement: Statement, schema: Schema): Result<Definition, Fault> | undefined {
  const { root } = statement;
  switch (root.type) {
    case "CreateTableStmt":
      return createTable(root, schema);
    case "CreateIndexStmt":
      return createIndex(root, schema);
    case "AlterTableStmt":
      return alterTable(root, schema);
    case "DropTableStmt":
      return dropTable(root, schema);
    case "DropIndexStmt":
      return dropIndex(root, schema);
    case "CreateVirtualTableStmt":
      return createFullTextTable(statement, root, schema);
    default:
      return undefined;
  }
}

function createTable(root: CreateTableStmt, schema: Schema): Result<Definition, Fault> {
  const { objName } = root.tblName;
  if (root.temporary)
    return fail(fault("feature", root.span, "a temporary table is gone with its connection", "Leave TEMP out."));
  const refused = refuseSchema(root.tblName) ?? refuseNew(objName, schema, "plain");
  if (refused) return fail(refused);
  const given = schema.give(objName);
  if (!given.ok) return given;
  const defined = { name: objName.text, physical: given.value };
  const parts = readParts(root, defined, schema);
  if (!parts.ok) return parts;
  const columns = root.body.type === "ColumnsAndConstraintsCreateTableBody" ? root.body.columns.length : 0;
  const tooMany = refuseColumns(columns, objName);
  if (tooMany) return fail(tooMany);
  const tables = withTable(schema.tables, { ...defined, isFullText: false, isSearched: false, columns }, objName);
  if (!tables.ok) return tables;
  return ok({ edits: [named(root.tblName, given.value), ...parts.value], tables: tables.value, given: [given.value] });
}

function createIndex(root: CreateIndexStmt, schema: Schema): Result<Definition, Fault> {
  const { idxName, tblName } = root;
  const table = findOwn(tblName, schema);
  if (!table.ok) return table;
  const refused = refuseSchema(idxName) ?? refuseNew(idxName.objName, schema, "plain");
  if (refused) return fail(refused);
  const given = schema.give(idxName.objName);
  if (!given.ok) return given;
  const parts = readParts(root, table.value, schema);
  if (!parts.ok) return parts;
  const on = replace(tblName.span, tblName.span, quoteName(table.value.physical));
  return ok({ edits: [named(idxName, given.value), on, ...parts.value], tables: schema.tables, given: [given.value] });
}

function alterTable(root: AlterTableStmt, schema: Schema): Result<Definition, Fault> {
  const { tblName, body } = root;
  const found = refuseSchema(tblName);
  if (found) return fail(found);
  const table = findOwn(tblName.objName, schema);
  if (!table.ok) return table;
  const parts = readParts(root, table.value, schema);
  if (!parts.ok) return parts;
  const edits = [named(tblName, table.value.physical), ...parts.value];
  const { tables } = schema;
  const key = foldName(table.value.name);
  if (body.type === "RenameToAlterTableBody") {
    const { name } = body;
    const refused = refuseNew(name, schema, table.value.isFullText ? "full-text" : "plain");
    if (refused) return fail(refused);
    const given = schema.give(name);
    if (!given.ok) return given;
    const next = new Map(tables);
    next.delete(key);
    next.set(foldName(name.text), { ...table.value, name: name.text, physical: given.value });
    edits.push(replace(name.span, name.span, quoteName(given.value)));
    return ok({ edits, tables: next, given: [given.value] });
  }
  if (body.type !== "AddColumnAlterTableBody") return ok({ edits, tables, given: [] });
  const columns = table.value.columns + 1;
  const tooMany = refuseColumns(columns, body.column.colName);
  if (tooMany) return fail(tooMany);
  return ok({ edits, tables: new Map(tables).set(key, { ...table.value, columns }), given: [] });
}

function dropTable(root: DropTableStmt, schema: Schema): Result<Definition, Fault> {
  const refused = refuseSchema(root.tblName);
  if (refused) return fail(refused);
  const table = findOwn(root.tblName.objName, schema);
  if (!table.ok) return table;
  const tables = new Map(schema.tables);
  tables.delete(foldName(table.value.name));
  return ok({ edits: [named(root.tblName, table.value.physical)], tables, given: [] });
}

/** Indexes are not in the schema: what a plugin's names are given can be nobody else's. */
function dropIndex(root: DropIndexStmt, schema: Schema): Result<Definition, Fault> {
  const { idxName } = root;
  const refused = refuseSchema(idxName) ?? refuseNew(idxName.objName, schema, "plain");
  if (refused) return fail(refused);
  const given = schema.give(idxName.objName);
  if (!given.ok) return given;
  return ok({ edits: [named(idxName, given.value)], tables: schema.tables, given: [given.value] });
}

function refuseColumns(count: number, at: Name): Fault | undefined {
  if (count <= MIGRATION_LIMITS.columns) return undefined;
  const what = `the table would have more than ${MIGRATION_LIMITS.columns} columns`;
  return fault("limit", at.span, what, "Put some of them in a JSON column or in another table.");
}

function named({ dbName, objName }: QualifiedName, physical: string): Edit {
  return replace((dbName ?? objName).span, objName.span, `main.${quoteName(physical)}`);
}
