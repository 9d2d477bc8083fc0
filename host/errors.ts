/**
 * What the host answers when it refuses or fails: one error class inside, one RFC 9457 problem document on the wire.
 * Expected failures inside the host are values; they become a HostError at the boundary. Bugs throw and read INTERNAL.
 */

/** Every code a problem document may carry, with its HTTP status and title. Codes are stable. */
export const PROBLEMS = {
  BAD_REQUEST: { status: 400, title: "The request is not valid" },
  UNAUTHENTICATED: { status: 401, title: "Sign in first" },
  FORBIDDEN: { status: 403, title: "Not allowed for this role" },
  POLICY_DENIED: { status: 403, title: "The policy refuses this" },
  CROSS_SITE_REQUEST: { status: 403, title: "The request did not come from this site" },
  NOT_FOUND: { status: 404, title: "Nothing here" },
  METHOD_NOT_ALLOWED: { status: 405, title: "Method not allowed" },
  CONFLICT: { status: 409, title: "The state has changed" },
  PLAN_CHANGED: { status: 409, title: "The plan has changed" },
  SIGNER_CHANGED: { status: 409, title: "Signed by somebody else than before" },
  VERSION_EXISTS: { status: 409, title: "This version exists with other bytes" },
  PAYLOAD_TOO_LARGE: { status: 413, title: "Too large" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "This kind of content is not accepted" },
  BUNDLE_INVALID: { status: 422, title: "The bundle cannot be installed" },
  SIGNATURE_INVALID: { status: 422, title: "The signature does not hold" },
  MIGRATION_INVALID: { status: 422, title: "A migration cannot be run" },
  MANIFEST_INVALID: { status: 422, title: "The manifest is not valid" },
  CONTENT_INVALID: { status: 422, title: "The content is not valid" },
  SETTINGS_INVALID: { status: 422, title: "The settings are not valid" },
  GRANTS_INVALID: { status: 422, title: "The grants are not valid" },
  POLICY_INVALID: { status: 422, title: "The policy is not valid" },
  REFUSED_BY_PLUGIN: { status: 422, title: "A plugin refused this" },
  PLUGIN_FAILED: { status: 422, title: "The plugin failed" },
  RATE_LIMITED: { status: 429, title: "Too many attempts" },
  QUOTA_EXCEEDED: { status: 429, title: "The plugin has used up its quota" },
  INTERNAL: { status: 500, title: "Something went wrong here" },
  NOT_READY: { status: 503, title: "Not set up yet" },
  UNAVAILABLE: { status: 503, title: "A service does not answer" },
  OVERLOADED: { status: 503, title: "Busy, try again" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

/** A stable machine-readable code. */
export type ProblemCode = keyof typeof PROBLEMS;

/** One fault among several: where it is and what is wrong. */
export interface ProblemIssue {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  /** A few lines of code around the place, for a fixed-width font. */
  readonly frame?: string;
}

/** A refusal of the host. `detail` names the value, what was expected and the fix; it may be shown to anybody. */
export class HostError extends Error {
  override readonly name = "HostError";
  readonly code: ProblemCode;
  readonly issues: readonly ProblemIssue[];

  constructor(code: ProblemCode, detail: string, issues: readonly ProblemIssue[] = []) {
    super(detail);
    this.code = code;
    this.issues = issues;
  }
}

/** An RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly issues?: readonly ProblemIssue[];
}

/** The document for an error. Anything but a HostError reads INTERNAL and tells nothing of the cause. */
export function toProblem(error: unknown): Problem {
  const known = error instanceof HostError ? error : new HostError("INTERNAL", "The error was logged.");
  const { status, title } = PROBLEMS[known.code];
  return {
    type: `urn:bulkhead:problem:${known.code.toLowerCase().replaceAll("_", "-")}`,
    title,
    status,
    detail: known.message,
    code: known.code,
    ...(known.issues.length > 0 ? { issues: known.issues } : {}),
  };
}

/** What `OVERLOADED` asks for: a VM is rarely busy for longer. */
export const RETRY_AFTER_SECONDS = 2;

/** The response for an error. */
export function toProblemResponse(error: unknown): Response {
  const problem = toProblem(error);
  return Response.json(problem, {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(problem.code === "OVERLOADED" ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {}),
    },
  });
}
