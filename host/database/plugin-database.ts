/**
 * Which SQL may this plugin run? A policy of its own tables and of the core tables its manifest asks for, made once for a
 * version and kept with the statements that were checked against it; which of the core tables are granted is asked at
 * each call.
 */
import { requestedTargets } from "@bulkhead/sdk";
import type { ActivePlugin } from "../registry/active-plugin.ts";
import type { Result } from "../result.ts";
import { checkStatement, type CheckedStatement } from "../sql/check-statement.ts";
import type { SqlPolicy } from "../sql/policy.ts";
import type { SqlRefusal } from "../sql/refusal.ts";
import { readCollections } from "../store/d1/content/collections.ts";
import type { KnownColumns } from "../store/d1/plugin-sql.ts";
import { toCoreTables, type Sight } from "../store/d1/core-tables.ts";
import { readTableSizes, type TableSizes } from "../store/d1/stored-tables.ts";
import { DATABASE_LIMITS } from "./limits.ts";

/** A plugin's database, as far as it sees. */
export interface PluginDatabase {
  check(sql: string): Result<CheckedStatement, SqlRefusal>;
  /** Whether a table is the plugin's own. */
  isOwn(name: string): boolean;
  readonly columns: KnownColumns;
  /** How its own tables are measured. Asks the caller's database: what is kept here outlives the one it was made with. */
  readonly sizes: (db: D1Database) => Promise<TableSizes>;
}

interface Kept {
  readonly database: PluginDatabase;
  readonly madeAt: number;
}

/** By the version as it runs: that object is made anew with every change to plugins and grants. */
const kept = new WeakMap<ActivePlugin, Map<Sight, Kept>>();

/** The database of a plugin. The collections it is made of are at most a minute old. */
export async function openDatabase(
  plugin: ActivePlugin,
  sight: Sight,
  { db, now }: { readonly db: D1Database; readonly now: number },
): Promise<PluginDatabase> {
  const mine = kept.get(plugin) ?? new Map<Sight, Kept>();
  kept.set(plugin, mine);
  const known = mine.get(sight);
  if (known && now - known.madeAt < DATABASE_LIMITS.policyMs) return known.database;
  const reads = requestedTargets(plugin.manifest, "database:read") ?? [];
  const collections = reads.length === 0 ? [] : await readCollections(db);
  const policy: SqlPolicy = {
    own: new Map(plugin.tables.map(({ name, physical }) => [name, physical])),
    fullText: new Set(plugin.tables.flatMap(({ name, kind }) => (kind === "fts5" ? [name] : []))),
    readable: toCoreTables(reads, collections, sight),
    writable: new Set(requestedTargets(plugin.manifest, "database:write") ?? []),
  };
  const database = createDatabase(policy, (on) => readTableSizes(on, plugin.id));
  mine.set(sight, { database, madeAt: now });
  return database;
}

function createDatabase(policy: SqlPolicy, readSizes: (db: D1Database) => Promise<TableSizes>): PluginDatabase {
  const checked = new Map<string, Result<CheckedStatement, SqlRefusal>>();
  const columns: KnownColumns = new Map();
  let keptChars = 0;
  const own = new Set([...policy.own.keys()].map((name) => name.toLowerCase()));
  let sizes: TableSizes | undefined;
  return {
    // Kept as a value: a promise of one request may never resolve in another.
    sizes: async (db) => (sizes ??= await readSizes(db)),
    columns,
    isOwn: (name) => own.has(name.toLowerCase()),
    check(sql) {
      const known = checked.get(sql);
      if (known) return known;
      const result = checkStatement(sql, policy, { rowLimit: DATABASE_LIMITS.rows + 1 });
      const chars = sql.length + (result.ok ? result.value.text : result.reason.message).length;
      // SECURITY: a plugin that writes its values into the text would fill the isolate. (tests/host/kept-statements.source.test.ts)
      const isFull = checked.size >= DATABASE_LIMITS.keptStatements || keptChars + chars > DATABASE_LIMITS.keptChars;
      if (isFull) {
        checked.clear();
        columns.clear();
        keptChars = 0;
      }
      checked.set(sql, result);
      keptChars += chars;
      return result;
    },
  };
}
