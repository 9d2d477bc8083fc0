/**
 * Which functions may plugin SQL call, and with what? Those that compute from what they are given. Refused is what makes a
 * size out of a number (zeroblob, randomblob, widths of printf), what tells of others (changes, last_insert_rowid,
 * sqlite_*) and what reaches outside (load_extension, fts3_tokenizer, fts5). What only multiplies a text, such as hex,
 * replace and group_concat, is no worse than `||`, and the database's own limit for a value bounds both.
 */
import type { Expr, FunctionCallExpr, FunctionCallStarExpr, VariableExpr } from "sqlite3-parser";
import { SQL_LIMITS } from "./limits.ts";
import { foldName } from "./names.ts";
import { fault, type Fault } from "./refusal.ts";

const words = (names: string): readonly string[] => names.trim().split(/\s+/);

const PLAIN = new Set([
  ...words("abs char coalesce concat concat_ws glob hex ifnull iif if length like lower max min nullif octet_length"),
  ...words("quote random round sign substr substring typeof unicode upper"),
  ...words("avg count group_concat string_agg sum total"),
  ...words("row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value"),
  ...words("date time datetime julianday unixepoch strftime timediff"),
  ...words("acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10 log2 mod"),
  ...words("pi pow power radians sin sinh sqrt tan tanh trunc"),
  ...words("json json_array json_array_length json_extract json_insert json_object json_patch json_quote json_remove"),
  ...words("json_replace json_set json_type json_valid json_group_array json_group_object"),
]);

/** They compare their second argument with every place of the first: the cost is the product of both lengths. */
const SEARCHING = new Set(words("instr replace trim ltrim rtrim unhex"));
/** Functions of FTS5: their first argument is the table. */
const FULL_TEXT = new Set(words("bm25 highlight snippet"));
const FORMATTING = new Set(words("printf format"));

// Flags, at most two digits of width and of precision, no `*`: none makes more than a hundred characters of nothing. A zero
// is a flag and never a width, or a text of many zeros could be read in more ways than there is time for.
const FORMAT = /^(?:[^%]|%%|%[-+ 0#,!]*(?:[1-9]\d?)?(?:\.\d{1,2})?(?:l|ll)?[diufFeEgGxXoscqQw])*$/;

const ADVICE: ReadonlyMap<string, string> = new Map([
  ["last_insert_rowid", "Use RETURNING, or meta.last_row_id of the result."],
  ["changes", "Use meta.changes of the result."],
  ["total_changes", "Use meta.changes of the result."],
  ["randomblob", "Use random(), or bind bytes made by crypto.getRandomValues."],
  ["zeroblob", "Bind the bytes as a parameter."],
]);

/** Whether the function takes the name of an FTS5 table as its first argument. */
export function isFullTextFunction(name: string): boolean {
  return FULL_TEXT.has(foldName(name));
}

/** Why the call is refused. `needles` is given the parameters whose values must be short. */
// SECURITY: only these. (tests/sql/functions.test.ts)
export function refuseFunction(
  call: FunctionCallExpr | FunctionCallStarExpr,
  needles: (variable: VariableExpr) => void,
): Fault | undefined {
  const name = foldName(call.name.name);
  const refuse = (what: string, fix: string) => fault("function", call.name.span, what, fix);
  if (call.type === "FunctionCallStarExpr") {
    return name === "count"
      ? undefined
      : refuse(`the function ${name}(*) is not allowed`, "Only count(*) takes a star.");
  }
  if (PLAIN.has(name) || FULL_TEXT.has(name)) return undefined;
  if (FORMATTING.has(name)) {
    const [format] = call.args ?? [];
    if (format?.type === "StringLiteral" && FORMAT.test(format.value)) return undefined;
    const expected = "a literal with widths of at most two digits, such as printf('%.2f', price)";
    return refuse(`the format of ${name} may make any number of characters`, `Give it ${expected}.`);
  }
  if (SEARCHING.has(name)) {
    const needle = call.args?.[1];
    if (!needle || isShort(needle)) return undefined;
    if (needle.type === "VariableExpr") {
      needles(needle);
      return undefined;
    }
    const limit = `a literal or a parameter of at most ${SQL_LIMITS.needleChars} characters`;
    return refuse(`what ${name} looks for is neither a short literal nor a parameter`, `Give it ${limit}.`);
  }
  return refuse(`the function ${name} is not allowed`, ADVICE.get(name) ?? "Compute it in the plugin.");
}

function isShort(needle: Expr): boolean {
  if (needle.type === "NumericLiteral") return true;
  if (needle.type === "StringLiteral") return needle.value.length <= SQL_LIMITS.needleChars;
  // The usual way to write a line break.
  return (
    needle.type === "FunctionCallExpr" &&
    foldName(needle.name.name) === "char" &&
    (needle.args ?? []).every(({ type }) => type === "NumericLiteral")
  );
}
