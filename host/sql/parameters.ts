/** How many parameters does a statement have, and do the values given fit? */
import type { Token, VariableExpr } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { SQL_LIMITS } from "./limits.ts";
import { fault, START, toSqlRefusal, type Fault, type SqlRefusal } from "./refusal.ts";

/** The parameters of a statement. */
export interface Parameters {
  /** How many values it needs. */
  readonly count: number;
  /** Number of the parameter, from 1, by where it stands. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** Counts them as SQLite does: `?` is one more than the highest so far, `?5` is the fifth. */
export function readParameters(tokens: readonly Token[]): Result<Parameters, Fault> {
  let count = 0;
  const numbers = new Map<number, number>();
  for (const { text, span } of tokens) {
    const sign = text.charCodeAt(0);
    if (sign === QUESTION) {
      const number = text.length === 1 ? count + 1 : Number(text.slice(1));
      if (number < 1 || number > SQL_LIMITS.parameters) {
        const what = `the parameter ${text.slice(0, 12)} is not one of ?1 to ?${SQL_LIMITS.parameters}`;
        return fail(
          fault("limit", span, what, "Use several statements, or pass a JSON array and read it by json_each(?)."),
        );
      }
      count = Math.max(count, number);
      numbers.set(span.offset, number);
    } else if (NAMED.has(sign)) {
      return fail(fault("feature", span, `parameters have no names here: ${text.slice(0, 40)}`, "Use ? or ?1."));
    }
  }
  return ok({ count, numbers });
}

const QUESTION = 0x3f;
/** : @ $ # */
const NAMED: ReadonlySet<number> = new Set([0x3a, 0x40, 0x24, 0x23]);

/** Numbers of the parameters that stand at these places. */
export function toNumbers(variables: readonly VariableExpr[], { numbers }: Parameters): readonly number[] {
  return [...new Set(variables.map(({ span }) => numbers.get(span.offset) ?? 0))];
}

/**
 * Whether values fit the statement they are bound to: as many as it needs, and short where the statement looks for them in
 * a text. Undefined where they do.
 */
// SECURITY: a needle of a megabyte in a text of two takes the database's one thread for minutes.
// (tests/sql/parameters.test.ts)
export function refuseValues(
  statement: { readonly parameters: number; readonly needles: readonly number[] },
  values: readonly unknown[],
): SqlRefusal | undefined {
  const refuse = (what: string, fix: string) => toSqlRefusal(fault("parameters", START, what, fix));
  if (values.length !== statement.parameters) {
    return refuse(
      `${values.length} values are bound to ${statement.parameters} parameters`,
      "Bind one value for each.",
    );
  }
  const long = statement.needles.find((number) => lengthOf(values[number - 1]) > SQL_LIMITS.needleChars);
  if (long === undefined) return undefined;
  const what = `parameter ${long} is what instr, replace or trim looks for and has more than ${SQL_LIMITS.needleChars} characters`;
  return refuse(what, "Look for something shorter, or search in the plugin.");
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  return Array.isArray(value) ? value.length : 0;
}
