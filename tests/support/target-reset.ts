/** How does a Worker become empty again without a new database? Rows, keys and objects go; tables and seeds stay. */
import type { TargetEnv } from "./target.ts";

/** Tables whose rows come from migrations. */
const SEEDED = new Set([
  "_emdash_collections",
  "_emdash_fields",
  "_emdash_taxonomy_defs",
  "_host_state",
  "d1_migrations",
]);

let script: string | undefined;

/** Empties the bindings. The generation goes on counting, so that no isolate takes the new state for one it has seen. */
export async function emptyBindings({ DB, CACHE, BUNDLES }: TargetEnv): Promise<void> {
  script ??= await writeScript(DB);
  const [{ keys }, { objects }, { results: own }] = await Promise.all([
    CACHE.list(),
    BUNDLES.list(),
    DB.prepare("SELECT physical FROM _host_tables").all<{ physical: string }>(),
  ]);
  // One call: bindings of the built Worker are far away.
  await DB.exec([...own.map(({ physical }) => `DROP TABLE IF EXISTS "${physical}";`), script].join("\n"));
  await Promise.all([
    ...keys.map((key) => CACHE.delete(key.name)),
    ...objects.map((object) => BUNDLES.delete(object.key)),
  ]);
}

async function writeScript(DB: D1Database): Promise<string> {
  const { results } = await DB.prepare("SELECT type, name, sql FROM sqlite_master").all<{
    type: string;
    name: string;
    sql: string | null;
  }>();
  const triggers = results.filter((row) => row.type === "trigger");
  const tables = results
    .filter(({ type, name }) => type === "table" && !SEEDED.has(name) && !/^(_cf_|sqlite_|p_)/.test(name))
    // The youngest first: they refer to the older ones.
    .toReversed();
  return [
    // The audit refuses to forget anything; only dropping its triggers helps.
    ...triggers.map((row) => `DROP TRIGGER IF EXISTS "${row.name}";`),
    ...tables.map((row) => `DELETE FROM "${row.name}";`),
    ...triggers.map((row) => `${row.sql!.replaceAll("\n", " ")};`),
    "UPDATE _host_state SET generation = generation + 1;",
  ].join("\n");
}
