/** Which files does an application that mounts the host get? The host's migrations, under its prefix; what is there stays. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHostMigration } from "./host-migrations.ts";

/** Writes them, and tells of each. */
export async function writeMigrations(folder: string, prefix: string): Promise<void> {
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
