/** Where does an answer send the request on to, and what of the request goes along? Pure. */
import { fail, ok, type Result } from "../result.ts";
import { forOtherOrigin } from "./headers.ts";

/** One request on its way. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
}
/** The next one; its address is not checked yet. */
export type NextHop = Omit<Hop, "url"> & { readonly url: string };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether the status asks for another request. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** The request that follows, by the rules of the Fetch standard. A failure is words for the guest. */
export function toNextHop(
  hop: Hop,
  status: number,
  location: string,
  secretHeaders: readonly string[],
): Result<NextHop, string> {
  let url: URL;
  try {
    url = new URL(location, hop.url);
  } catch {
    // Not what it said: a server that sends a key back may do it here, and half of one is not known as one.
    return fail("The server redirected to something that is not an address.");
  }
  const isRead = hop.method === "GET" || hop.method === "HEAD";
  const becomesRead = (status === 303 && !isRead) || ((status === 301 || status === 302) && hop.method === "POST");
  const kept = becomesRead
    ? new Headers([...hop.headers].filter(([name]) => !name.startsWith("content-")))
    : hop.headers;
  return ok({
    url: url.href,
    method: becomesRead ? "GET" : hop.method,
    // SECURITY: a key sent to one origin never reaches another. (tests/host/network.test.ts, "without what may hold a key")
    headers: url.origin === hop.url.origin ? kept : forOtherOrigin(kept, secretHeaders),
    body: becomesRead ? undefined : hop.body,
  });
}
