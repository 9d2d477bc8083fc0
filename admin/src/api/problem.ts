/** What went wrong with a call: the host's problem document as an error, or the reason why there is none. */
import { text } from "../text.ts";

/** One fault among several: where it is and what is wrong. */
export interface ProblemIssue {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  /** A few lines of code around the place. */
  readonly frame?: string;
}

/** The host's problem document on the wire. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

/** A call that failed. `status` 0 means that no answer came. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly issues: readonly ProblemIssue[];

  constructor(fields: {
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly detail: string;
    readonly issues?: readonly ProblemIssue[];
  }) {
    super(fields.detail);
    this.status = fields.status;
    this.code = fields.code;
    this.title = fields.title;
    this.issues = fields.issues ?? [];
  }
}

/** The problem of an answer, whatever its body holds. */
export function toProblem(status: number, body: string): Problem {
  const document = parseObject(body);
  const string = (key: string): string | undefined =>
    typeof document?.[key] === "string" ? (document[key] as string) : undefined;
  return new Problem({
    status,
    code: string("code") ?? "UNKNOWN",
    title: string("title") ?? text.problem.title,
    detail: string("detail") ?? text.problem.noDetail(status),
    issues: Array.isArray(document?.["issues"]) ? document["issues"].flatMap(toIssue) : [],
  });
}

/** The problem of a call that got no answer. */
export function offlineProblem(): Problem {
  return new Problem({ status: 0, code: "OFFLINE", title: text.problem.offline, detail: text.problem.offlineDetail });
}

/** Any thrown value as a problem, so that pages show one kind of error. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Problem({ status: 0, code: "BUG", title: text.problem.bug, detail });
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function toIssue(value: unknown): readonly ProblemIssue[] {
  if (typeof value !== "object" || value === null) return [];
  const { path, code, message, frame } = value as Record<string, unknown>;
  const issue = { path: String(path ?? ""), code: String(code ?? ""), message: String(message ?? "") };
  return [typeof frame === "string" ? { ...issue, frame } : issue];
}
