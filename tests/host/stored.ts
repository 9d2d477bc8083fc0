/** What has the host stored, anywhere? One value to compare before and after. */
import { target } from "#target";
import { rows } from "./client.ts";

/** Tables that tell what plugins did, whatever came of it. */
const RECORDS = ["_host_invocations", "_host_logs", "_host_usage", "_host_denials", "_host_meters"];

/** The same, without the records of what plugins did. */
export async function everythingBesidesRecords(): Promise<Readonly<Record<string, unknown>>> {
  const all = await everything();
  return Object.fromEntries(Object.entries(all).filter(([name]) => !RECORDS.includes(name)));
}

/** Every row of every table as SQL literals, every object's key and every key of KV. */
export async function everything(): Promise<Readonly<Record<string, unknown>>> {
  const columns = await rows<{ name: string; column: string }>(
    `SELECT m.name AS name, c.name AS "column" FROM sqlite_master m, pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_cf_%' ORDER BY m.name, c.cid`,
  );
  const tables = [...Map.groupBy(columns, ({ name }) => name)].map(
    ([name, found]) =>
      `(SELECT group_concat(${found.map(({ column }) => `quote("${column}")`).join(" || ',' || ")}, char(10)) FROM "${name}") AS "${name}"`,
  );
  const [contents] = await rows(`SELECT ${tables.join(", ")}`);
  const [{ objects }, { keys }] = await Promise.all([target.env.BUNDLES.list(), target.env.CACHE.list()]);
  return { ...contents, objects: objects.map(({ key }) => key), keys: keys.map(({ name }) => name) };
}
