/**
 * What is the body of a request or response? Text or bytes held whole, read once. There are no streams, forms or blobs
 * in the guest: what crosses to the host is text.
 */
import {
  charCodeAt,
  isInstance,
  jsonParse,
  slice,
  StringFunction,
  toWellFormed,
  typedBuffer,
  TypeErrorClass,
  Uint8ArrayClass,
} from "../primordials.ts";
import { decodeUtf8, encodeUtf8, isBytes, toBytes } from "./bytes.ts";
import { URLSearchParams } from "./search-params.ts";

type Content = string | Uint8Array;

/** For `clone` and for requests made of requests: the content, unread. */
export let contentOf: (body: Body) => Content | undefined;
/** Gives a body without any its content, which from then on is nobody else's. */
export let adopt: (body: Body, content: Uint8Array) => void;

export class Body {
  #content: Content | undefined;
  #isUsed = false;

  static {
    contentOf = (body) => {
      if (body.#isUsed) throw new TypeErrorClass("Cannot clone: the body was read already.");
      return body.#content;
    };
    adopt = (body, content) => {
      body.#content = content;
    };
  }

  /** @param body text, bytes, `URLSearchParams` or nothing; anything else becomes text. */
  protected constructor(body: unknown) {
    if (body === undefined || body === null) return;
    this.#content = isBytes(body) ? new Uint8ArrayClass(toBytes(body, "a body")) : toWellFormed(StringFunction(body));
  }

  get bodyUsed(): boolean {
    return this.#isUsed;
  }
  async text(): Promise<string> {
    return this.#text();
  }
  async json(): Promise<unknown> {
    return jsonParse(this.#text());
  }
  async bytes(): Promise<Uint8Array> {
    const content = this.#take();
    return typeof content === "string" ? encodeUtf8(content) : content;
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    const content = this.#take();
    // The body's own from its first to its last byte, and read once: there is nothing to copy.
    return typedBuffer(typeof content === "string" ? encodeUtf8(content) : content);
  }

  #text(): string {
    const content = this.#take();
    const text = typeof content === "string" ? content : (decodeUtf8(content, "replace") ?? "");
    return charCodeAt(text, 0) === 0xfeff ? slice(text, 1) : text;
  }
  #take(): Content {
    if (this.#isUsed)
      throw new TypeErrorClass("Cannot read the body: it was read already. Clone before reading twice.");
    this.#isUsed = this.#content !== undefined;
    return this.#content ?? "";
  }
}

/** Content type that goes with a body of that kind when the caller names none. */
export function toContentType(body: unknown): string | undefined {
  if (body === undefined || body === null || isBytes(body)) return undefined;
  return isInstance(URLSearchParams, body)
    ? "application/x-www-form-urlencoded;charset=UTF-8"
    : "text/plain;charset=UTF-8";
}
