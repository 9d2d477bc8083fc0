/**
 * Did the browser send this from our own pages? Asked of every unsafe request that a cookie authenticates, because a
 * browser attaches cookies to what other sites make it send. A request without either header is not a browser's.
 */
import { HostError } from "../errors.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Throws CROSS_SITE_REQUEST unless the request is safe or came from this origin. SECURITY. (tests/host/routes.test.ts, "by cookie changes things only from this site") */
export function assertSameSite(request: Request): void {
  if (SAFE.has(request.method)) return;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const own = new URL(request.url).origin;
  const isOwn = site === null ? origin === own : site === "same-origin" && (origin === null || origin === own);
  if (!isOwn) {
    throw new HostError(
      "CROSS_SITE_REQUEST",
      "A change signed in by cookie must come from the dashboard itself. Use an API token from elsewhere.",
    );
  }
}
