/** Which files are a plugin's migrations? Numbered upwards, each number once, not too many and not too large. */
import { MIGRATION_LIMITS } from "./limits.ts";
import { byteLength } from "./read.ts";
import { fault, START, type Fault } from "./refusal.ts";

/** One file of `migrations/`. */
export interface MigrationFile {
  /** Such as `migrations/0001_items.sql`. */
  readonly path: string;
  readonly sql: string;
}

const PATH = /^migrations\/\d{4}_[A-Za-z0-9_-]+\.sql$/;
const NUMBERED = "migrations/0001".length;

/** The first file that is unfit, and why. */
export function refuseFiles(
  files: readonly MigrationFile[],
): { readonly path: string; readonly fault: Fault } | undefined {
  let total = 0;
  let before = "";
  for (const [index, { path, sql }] of files.entries()) {
    const refuse = (code: Fault["code"], what: string, fix: string) => ({ path, fault: fault(code, START, what, fix) });
    if (index === MIGRATION_LIMITS.files) {
      return refuse("limit", `there are more than ${MIGRATION_LIMITS.files} files`, "Put several in one.");
    }
    if (!PATH.test(path)) return refuse("name", "it has another name", "Expected migrations/0001_words.sql.");
    // Two files of one number would run in an order nobody said.
    if (path.slice(0, NUMBERED) <= before) {
      return refuse("name", "it does not come after the file before it", "Number files upwards, each number once.");
    }
    before = path.slice(0, NUMBERED);
    total += byteLength(sql);
    if (total > MIGRATION_LIMITS.totalBytes) {
      const what = `all files together have more than ${MIGRATION_LIMITS.totalBytes} bytes`;
      return refuse("limit", what, "Fill tables from the plugin's code.");
    }
  }
  return undefined;
}
