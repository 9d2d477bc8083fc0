/** How does a Worker become empty again without a new database? Rows, keys and objects go; tables and seeds stay. */
import type { TargetEnv } from "./target.ts";

/** Tables whose rows come from migrations. */
const SEEDED = new Set(["_emdash_collections", "_emdash_fields", "_host_state", "d1_migrations"]);

/** Empties the bindings. The generation goes on counting, so that no isolate takes the new state for one it has seen. */
export async function emptyBindings({ DB, CACHE, BUNDLES }: TargetEnv): Promise<void> {
  const { results } = await DB.prepare("SELECT type, name, sql FROM sqlite_master").all<{
    type: string;
    name: string;
    sql: string | null;
  }>();
  const triggers = results.filter((row) => row.type === "trigger");
  const tables = results.filter(
    (row) =>
      row.type === "table" && !SEEDED.has(row.name) && !row.name.startsWith("_cf_") && !row.name.startsWith("sqlite_"),
  );
  await DB.batch([
    // The audit refuses to forget anything; only dropping its triggers helps.
    ...triggers.map((row) => DB.prepare(`DROP TRIGGER "${row.name}"`)),
    ...tables.map((row) => DB.prepare(`DELETE FROM "${row.name}"`)),
    ...triggers.map((row) => DB.prepare(row.sql!)),
    DB.prepare("UPDATE _host_state SET generation = generation + 1"),
  ]);
  const [{ keys }, { objects }] = await Promise.all([CACHE.list(), BUNDLES.list()]);
  await Promise.all([
    ...keys.map((key) => CACHE.delete(key.name)),
    ...objects.map((object) => BUNDLES.delete(object.key)),
  ]);
}
