/** What does SQLite itself say a statement touches? It is prepared over the whole database, with SQLite's authorizer listening. */
import sqlite from "@sqlite.org/sqlite-wasm";
import type { CheckedStatement } from "../../host/sql/check-statement.ts";
import { POLICY, SCHEMA, SEED } from "./policy.ts";

/** What SQLite made of a statement: it refused it, it did what was allowed, or it did something else. */
export type Opinion =
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "agreed" }
  | { readonly kind: "disagreed"; readonly about: readonly string[] };

/** SQLite, asked about statements that the guard let through. */
export interface Oracle {
  ask(statement: CheckedStatement): Opinion;
  /** Runs a statement and says why it fails, or undefined. For what the guard gave as a text. */
  run(text: string): string | undefined;
  close(): void;
}

interface Action {
  readonly code: number;
  readonly first: string;
  readonly second: string;
}

// Kept apart from the guard's own list on purpose.
const FUNCTIONS = new Set(
  `abs char coalesce concat concat_ws glob hex ifnull iif if instr length like lower ltrim max min nullif octet_length
  printf format quote random replace round rtrim sign substr substring trim typeof unhex unicode upper
  avg count group_concat string_agg sum total row_number rank dense_rank percent_rank cume_dist ntile lag lead
  first_value last_value nth_value date time datetime julianday unixepoch strftime timediff
  acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod pi pow power
  radians sin sinh sqrt tan tanh trunc json json_array json_array_length json_extract json_insert json_object json_patch
  json_quote json_remove json_replace json_set json_type json_valid json_group_array json_group_object -> ->>
  match bm25 highlight snippet current_date current_time current_timestamp`.split(/\s+/),
);

/** Opens it. */
export async function createOracle(): Promise<Oracle> {
  const { capi, oo1 } = await sqlite();
  const db = new oo1.DB(":memory:");
  for (const statement of [...SCHEMA, ...SEED]) db.exec(statement);
  const actions: Action[] = [];
  capi.sqlite3_set_authorizer(
    db.pointer!,
    (_context, code, first, second) => {
      actions.push({ code, first: first || "", second: second || "" });
      return 0;
    },
    0,
  );

  const listen = (text: string): readonly Action[] => {
    actions.length = 0;
    db.prepare(text).finalize();
    return [...actions];
  };
  // What the host's own selects read is allowed where they stand; no column at all where only rows are counted.
  const publicReads = new Map(
    [...POLICY.readable].map(([name, text]) => [
      name,
      new Set(
        listen(text).flatMap(({ code, first, second }) =>
          code === capi.SQLITE_READ ? [`${first}.${second}`, `${first}.`] : [],
        ),
      ),
    ]),
  );
  const own = new Map([...POLICY.own].map(([name, physical]) => [name, physical]));
  const physicals = [...own.values()];
  // The rows that FTS5 keeps are in tables of its own.
  const isOwn = (table: string) =>
    physicals.includes(table) || [...(POLICY.fullText ?? [])].some((name) => table.startsWith(`${own.get(name)}_`));

  const isAllowed = ({ code, first, second }: Action, { reads, writes }: CheckedStatement): boolean => {
    const writesTable = writes.some((name) => (own.get(name) ?? name) === first);
    switch (code) {
      case capi.SQLITE_SELECT:
      case capi.SQLITE_RECURSIVE:
        return true;
      case capi.SQLITE_FUNCTION:
        return FUNCTIONS.has(second.toLowerCase());
      case capi.SQLITE_READ:
        if (isOwn(first) || first.startsWith("_cte_") || first === "json_each" || first === "json_tree") return true;
        if (first === "" || (writesTable && POLICY.writable.has(first))) return true;
        return reads.some((name) => publicReads.get(name)?.has(`${first}.${second}`));
      case capi.SQLITE_INSERT:
      case capi.SQLITE_UPDATE:
      case capi.SQLITE_DELETE:
        // What a foreign key does goes to own tables as well.
        return writesTable || (writes.length > 0 && isOwn(first));
      default:
        return false;
    }
  };

  return {
    ask(checked) {
      actions.length = 0;
      let statement;
      try {
        statement = db.prepare(checked.text);
      } catch (error) {
        return { kind: "refused", why: error instanceof Error ? error.message : String(error) };
      }
      const about = actions
        .filter((action) => !isAllowed(action, checked))
        .map(({ code, first, second }) => `action ${code} on ${first}.${second}`);
      const pointer = statement.pointer!;
      if (capi.sqlite3_sql(pointer) !== checked.text) about.push("it ends before the text does");
      if ((capi.sqlite3_stmt_readonly(pointer) !== 0) !== checked.isSelect) about.push("one of both says it writes");
      if (capi.sqlite3_stmt_isexplain(pointer) !== 0) about.push("it is explained");
      if (statement.parameterCount !== checked.parameters) about.push(`it has ${statement.parameterCount} parameters`);
      if (statement.columnCount > 0 !== checked.returnsRows) about.push("one of both says it answers rows");
      statement.finalize();
      return about.length > 0 ? { kind: "disagreed", about } : { kind: "agreed" };
    },
    run(text) {
      try {
        db.exec(text);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    close: () => db.close(),
  };
}
