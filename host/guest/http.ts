/** `ctx.http.fetch`: turns what authors pass to `fetch` into JSON for the host, and the host's answer into a Response. */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { append, iterator, keys, StringFunction } from "./built-ins.ts";

interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The body, where it is UTF-8. */
  readonly text?: string;
  /** The body in base64, where it is not. */
  readonly base64?: string;
}

interface Init {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly secretHeaders?: unknown;
  readonly timeoutMs?: unknown;
}

declare const Response: new (body: Uint8Array | string | null, init: object) => object;
const ResponseClass = Response;

/** The object behind `ctx.http`. */
export function createHttp({ call, base64 }: GuestSandbox): Record<string, unknown> {
  function toBody(body: unknown): { readonly body?: string; readonly bodyBase64?: string } {
    if (body === undefined || body === null) return {};
    const bodyBase64 = base64.encode(body);
    return bodyBase64 === undefined ? { body: StringFunction(body) } : { bodyBase64 };
  }

  return {
    async fetch(url: unknown, init: Init = {}) {
      const { method, headers, body, secretHeaders, timeoutMs } = init;
      const request = {
        url: StringFunction(url),
        method: method === undefined ? "GET" : StringFunction(method),
        headers: toHeaders(headers),
        ...toBody(body),
        // JSON leaves out what is undefined.
        secretHeaders,
        timeoutMs,
      };
      const answer = (await call("http.fetch", [request])) as HttpAnswer;
      const { status, statusText } = answer;
      const isEmpty = status === 204 || status === 304;
      return new ResponseClass(isEmpty ? null : (answer.text ?? base64.decode(answer.base64 ?? "")), {
        status,
        statusText,
        headers: answer.headers,
      });
    },
  };
}

/** Pairs of name and value. What is iterated says itself what it holds. */
function toHeaders(headers: unknown): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  if (headers === undefined || headers === null) return pairs;
  if (typeof headers === "object" && iterator in headers) {
    for (const pair of headers as Iterable<readonly unknown[]>)
      append(pairs, [StringFunction(pair[0]), StringFunction(pair[1])]);
    return pairs;
  }
  const names = keys(headers);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    append(pairs, [name, StringFunction((headers as Readonly<Record<string, unknown>>)[name])]);
  }
  return pairs;
}
