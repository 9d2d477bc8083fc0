/** How much does an isolate keep of the SQL that a plugin was checked for? Up to a number of statements and of characters. */
import { env } from "cloudflare:workers";
import { parseManifest } from "@bulkhead/sdk";
import { describe, expect, it } from "vitest";
import { DATABASE_LIMITS } from "../../host/database/limits.ts";
import { openDatabase } from "../../host/database/plugin-database.ts";
import type { ActivePlugin } from "../../host/registry/active-plugin.ts";

/** The database of a plugin that nobody has opened before. */
async function open() {
  const parsed = parseManifest({ id: "own", version: "1.0.0", bulkhead: { database: {} } });
  if (!parsed.ok) throw new Error("The manifest is not valid.");
  const { manifest } = parsed;
  const plugin: ActivePlugin = {
    id: "own",
    version: "1.0.0",
    digest: "d",
    manifest,
    exports: { hooks: [], routes: [] },
    signature: null,
    grants: [],
    tables: [{ plugin_id: "own", name: "items", physical: "p_own_items", kind: "table" }],
  };
  return openDatabase(plugin, "published", { db: env.DB, now: Date.now() });
}
/** A statement that is about so long, and so is what comes of it. */
const statement = (n: number, chars = 0) => `SELECT ${n}, '${"x".repeat(chars)}' FROM items LIMIT 1`;

describe("a checked statement is kept", () => {
  it("and not checked again, refused or not", async () => {
    const database = await open();
    for (const sql of [statement(1), "DROP TABLE items"]) expect(database.check(sql)).toBe(database.check(sql));
  });

  it("up to a number of them, and not one more", async () => {
    const database = await open();
    const first = database.check(statement(0));
    for (let n = 1; n < DATABASE_LIMITS.keptStatements; n += 1) database.check(statement(n));
    expect(database.check(statement(0))).toBe(first);
    database.check(statement(DATABASE_LIMITS.keptStatements));
    expect(database.check(statement(0))).not.toBe(first);
  });

  it("up to a number of characters, with what came of them", async () => {
    const database = await open();
    const first = database.check(statement(0));
    const chars = 10_000;
    const fit = Math.floor(DATABASE_LIMITS.keptChars / (2 * chars)) - 1;
    for (let n = 1; n <= fit; n += 1) expect(database.check(statement(n, chars))).toMatchObject({ ok: true });
    expect(database.check(statement(0))).toBe(first);
    database.columns.set(statement(0), ["x"]);
    for (let n = fit + 1; n <= fit + 2; n += 1) database.check(statement(n, chars));
    expect(database.check(statement(0))).not.toBe(first);
    expect(database.columns.size).toBe(0);
  });
});
