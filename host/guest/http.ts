/** `ctx.http.fetch`: turns what authors pass to `fetch` into JSON for the host, and the host's answer into a Response. */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { append, iterator, keys, StringFunction } from "./built-ins.ts";
import { createBodySender, createBodyReader, type AnswerBody } from "./bodies.ts";

interface HttpAnswer extends AnswerBody {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
}

interface Init {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly secretHeaders?: unknown;
  readonly timeoutMs?: unknown;
}

declare const Response: new (body: string | null, init: object) => object;
const ResponseClass = Response;

/** The object behind `ctx.http`. */
export function createHttp(sandbox: GuestSandbox): Record<string, unknown> {
  const sendBody = createBodySender(sandbox);
  const readBody = createBodyReader(sandbox);

  return {
    async fetch(url: unknown, init: Init = {}) {
      const { method, headers, body, secretHeaders, timeoutMs } = init;
      const request = {
        url: StringFunction(url),
        method: method === undefined ? "GET" : StringFunction(method),
        headers: toHeaders(headers),
        body: body === undefined || body === null ? undefined : await sendBody(body),
        // JSON leaves out what is undefined.
        secretHeaders,
        timeoutMs,
      };
      const answer = (await sandbox.call("http.fetch", [request])) as HttpAnswer;
      const { status, statusText } = answer;
      const start = { status, statusText, headers: answer.headers };
      if (answer.text === null) return sandbox.respond(await readBody(answer), start);
      const isBodiless = status === 204 || status === 205 || status === 304;
      return new ResponseClass(isBodiless ? null : answer.text, start);
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
