/** How is a text sent with which a plugin answers an address? As its inert type, under a policy that lets nothing run. */
import { SANDBOXED_POLICY } from "./headers.ts";
import type { CheckedAnswer } from "./path-answer.ts";
import { sendCacheable } from "./send-cacheable.ts";

/** The response for a request with these headers. */
export function sendText(
  request: Headers,
  { contentType, maxAge, body, status, lastModified }: Extract<CheckedAnswer, { readonly kind: "text" }>,
): Promise<Response> {
  const headers = {
    "content-type": `${contentType}; charset=utf-8`,
    ...(maxAge === undefined ? {} : { "cache-control": `public, max-age=${maxAge}` }),
    ...(contentType.endsWith("xml") ? { "content-security-policy": SANDBOXED_POLICY } : {}),
  };
  return sendCacheable(request, { body, status, lastModified, headers });
}
