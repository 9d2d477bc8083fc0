/** What does the guard say of a statement, in the words of a test? */
import { checkStatement, type CheckOptions } from "../../host/sql/check-statement.ts";
import type { SqlPolicy } from "../../host/sql/policy.ts";
import { POLICY } from "./policy.ts";

/** `code: message` where it is refused, else the text to execute. */
export function judged(sql: string, policy: SqlPolicy = POLICY, options: CheckOptions = {}): string {
  const checked = checkStatement(sql, policy, options);
  return checked.ok ? checked.value.text : `${checked.reason.code}: ${checked.reason.message}`;
}

/** The code of the refusal, or `passes`. */
export function verdict(sql: string, policy: SqlPolicy = POLICY): string {
  const checked = checkStatement(sql, policy);
  return checked.ok ? "passes" : checked.reason.code;
}
