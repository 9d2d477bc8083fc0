/**
 * How does a plugin's request leave? Address and grant are checked before every hop, also after a redirect; credentials
 * stay with the origin they were meant for; the answer has a cap. The sender itself is a service.
 */
import { fail, ok, type Result } from "../result.ts";
import type { Fetch } from "../services.ts";
import { checkAddress } from "./address.ts";
import { readAnswer, type ReadFailure, type ReadOptions } from "./read-answer.ts";
import { isRedirect, toNextHop, type Hop } from "./redirect.ts";
import type { OwnHosts } from "./own-hosts.ts";

/** One request of a plugin. */
export interface OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  /** The body holds a secret; it stays with the first origin. */
  readonly holdsSecret?: boolean;
  /** Names of headers that hold a secret; they stay with the first origin, whatever they are called. */
  readonly secretHeaders?: readonly string[];
}

/** What sending needs. */
export interface SendOptions extends ReadOptions {
  readonly fetch: Fetch;
  /** Why the request is not granted, or undefined where it is. */
  readonly refuseHost: (url: URL, method: string) => Promise<string | undefined>;
  readonly ownHosts: OwnHosts;
  readonly maxRedirects: number;
}

/** The final answer, whole. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Why nothing came of it, in words for the guest. */
export interface SendFailure {
  /** `denied`: the host did not let it leave; `failed`: it left, and no answer came that can be given. */
  readonly kind: "denied" | "failed";
  readonly message: string;
}

const denied = (message: string): Result<never, SendFailure> => fail({ kind: "denied", message });
const failed = (message: string): Result<never, SendFailure> => fail({ kind: "failed", message });

/** Sends it, following redirects. */
export async function sendRequest(
  request: OutgoingRequest,
  options: SendOptions,
): Promise<Result<Answer, SendFailure>> {
  let next = request as Omit<OutgoingRequest, "secretHeaders" | "holdsSecret">;
  for (let redirects = 0; redirects <= options.maxRedirects; redirects++) {
    const address = checkAddress(next.url, options.ownHosts);
    if (!address.ok) return denied(address.reason);
    const hop: Hop = { ...next, url: address.value };
    // SECURITY: every hop is judged like the first. (tests/host/network.test.ts, "is not followed")
    const refused = await options.refuseHost(hop.url, hop.method);
    if (refused !== undefined) return denied(refused);
    const response = await sendOnce(hop, options);
    if (!response.ok) return failed(response.reason);
    const { status, headers, body } = response.value;
    const location = isRedirect(status) ? headers.get("location") : null;
    if (location === null) {
      const answer = await toAnswer(response.value, hop, options);
      return answer.ok ? answer : failed(answer.reason);
    }
    // Not awaited: the server has a say in when that ends.
    body?.cancel().catch(() => {});
    const following = toNextHop(hop, status, location, request.secretHeaders ?? []);
    if (!following.ok) return failed(following.reason);
    const isOtherOrigin = new URL(following.value.url).origin !== hop.url.origin;
    // SECURITY: nor does a secret in a body reach another origin. (tests/host/secret-body.test.ts, "does not follow a redirect")
    if (isOtherOrigin && request.holdsSecret && following.value.body !== undefined)
      return failed("The server redirected to another origin, where a body with a secret is not sent.");
    next = following.value;
  }
  return failed(`Too many redirects (max ${options.maxRedirects}).`);
}

async function sendOnce(
  { url, method, headers, body }: Hop,
  { fetch, signal }: SendOptions,
): Promise<Result<Response, string>> {
  try {
    // SECURITY: no answer is kept for another plugin, or for another key of the same one. (tests/host/requests.source.test.ts, "no cache")
    const init: RequestInit = { method, headers, redirect: "manual", cache: "no-store", signal };
    return ok(await fetch(new Request(url.href, body === undefined ? init : { ...init, body }), body?.length ?? 0));
  } catch {
    // The platform's message may name addresses of the host's own; the guest learns only that it failed.
    return fail(signal.aborted ? tookTooLong(url) : `The request to ${url.hostname} failed: no answer.`);
  }
}

async function toAnswer(
  response: Response,
  { url, method }: Hop,
  options: SendOptions,
): Promise<Result<Answer, string>> {
  const { status, statusText, headers } = response;
  // What they declare is the length of the body they leave out.
  const isBodiless = method === "HEAD" || status === 204 || status === 205 || status === 304;
  const read = isBodiless ? ok(new Uint8Array(0)) : await readAnswer(response, options);
  if (read.ok) return ok({ status, statusText, headers, body: read.value });
  const words: Readonly<Record<ReadFailure, string>> = {
    "too-large": `The answer has more than ${options.mostBytes} bytes.`,
    "no-room":
      "There is no room for the answer: too many bytes of bodies are held at this moment. Read one answer before the next, or try again.",
    aborted: tookTooLong(url),
    broken: "The answer broke off before its end.",
  };
  return fail(words[read.reason]);
}

function tookTooLong(url: URL): string {
  return `The request to ${url.hostname} took too long and was given up.`;
}
