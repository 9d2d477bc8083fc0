/**
 * Which common table expressions does a statement have, and how are they called? Each gets a name of its own that no table
 * has, so it hides none and none stands in for it, whatever SQLite takes its scope to be.
 */
import type { CommonTableExpr, Name } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { isCounter } from "./counter.ts";
import { SQL_LIMITS } from "./limits.ts";
import { CTE_PREFIX, foldName, isNobodys, isReserved, quoteName } from "./names.ts";
import type { Book } from "./policy.ts";
import { fault, type Fault } from "./refusal.ts";
import { replace, type Edit } from "./render.ts";
import type { Survey } from "./survey.ts";

/** How names are to be taken: the author's, or physical ones that were put in before. */
export type Names = "author" | "physical";

/** Common table expressions by folded name. */
export type Ctes = ReadonlyMap<string, CommonTableExpr>;

/** The common table expressions of a statement, and the edits that give them names of their own. */
// SECURITY: one that is called like a table would hide it, or be hidden by it. (tests/sql/tables.test.ts, "shadow")
export function resolveCtes(
  { ctes, recursive }: Pick<Survey, "ctes" | "recursive">,
  { book, names }: { readonly book: Book; readonly names: Names },
): Result<{ readonly ctes: Ctes; readonly edits: readonly Edit[] }, Fault> {
  const index = new Map<string, CommonTableExpr>();
  const edits: Edit[] = [];
  for (const cte of ctes) {
    const { span, text } = cte.tblName;
    const folded = foldName(text);
    const refused =
      names === "author"
        ? refuseCteName(cte.tblName, book)
        : !folded.startsWith(CTE_PREFIX) && refuseTaken(cte.tblName);
    if (refused) return fail(refused);
    if (index.has(folded)) {
      return fail(fault("name", span, `two common table expressions are called "${text}"`, "Give each its own name."));
    }
    index.set(folded, cte);
    edits.push(replace(span, span, names === "author" ? toCteName(folded) : quoteName(folded)));
  }
  const endless = recursive.find((siblings) => !siblings.some(isCounter))?.[0];
  if (endless) return fail(refuseRecursion(endless.tblName));
  return ok({ ctes: index, edits });
}

function refuseCteName(name: Name, book: Book): Fault | undefined {
  const folded = foldName(name.text);
  const isTaken = book.own.has(folded) || book.readable.has(folded) || book.writable.has(folded);
  if (isTaken || isReserved(folded) || isNobodys(folded)) return refuseTaken(name);
  if (name.text.length <= SQL_LIMITS.nameChars) return undefined;
  const what = `the name of a common table expression has more than ${SQL_LIMITS.nameChars} characters`;
  return fault("limit", name.span, what, "Give it a shorter name.");
}

function refuseTaken({ span, text }: Name): Fault {
  const what = `a common table expression may not be called "${text}"`;
  return fault(
    "name",
    span,
    what,
    "Give it a name that no table has and that does not begin with _, ec_, p_, sqlite_, d1_ or pragma_.",
  );
}

/** That one is recursive and no counter. */
export function refuseRecursion({ span, text }: Name): Fault {
  const what = `the common table expression "${text}" is recursive`;
  const counter = "c(n) as (select 1 union all select n + 1 from c where n < 100)";
  return fault(
    "feature",
    span,
    what,
    `Only a counter may be, with at most ${SQL_LIMITS.counterRows} rows: ${counter}.`,
  );
}

/** Under which name one runs. */
export function toCteName(folded: string): string {
  return quoteName(folded.startsWith(CTE_PREFIX) ? folded : CTE_PREFIX + folded);
}
