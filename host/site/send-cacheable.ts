/** How is a text sent so that whoever has it need not get it again? With an ETag of its bytes, and as a 304 where it is the same. */
import { sha256 } from "../crypto.ts";

/** A text and what is known of it. */
export interface Cacheable {
  readonly body: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly lastModified?: Date | undefined;
}

/** The response for a request with these headers. Only a 200 may be answered with a 304. */
export async function sendCacheable(request: Headers, cacheable: Cacheable): Promise<Response> {
  const { body, status, lastModified } = cacheable;
  const etag = `"${(await sha256(`${cacheable.headers["content-type"]}\n${body}`)).slice(0, 32)}"`;
  const headers = {
    ...cacheable.headers,
    ...(status === 200 ? { etag } : {}),
    ...(status === 200 && lastModified ? { "last-modified": lastModified.toUTCString() } : {}),
  };
  if (status === 200 && isSame(request, etag, lastModified)) {
    const { "content-type": _, ...rest } = headers as Record<string, string>;
    return new Response(null, { status: 304, headers: rest });
  }
  return new Response(body, { status, headers });
}

/** RFC 9110: where ETags are given, times do not count. */
function isSame(request: Headers, etag: string, lastModified: Date | undefined): boolean {
  const tags = request.get("if-none-match");
  if (tags !== null) {
    // What comes back may have been made weak by whoever compressed it.
    return tags.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
  }
  const since = Date.parse(request.get("if-modified-since") ?? "");
  if (lastModified === undefined || Number.isNaN(since)) return false;
  return Math.floor(lastModified.getTime() / 1_000) * 1_000 <= since;
}
