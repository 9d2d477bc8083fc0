/** Which migrations does a bundle bring? `migrations/*.sql`, in the order of their names. */
import { fail, ok, type Result } from "../result.ts";
import type { MigrationFile } from "../sql/migration-files.ts";
import type { BundleFiles } from "./unpack.ts";

/** The migrations, or the path of one that is not UTF-8. */
export function readMigrations(files: BundleFiles): Result<readonly MigrationFile[], string> {
  const paths = [...files.keys()].filter((path) => path.startsWith("migrations/")).toSorted();
  const migrations: MigrationFile[] = [];
  for (const path of paths) {
    try {
      const sql = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(files.get(path));
      migrations.push({ path, sql });
    } catch {
      return fail(path);
    }
  }
  return ok(migrations);
}
