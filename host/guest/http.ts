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
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** The value of each character of base64 by its code; padding counts as zero. */
const VALUES = new Uint8Array(128);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

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

/** Bytes of the host's base64. Not by `atob`, which takes ten times the fuel: bodies have megabytes. */
function toBytes(base64: string): Uint8Array {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((base64.length / 4) * 3 - padding);
  const at = (index: number): number => VALUES[base64.charCodeAt(index)] as number;
  for (let from = 0, to = 0; from < base64.length; from += 4, to += 3) {
    const bits = (at(from) << 18) | (at(from + 1) << 12) | (at(from + 2) << 6) | at(from + 3);
    // What padding stands for lies behind the end, where a typed array takes nothing.
    bytes[to] = bits >> 16;
    bytes[to + 1] = bits >> 8;
    bytes[to + 2] = bits;
  }
  return bytes;
}

function toBase64(bytes: Uint8Array): string {
  const letter = (bits: number): string => ALPHABET[bits & 63] as string;
  const { length } = bytes;
  let text = "";
  for (let i = 0; i < length; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += letter(bits >> 18) + letter(bits >> 12);
    text += (i + 1 < length ? letter(bits >> 6) : "=") + (i + 2 < length ? letter(bits) : "=");
  }
  return text;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
