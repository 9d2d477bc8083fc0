#!/usr/bin/env node
/** `bulkhead migrations`: writes the host's migrations for an application that mounts it in its own Worker. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { toHostMigration } from "./host-migrations.ts";

const USAGE = `Usage: bulkhead migrations [--prefix plugins_] [--out migrations]

Writes the tables of the plugin host, for wrangler d1 migrations apply.
  --prefix  beginning of their names (default plugins_); give createServices the same tablePrefix
  --out     folder, made where it is missing (default migrations)
Files that are there already stay as they are: a migration that has run never changes.`;

async function writeMigrations(folder: string, prefix: string): Promise<void> {
  const source = join(import.meta.dirname, "migrations");
  await mkdir(folder, { recursive: true });
  for (const name of (await readdir(source)).toSorted()) {
    const sql = toHostMigration(await readFile(join(source, name), "utf8"), prefix);
    if (sql.trim() === "") continue;
    const path = join(folder, name.replace(/^(\d+)_/, "$1_bulkhead_"));
    try {
      await writeFile(path, `${sql}\n`, { flag: "wx" });
      console.log(`wrote ${path}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      console.log(`kept  ${path}`);
    }
  }
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      prefix: { type: "string", default: "plugins_" },
      out: { type: "string", default: "migrations" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help || positionals.join(" ") !== "migrations") {
    console.log(USAGE);
    process.exitCode = values.help ? 0 : 1;
  } else await writeMigrations(values.out, values.prefix);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
