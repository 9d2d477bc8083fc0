/**
 * How does a host share a database with an application whose tables it must not meet? Its statements say `_host_` and
 * `_plugin_`; here they become the prefix the application chose. What plugins wrote never passes here: see `Services.sql`.
 */

/** The prefix of the host's own tables where nothing is said. */
export const TABLE_PREFIX = "_host_";

const PREFIX = /^[a-z][a-z0-9_]{0,30}_$/;
/** What names of others begin with: SQLite's, Cloudflare's, EmDash's, and plugins' own tables. */
const TAKEN = /^(sqlite|d1|ec|p)_/;
const OWN_NAME = /\b_(host|plugin)_(?=[a-z])/g;

/** The statement, or the file of statements, with the host's own names under the prefix. */
export function toPrefixed(sql: string, prefix: string): string {
  return sql.replace(OWN_NAME, (_, which: string) => (which === "host" ? prefix : `${prefix}plugin_`));
}

/** Throws for a prefix under which the host's tables could be taken for somebody else's. */
export function assertTablePrefix(prefix: string): void {
  if (prefix === TABLE_PREFIX || (PREFIX.test(prefix) && !TAKEN.test(prefix))) return;
  throw new Error(
    `Cannot use the table prefix "${prefix}": expected lower-case letters, digits and _, a letter first and a _ last, such as plugins_; not sqlite_, d1_, ec_ or p_`,
  );
}

/** The database as the host's own statements see it. Statements of it stand in batches beside the database's own. */
export function withTablePrefix(db: D1Database, prefix: string): D1Database {
  assertTablePrefix(prefix);
  if (prefix === TABLE_PREFIX) return db;
  const prefixed: Omit<D1Database, "dump"> = {
    prepare: (sql) => db.prepare(toPrefixed(sql, prefix)),
    batch: (statements) => db.batch(statements),
    exec: (sql) => db.exec(toPrefixed(sql, prefix)),
    withSession(constraint) {
      const session = db.withSession(constraint);
      return {
        prepare: (sql) => session.prepare(toPrefixed(sql, prefix)),
        batch: (statements) => session.batch(statements),
        getBookmark: () => session.getBookmark(),
      };
    },
  };
  return prefixed as D1Database;
}
