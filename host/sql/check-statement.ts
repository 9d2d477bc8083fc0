/**
 * May a plugin's SQL run, and as which text? A statement is judged by the author's names, rewritten to physical ones, and
 * what came out is judged again by those alone: what is executed is what was checked.
 */
import { fail, ok, type Result } from "../result.ts";
import type { StatementKind } from "./clauses.ts";
import type { Growth } from "./growth.ts";
import { judge, type Judged } from "./judge.ts";
import { SQL_LIMITS } from "./limits.ts";
import { foldName } from "./names.ts";
import type { Returning } from "./returning.ts";
import { toBook, type Book, type OwnTable, type SqlPolicy } from "./policy.ts";
import { isLonger, readStatement, type Statement } from "./read.ts";
import { fault, START, toSqlRefusal, type Fault, type SqlRefusal } from "./refusal.ts";

/** What is asked beside the statement. */
export interface CheckOptions {
  /**
   * Rows. A SELECT without a LIMIT of its own gets this one, so that the database stops early; the caller's own caps on
   * results hold in any case, also for a plugin's larger LIMIT. Ask for one row more than is passed on to see that there
   * were more. A statement that ends in VALUES takes no LIMIT and is as long as its text.
   */
  readonly rowLimit?: number;
}

/** A statement that may run. */
export interface CheckedStatement {
  /** The only text to execute. One statement, without comments and without a semicolon. */
  readonly text: string;
  readonly kind: StatementKind;
  readonly isSelect: boolean;
  /** By how much one row that it writes may grow. */
  readonly growth: Growth;
  /** Whether it answers rows: a SELECT, or a write with RETURNING. */
  readonly returnsRows: boolean;
  /** What a write answers. Whoever runs it says whether that is bounded well enough. */
  readonly returning: Returning;
  /** Own tables by the author's name and core tables by their own, each once. The table that is written is in `writes`. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** How many values must be bound. */
  readonly parameters: number;
  /** Numbers, from 1, of parameters whose values must be short. `refuseValues` looks at both. */
  readonly needles: readonly number[];
}

/** Checks one statement. `policy` is host's data: a faulty one throws. */
export function checkStatement(
  sql: string,
  policy: SqlPolicy,
  options: CheckOptions = {},
): Result<CheckedStatement, SqlRefusal> {
  const checked = check(sql, toBook(policy), options.rowLimit);
  return checked.ok ? checked : fail(toSqlRefusal(checked.reason));
}

function check(sql: string, book: Book, rowLimit: number | undefined): Result<CheckedStatement, Fault> {
  const read = readStatement(sql, SQL_LIMITS);
  return read.ok ? checkRead(read.value, book, rowLimit) : read;
}

/** The same of a statement that was read before. */
export function checkRead(
  statement: Statement,
  book: Book,
  rowLimit: number | undefined,
): Result<CheckedStatement, Fault> {
  const judged = judge(statement, { book, names: "author", trusted: [], rowLimit });
  if (!judged.ok) return judged;
  const { text, kind, growth, returning, parameters, needles } = judged.value;
  const refused = refuseRewritten(judged.value, rowLimit);
  if (refused) return fail(refused);
  const returnsRows = kind === "select" || returning !== "nothing";
  const [reads, writes] = [judged.value.reads, judged.value.writes].map(toNames) as [
    readonly string[],
    readonly string[],
  ];
  return ok({
    text,
    kind,
    isSelect: kind === "select",
    growth,
    returnsRows,
    returning,
    reads,
    writes,
    parameters,
    needles,
  });
}

/** Whether the text that came out says anything but what was allowed. */
// SECURITY: judged by the tables this very statement was allowed, under their physical names; rewriting it once more
// must change nothing. (tests/sql/rewrite.test.ts, "is judged again")
function refuseRewritten(first: Judged, rowLimit: number | undefined): Fault | undefined {
  const bytes = SQL_LIMITS.rewrittenBytes;
  if (isLonger(first.text, bytes)) {
    return fault("limit", START, `with its tables put in it has more than ${bytes} bytes`, "Use several statements.");
  }
  const read = readStatement(first.text, { bytes, tokens: bytes });
  if (!read.ok) return read.reason;
  const book = toPhysicalBook(first);
  const second = judge(read.value, { book, names: "physical", trusted: first.trusted, rowLimit });
  if (!second.ok) return second.reason;
  const isSame =
    second.value.text === first.text &&
    second.value.kind === first.kind &&
    second.value.parameters === first.parameters &&
    second.value.writes.length === first.writes.length;
  if (isSame) return undefined;
  return fault("syntax", START, "it reads otherwise once its tables are put in", "Write it in a simpler way.");
}

function toPhysicalBook({ reads, writes }: Judged): Book {
  const touched = [...reads, ...writes];
  const own = touched.filter((table): table is OwnTable => typeof table === "object");
  const core = writes.filter((table) => typeof table === "string");
  return {
    own: new Map(own.map((table) => [foldName(table.physical), { ...table, name: table.physical }])),
    readable: new Map(),
    writable: new Map(core.map((name) => [foldName(name), name])),
  };
}

function toNames(tables: Judged["reads"]): readonly string[] {
  return [...new Set(tables.flatMap((table) => (table ? [typeof table === "string" ? table : table.name] : [])))];
}
