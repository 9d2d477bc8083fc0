/**
 * How does a plugin's request leave? Address and host are checked before every hop, also after a redirect; credentials
 * stay with the origin they were meant for; bodies have caps. The sender itself is a service.
 */
import { fail, ok, type Result } from "../result.ts";
import type { Fetch } from "../services.ts";
import { checkAddress } from "./address.ts";
import { forOtherOrigin } from "./headers.ts";
import { readBody } from "./read-body.ts";

/** One request of a plugin. */
export interface OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  /** Names of headers that hold a secret; they stay with the first origin, whatever they are called. */
  readonly secretHeaders?: readonly string[];
}

/** What sending needs. */
export interface SendOptions {
  readonly fetch: Fetch;
  /** Why the host or the method is not granted, or undefined where both are. */
  readonly refuseHost: (host: string, method: string) => Promise<string | undefined>;
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  readonly maxRedirects: number;
}

/** The final answer, whole. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends it, following redirects. A failure is words for the guest. */
export async function sendRequest(request: OutgoingRequest, options: SendOptions): Promise<Result<Answer, string>> {
  let { url: target, method, headers, body } = request;
  const { secretHeaders = [] } = request;
  for (let hop = 0; hop <= options.maxRedirects; hop++) {
    const address = checkAddress(target);
    if (!address.ok) return address;
    const url = address.value;
    // SECURITY: every hop is judged like the first. (tests/host/network.test.ts, "is not followed")
    const refused = await options.refuseHost(url.hostname, method);
    if (refused !== undefined) return fail(refused);
    const response = await sendOnce(url, { method, headers, body }, options);
    if (!response.ok) return response;
    const { status } = response.value;
    const location = response.value.headers.get("location");
    if (!REDIRECTS.has(status) || location === null) return readAnswer(response.value, options.maxBodyBytes);
    await response.value.body?.cancel();
    let next: URL;
    try {
      next = new URL(location, url);
    } catch {
      return fail(`The server redirected to something that is not an address: "${location.slice(0, 80)}".`);
    }
    if (status === 303 || ((status === 301 || status === 302) && method === "POST")) {
      method = "GET";
      body = undefined;
      headers = new Headers([...headers].filter(([name]) => !name.startsWith("content-")));
    }
    // SECURITY: a key sent to one origin never reaches another. (tests/host/network.test.ts, "without what may hold a key")
    if (next.origin !== url.origin) headers = forOtherOrigin(headers, secretHeaders);
    target = next.href;
  }
  return fail(`Too many redirects (max ${options.maxRedirects}).`);
}

async function sendOnce(
  url: URL,
  { method, headers, body }: Pick<OutgoingRequest, "method" | "headers" | "body">,
  { fetch, signal }: SendOptions,
): Promise<Result<Response, string>> {
  try {
    const init: RequestInit = { method, headers, redirect: "manual", signal };
    return ok(await fetch(new Request(url.href, body === undefined ? init : { ...init, body })));
  } catch (error) {
    if (signal.aborted) return fail(`The request to ${url.hostname} took too long and was given up.`);
    // The platform's message may name addresses of the host's own; the guest learns only that it failed.
    return fail(
      error instanceof TypeError && /method/i.test(error.message)
        ? `Method not allowed: ${method}.`
        : `The request to ${url.hostname} failed: no answer.`,
    );
  }
}

async function readAnswer(response: Response, most: number): Promise<Result<Answer, string>> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  const tooLarge = `The answer has more than ${most} bytes.`;
  if (declared > most) {
    await response.body?.cancel();
    return fail(tooLarge);
  }
  try {
    const body = await readBody(response.body, most);
    if (body === null) return fail(tooLarge);
    return ok({ status: response.status, statusText: response.statusText, headers: response.headers, body });
  } catch {
    return fail("The answer broke off before its end.");
  }
}
