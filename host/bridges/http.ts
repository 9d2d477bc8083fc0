/** `ctx.http`: requests to granted hosts, with the host's secrets where the guest marks them. */
import { z } from "zod";
import { fromBase64, toBase64 } from "../crypto.ts";
import { sendRequest } from "../network/send.ts";
import { toGuestHeaders, toRequestHeaders } from "../network/headers.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";
import { fillSecretHeaders, redact, redactBytes, type FilledHeaders } from "./secret-headers.ts";

const requestSchema = z.object({
  url: z.string().max(8_192),
  method: z
    .string()
    .max(20)
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])),
  headers: z.array(z.tuple([z.string().max(256), z.string().max(8_192)])).max(BRIDGE_LIMITS.headers),
  body: z.string().max(BRIDGE_LIMITS.bodyBytes).optional(),
  bodyBase64: z
    .base64()
    .max(Math.ceil(BRIDGE_LIMITS.bodyBytes / 3) * 4)
    .optional(),
  secretHeaders: z
    .record(z.string().max(256), z.string().max(1_024))
    .refine((marked) => Object.keys(marked).length <= BRIDGE_LIMITS.secretHeaders, {
      message: `Expected at most ${BRIDGE_LIMITS.secretHeaders} secret headers`,
    })
    .optional(),
  timeoutMs: z.number().int().min(1).max(BRIDGE_LIMITS.requestMs.most).optional(),
});
type Request = z.infer<typeof requestSchema>;

function bodyOf({ method, body, bodyBase64 }: Request): Uint8Array | undefined {
  if ((method === "GET" || method === "HEAD") && (body ?? bodyBase64) !== undefined) {
    throw new BridgeError("INVALID_ARGUMENT", `A ${method} request has no body. Leave it out, or use POST.`);
  }
  if (bodyBase64 !== undefined) return fromBase64(bodyBase64);
  if (body === undefined) return undefined;
  const bytes = new TextEncoder().encode(body);
  if (bytes.length > BRIDGE_LIMITS.bodyBytes) {
    throw new BridgeError("INVALID_ARGUMENT", `The request's body has more than ${BRIDGE_LIMITS.bodyBytes} bytes.`);
  }
  return bytes;
}

async function refuseHost(call: BridgeCall, host: string, method: string): Promise<string | undefined> {
  const isOpen = await call.gate.has("network:request:unrestricted");
  const capability = isOpen ? "network:request:unrestricted" : "network:request";
  const allowed = await call.gate.check({ capability, target: host, method });
  return allowed.ok ? undefined : allowed.reason;
}

async function fillHeaders(call: BridgeCall, request: Request): Promise<FilledHeaders> {
  if (!request.secretHeaders) return { pairs: [], values: [] };
  // Before any secret is opened, so that a plugin learns nothing about hosts it was not granted.
  const host = URL.canParse(request.url) ? new URL(request.url).hostname : "";
  const refused = await refuseHost(call, host, request.method);
  if (refused !== undefined) throw new BridgeError("DENIED", refused);
  return fillSecretHeaders(call, host, request.secretHeaders);
}

/** A UTF-8 body as text, any other as base64. */
function toBody(
  bytes: Uint8Array,
  secrets: readonly string[],
): { readonly text: string } | { readonly base64: string } {
  try {
    return { text: redact(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), secrets) };
  } catch {
    return { base64: toBase64(redactBytes(bytes, secrets)) };
  }
}

/** The bridge methods of `ctx.http`. */
export const httpMethods = [
  defineMethod({
    name: "http.fetch",
    capability: "network:request",
    summary: "Sends a request to a granted host and reads the answer, up to 2 MiB.",
    args: z.tuple([requestSchema]),
    kind: "request",
    async handler(call, request) {
      const filled = await fillHeaders(call, request);
      const headers = toRequestHeaders([...request.headers, ...filled.pairs]);
      if (!headers.ok) throw new BridgeError("INVALID_ARGUMENT", headers.reason);
      const timeout = AbortSignal.timeout(request.timeoutMs ?? BRIDGE_LIMITS.requestMs.default);
      const sent = await sendRequest(
        {
          url: request.url,
          method: request.method,
          headers: headers.value,
          body: bodyOf(request),
          secretHeaders: filled.pairs.map(([name]) => name),
        },
        {
          fetch: call.services.fetch,
          refuseHost: (host, method) => refuseHost(call, host, method),
          signal: AbortSignal.any([call.signal, timeout]),
          maxBodyBytes: BRIDGE_LIMITS.bodyBytes,
          maxRedirects: BRIDGE_LIMITS.redirects,
        },
      );
      if (!sent.ok) throw new BridgeError("FAILED", redact(sent.reason, filled.values));
      const { status, statusText, body } = sent.value;
      return {
        status,
        statusText: redact(statusText, filled.values),
        headers: toGuestHeaders(sent.value.headers).map(([name, value]) => [name, redact(value, filled.values)]),
        ...toBody(body, filled.values),
      };
    },
  }),
];
