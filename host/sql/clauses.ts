/** Is a statement of a kind plugins may run, with clauses they may use, and no larger than it may be? */
import type { Stmt } from "sqlite3-parser";
import { fail, ok, type Result } from "../result.ts";
import { refuseCoreWrite } from "./core-write.ts";
import { SQL_LIMITS } from "./limits.ts";
import { foldName } from "./names.ts";
import type { Book } from "./policy.ts";
import { fault, type Fault } from "./refusal.ts";
import type { IsTrusted, Survey } from "./survey.ts";

/** The statements plugins may run. */
export type StatementKind = "select" | "insert" | "update" | "delete";

const KINDS: Partial<Record<Stmt["type"], StatementKind>> = {
  SelectStmt: "select",
  InsertStmt: "insert",
  UpdateStmt: "update",
  DeleteStmt: "delete",
};

/** What kind of statement it is; `at` is where it begins. */
export function readKind(root: Stmt, at: Fault["at"]): Result<StatementKind, Fault> {
  const kind = KINDS[root.type];
  return kind ? ok(kind) : fail(refuseKind(root, at));
}

function refuseKind(root: Stmt, at: Fault["at"]): Fault {
  const what = `${root.type
    .replace(/Stmt$/, "")
    .replace(/(?!^)[A-Z]/g, " $&")
    .toUpperCase()} is not for plugins`;
  return fault(
    "statement",
    at,
    what,
    "Use SELECT, INSERT, UPDATE, DELETE or REPLACE; tables are made in migrations/*.sql.",
  );
}

/** What would undo the work of others, or would read a core table past its SELECT. */
export function refuseClauses(root: Stmt, book: Book, isTrusted: IsTrusted): Fault | undefined {
  if (root.type === "SelectStmt") return undefined;
  if (root.type !== "InsertStmt" && root.type !== "UpdateStmt" && root.type !== "DeleteStmt") return undefined;
  if (root.type !== "DeleteStmt" && root.orConflict === "Rollback") {
    return fault(
      "feature",
      root.span,
      "OR ROLLBACK would undo what others do in the same transaction",
      "Use OR ABORT.",
    );
  }
  const { objName } = root.tblName;
  return book.own.has(foldName(objName.text)) ? undefined : refuseCoreWrite(root, isTrusted);
}

/** Its first part that is one too many. */
export function refuseAmounts({ tables, calls, ctes, joins }: Survey): Fault | undefined {
  const fix = "Use several statements.";
  const table = [...tables, ...calls][SQL_LIMITS.tables]?.table;
  if (table) return fault("limit", table.span, `it reads more than ${SQL_LIMITS.tables} tables`, fix);
  const cte = ctes[SQL_LIMITS.ctes]?.tblName;
  if (cte) return fault("limit", cte.span, `it has more than ${SQL_LIMITS.ctes} common table expressions`, fix);
  const join = joins[SQL_LIMITS.joins]?.operator;
  return join && fault("limit", join.span, `it joins more than ${SQL_LIMITS.joins} times`, fix);
}
