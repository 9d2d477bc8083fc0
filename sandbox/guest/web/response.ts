/** What is a response? Status, headers and a body held whole. */
import { jsonStringify, NumberFunction, RangeErrorClass, StringFunction, TypeErrorClass } from "../primordials.ts";
import { adopt, Body, contentOf, toContentType } from "./body.ts";
import { Headers } from "./headers.ts";
import { URL } from "./url.ts";

interface ResponseInit {
  readonly status?: unknown;
  readonly statusText?: unknown;
  readonly headers?: unknown;
  readonly url?: unknown;
}

export class Response extends Body {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Set by whoever made the request; empty otherwise. */
  readonly url: string;
  readonly redirected: boolean = false;
  readonly type: string = "default";

  constructor(body?: unknown, init: ResponseInit = {}) {
    super(body);
    const status = init.status === undefined ? 200 : NumberFunction(init.status);
    if (!(status >= 200 && status <= 599 && status % 1 === 0))
      throw new RangeErrorClass("Cannot create a Response with status " + status + ": expected 200 to 599.");
    const isBodiless = status === 204 || status === 205 || status === 304;
    if (isBodiless && body !== undefined && body !== null)
      throw new TypeErrorClass("Cannot create a Response with status " + status + ": it must have no body.");
    this.status = status;
    this.statusText = StringFunction(init.statusText ?? "");
    this.headers = new Headers(init.headers);
    this.url = StringFunction(init.url ?? "");
    const type = toContentType(body);
    if (type !== undefined && !this.headers.has("content-type")) this.headers.set("content-type", type);
  }

  static json(data: unknown, init: ResponseInit = {}): Response {
    const text = jsonStringify(data);
    if (text === undefined) throw new TypeErrorClass("Cannot create a JSON Response: the value has no JSON form.");
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(text, { ...init, headers });
  }
  static redirect(url: unknown, status: unknown = 302): Response {
    if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308)
      throw new RangeErrorClass(
        "Cannot redirect with status " + StringFunction(status) + ": expected 301, 302, 303, 307 or 308.",
      );
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  clone(): Response {
    return new Response(contentOf(this), {
      status: this.status,
      statusText: this.statusText,
      headers: this.headers,
      url: this.url,
    });
  }
}

/** A response that takes these bytes over instead of a copy. */
export function respond(body: Uint8Array, init: ResponseInit): Response {
  const response = new Response(null, init);
  adopt(response, body);
  return response;
}
