/** The host's API as typed calls, derived from its routes: a path or a field that the host does not know does not compile. */
import { hc } from "hono/client";
import type { Api } from "../../../host/api/api.ts";
import { offlineProblem, toProblem, type ProblemDocument } from "./problem.ts";

/** The calls. Anything but success is thrown as a Problem. */
export const api = hc<Api>("/api", { fetch: checkedFetch, init: { credentials: "same-origin" } });

/** What a successful answer holds. */
type Success<Answer> = Answer extends { json(): Promise<infer Body> } ? Exclude<Body, ProblemDocument> : never;

/** The body of an answer. @throws Problem */
export async function read<Answer extends { json(): Promise<unknown> }>(
  call: Promise<Answer>,
): Promise<Success<Answer>> {
  const answer = await call;
  return (await answer.json()) as Success<Answer>;
}

/** An untrusted name as one segment of a path; the client puts parameters into the path as they are. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}

/** Options that end a call when nobody waits for it any more. */
export function until(signal: AbortSignal) {
  return { init: { credentials: "same-origin", signal } } as const;
}

async function checkedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input, init);
  } catch (error) {
    // A query that nobody waits for is no failure; the library needs to see the abort itself.
    if (init?.signal?.aborted) throw error;
    throw offlineProblem();
  }
  if (!response.ok) throw toProblem(response.status, await response.text());
  return response;
}
