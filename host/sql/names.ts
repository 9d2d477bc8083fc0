/** How does SQLite compare and quote names, and which names are nobody's? Letters outside ASCII differ by case. */

/** As SQLite compares it: A to Z are a to z, nothing else changes. `toLowerCase` would make a k of the Kelvin sign. */
export function foldName(name: string): string {
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

/** As it may stand for a table, a column or an alias. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const NOBODYS = ["sqlite_", "_cf_", "d1_", "_host_", "pragma_"];

/**
 * Whether a name belongs to SQLite, Cloudflare or the host's own books. No policy can grant such a table, and no alias
 * or common table expression may be called so.
 */
export function isNobodys(name: string): boolean {
  const folded = foldName(name);
  return NOBODYS.some((prefix) => folded.startsWith(prefix));
}

const RESERVED = ["ec_", "p_", "_", "sqlite_", "d1_", "pragma_"];

/** Whether a plugin may not give the name to anything it makes: tables, indexes, common table expressions. */
export function isReserved(name: string): boolean {
  const folded = foldName(name);
  return RESERVED.some((prefix) => folded.startsWith(prefix)) || TABLE_FUNCTIONS.has(folded);
}

/** Functions that stand where a table stands. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(["json_each", "json_tree"]);

/** Under which name a common table expression runs. No table is called so, whatever SQLite takes the name for. */
export const CTE_PREFIX = "_cte_";

/** Names that need no quotes whatever they stand for: what the host gives to tables. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}
