/** `ctx.http.fetch`: turns what authors pass to `fetch` into JSON for the host, and the host's answer into a Response. */
import type { GuestSandbox } from "../../sandbox/types.ts";

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
declare const atob: (text: string) => string;
declare const btoa: (text: string) => string;

const { fromCharCode } = String;

/** The object behind `ctx.http`. */
export function createHttp(sandbox: GuestSandbox): Record<string, unknown> {
  return {
    async fetch(url: unknown, init: Init = {}) {
      const request = {
        url: String(url),
        method: init.method === undefined ? "GET" : String(init.method),
        headers: toHeaders(init.headers),
        ...toBody(init.body),
        ...(init.secretHeaders === undefined ? {} : { secretHeaders: init.secretHeaders }),
        ...(init.timeoutMs === undefined ? {} : { timeoutMs: init.timeoutMs }),
      };
      const answer = (await sandbox.call("http.fetch", [request])) as HttpAnswer;
      const empty = answer.status === 204 || answer.status === 304;
      return new Response(empty ? null : (answer.text ?? toBytes(answer.base64 ?? "")), {
        status: answer.status,
        statusText: answer.statusText,
        headers: answer.headers,
      });
    },
  };
}

function toHeaders(headers: unknown): readonly (readonly [string, string])[] {
  if (headers === undefined || headers === null) return [];
  const pairs: [string, string][] = [];
  const entries = isIterable(headers) ? [...headers] : Object.entries(headers);
  for (const pair of entries) {
    const [name, value] = pair as [unknown, unknown];
    pairs.push([String(name), String(value)]);
  }
  return pairs;
}

function toBody(body: unknown): { readonly body?: string; readonly bodyBase64?: string } {
  if (body === undefined || body === null) return {};
  if (body instanceof ArrayBuffer) return { bodyBase64: toBase64(new Uint8Array(body)) };
  if (ArrayBuffer.isView(body)) {
    return { bodyBase64: toBase64(new Uint8Array(body.buffer, body.byteOffset, body.byteLength)) };
  }
  return { body: String(body) };
}

function toBytes(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += fromCharCode(bytes[i] as number);
  return btoa(text);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
