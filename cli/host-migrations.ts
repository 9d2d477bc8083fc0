/**
 * Which tables does a host need that is mounted in another application? Its own, under the application's prefix; EmDash's
 * stay out. Pure.
 */
import { assertTablePrefix, toPrefixed } from "../host/store/d1/prefixed-database.ts";

/** The host's own part of a migration; empty where it has none. Throws for a prefix that is none. */
export function toHostMigration(sql: string, prefix: string): string {
  assertTablePrefix(prefix);
  const own = splitStatements(sql).filter((statement) => OWN.test(statement.replace(COMMENT, "")));
  return own.map((statement) => toPrefixed(statement, prefix)).join("\n");
}

const OWN = /\b_(host|plugin)_[a-z]/;
const COMMENT = /--.*$/gm;

/** Statements with the comments before them. Each ends a line with a semicolon, a trigger's with END. */
function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let lines: string[] = [];
  for (const line of sql.split("\n")) {
    lines.push(line);
    const code = lines.join("\n").replace(COMMENT, "").trim();
    const isTrigger = /^CREATE\s+TRIGGER\b/i.test(code);
    if (!code.endsWith(";") || (isTrigger && !/\bEND;$/i.test(code))) continue;
    statements.push(lines.join("\n"));
    lines = [];
  }
  return statements;
}
