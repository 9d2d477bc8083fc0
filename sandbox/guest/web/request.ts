/** What is a request? Method, absolute URL, headers, a body held whole, and a signal. Sending it is the host's business. */
import { isInstance, StringFunction, toUpperCase, TypeErrorClass } from "../primordials.ts";
import { createSignal, type AbortSignal } from "./abort.ts";
import { Body, contentOf, toContentType } from "./body.ts";
import { Headers } from "./headers.ts";
import { URL } from "./url.ts";

interface RequestInit {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly redirect?: unknown;
}

export class Request extends Body {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
  readonly redirect: string;

  constructor(input: unknown, init: RequestInit = {}) {
    const from = isInstance(Request, input) ? input : undefined;
    const body = init.body === undefined && from !== undefined ? contentOf(from) : init.body;
    super(body);
    this.method = toMethod(init.method ?? from?.method ?? "GET");
    const hasBody = body !== undefined && body !== null;
    if (hasBody && (this.method === "GET" || this.method === "HEAD"))
      throw new TypeErrorClass("Cannot create a " + this.method + " Request with a body.");
    this.url = from === undefined ? new URL(input).href : from.url;
    this.headers = new Headers(init.headers ?? from?.headers);
    this.signal = init.signal ?? from?.signal ?? createSignal();
    this.redirect = StringFunction(init.redirect ?? from?.redirect ?? "follow");
    const type = toContentType(init.body);
    if (type !== undefined && !this.headers.has("content-type")) this.headers.set("content-type", type);
  }
  clone(): Request {
    return new Request(this);
  }
}

const NORMALISED = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

function toMethod(method: unknown): string {
  const text = StringFunction(method);
  const upper = toUpperCase(text);
  for (let index = 0; index < NORMALISED.length; index += 1) if (NORMALISED[index] === upper) return upper;
  return text;
}
