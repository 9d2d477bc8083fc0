/** Which tables does a plugin have between two of its migrations, and which names may it give? */
import type { Name } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { MIGRATION_LIMITS, SQL_LIMITS } from "./limits.ts";
import { foldName, isNobodys, isPlainName, isReserved } from "./names.ts";
import type { OwnTable } from "./policy.ts";
import { fault, type Fault } from "./refusal.ts";
import type { Edit } from "./render.ts";

/** A table, and how many columns of it are known. */
export interface KnownTable extends OwnTable {
  readonly columns: number;
}

/** The tables at one moment, and how names are given. */
export interface Schema {
  /** By folded name. */
  readonly tables: ReadonlyMap<string, KnownTable>;
  /** The physical name for a new table or an index. */
  readonly give: (name: Name) => Result<string, Fault>;
}

/** What decides about names. */
export interface NamingOptions {
  /** Names of core tables, which no own table may have. */
  readonly core: ReadonlySet<string>;
  readonly toPhysical: (name: string) => string;
}

/** A definition that may run. */
export interface Definition {
  readonly edits: readonly Edit[];
  /** The tables afterwards. */
  readonly tables: Schema["tables"];
  /** Physical names it gives. */
  readonly given: readonly string[];
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;

/** Gives physical names for the author's. A `toPhysical` that gives a name which cannot be granted throws. */
export function createNaming({ core, toPhysical }: NamingOptions): Schema["give"] {
  const taken = new Set([...core].map(foldName));
  return (name) => {
    const { span, text } = name;
    if (!NAME.test(text) || text.length > SQL_LIMITS.nameChars) {
      const expected = `a letter, then letters, digits and _, at most ${SQL_LIMITS.nameChars}`;
      return fail(fault("name", span, `"${text}" is no name for a table or an index`, `Expected ${expected}.`));
    }
    if (isReserved(text) || isNobodys(text) || taken.has(foldName(text))) {
      const what = `the name "${text}" is kept for the host or for SQLite`;
      return fail(fault("name", span, what, "Choose another; the host puts its own prefix before it in any case."));
    }
    const physical = toPhysical(foldName(text));
    if (!isPlainName(physical) || isNobodys(physical)) {
      throw new Error(`toPhysical("${text}") gave ${JSON.stringify(physical)}, which is no plain name or the host's`);
    }
    return ok(physical);
  };
}

/** The tables FTS5 makes for one of its own. */
const SHADOWS = ["data", "idx", "content", "docsize", "config"];

/** Why a new table may not be called so beside those that are there. */
export function refuseNew({ span, text }: Name, { tables }: Schema, kind: "plain" | "full-text"): Fault | undefined {
  const folded = foldName(text);
  if (tables.has(folded)) return fault("name", span, `there is a table "${text}" already`, "Choose another name.");
  const owner = [...tables.values()].find(
    ({ name, isFullText }) => isFullText && SHADOWS.some((shadow) => folded === `${foldName(name)}_${shadow}`),
  );
  const hidden = kind === "full-text" ? SHADOWS.find((shadow) => tables.has(`${folded}_${shadow}`)) : undefined;
  if (!owner && !hidden) return undefined;
  const what = `FTS5 needs the name "${owner ? text : `${text}_${hidden}`}" for a table of its own`;
  return fault("name", span, what, "Choose another name for one of them.");
}

/** The own table of a name. */
export function findOwn({ span, text }: Name, { tables }: Schema): Result<KnownTable, Fault> {
  const table = tables.get(foldName(text));
  if (table) return ok(table);
  const names = [...tables.values()].map(({ name }) => name).join(", ") || "none";
  const what = `table "${text}" is no table of the plugin`;
  return fail(fault("table", span, what, `Own tables at this point: ${names}. Migrations touch no others.`));
}

/** The tables with another one. Its cap is looked at here, for every way to make one. */
export function withTable(tables: Schema["tables"], table: KnownTable, at: Name): Result<Schema["tables"], Fault> {
  const next = new Map(tables).set(foldName(table.name), table);
  if (next.size <= MIGRATION_LIMITS.tables) return ok(next);
  const what = `the plugin would have more than ${MIGRATION_LIMITS.tables} tables`;
  return fail(fault("limit", at.span, what, "Put what belongs together in one table."));
}
