/**
 * What a request reads that does not fit its route: one BAD_REQUEST that lists every fault by its place.
 * `validationHook` is the `defaultHook` of every OpenAPIHono router and `toBoundaryError` the first step of the app's
 * `onError`, so that no fault of a request leaves in the library's own shape or as INTERNAL.
 */
import { HTTPException } from "hono/http-exception";
import { HostError, type ProblemIssue } from "../errors.ts";

/** Most faults that one problem document lists; a hostile body may have thousands. */
export const MAX_ISSUES = 20;

/** What this file reads of a zod error. */
interface ValidationError {
  readonly issues: readonly {
    readonly path: readonly PropertyKey[];
    readonly code: string;
    readonly message: string;
  }[];
}

/** What OpenAPIHono hands to a hook: where it looked and what came of it. */
type ValidationResult =
  | { readonly target: string; readonly success: true }
  | { readonly target: string; readonly success: false; readonly error: ValidationError };

/** The faults of a zod error, each with its path in dots (`data.title`); the root reads `.`. */
export function toIssues(error: ValidationError): readonly ProblemIssue[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map(String).join(".") || ".",
    code: issue.code,
    message: issue.message,
  }));
}

/**
 * For `new OpenAPIHono<HostEnv>({ defaultHook: validationHook })`.
 *
 * @throws HostError BAD_REQUEST with `issues`.
 */
export function validationHook(result: ValidationResult): void {
  if (result.success) return;
  const issues = toIssues(result.error);
  const list = issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ");
  throw new HostError("BAD_REQUEST", `The ${result.target} of the request is not valid: ${list}.`, issues);
}

/**
 * An error on its way to a problem document. Hono throws an HTTPException of its own for a body that is no JSON; it
 * becomes a BAD_REQUEST. Everything else passes as it is.
 */
export function toBoundaryError(error: unknown): unknown {
  if (!(error instanceof HTTPException)) return error;
  if (error.status === 413)
    return new HostError("PAYLOAD_TOO_LARGE", "The body of the request is larger than this route takes.");
  if (error.status >= 400 && error.status < 500) {
    return new HostError("BAD_REQUEST", `${error.message || "The request cannot be read"}. Send valid JSON.`);
  }
  return error;
}
