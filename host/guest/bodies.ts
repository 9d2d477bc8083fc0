/**
 * How do bodies cross that are larger than one message? In parts: a request's before it is sent, an answer's after it came.
 * The guest holds the body once, and beside it one part as text.
 */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { charCodeAt, slice, StringFunction, toWellFormed } from "./built-ins.ts";

/** Bytes of a part. The host takes no more. */
const PART_BYTES = 256 * 1024;
/** Characters of a part of text: none is more than three bytes, or six characters of JSON. */
const PART_CHARS = PART_BYTES / 4;

/** The body of an answer: text, or bytes of which these numbers are the first. */
export interface AnswerBody {
  readonly text: string | null;
  readonly bytes: number;
  readonly words: number[];
  readonly token: number | null;
}

/** Makes what stands for a body in a request, once its parts are with the host. */
export function createBodySender({ call, bytes }: GuestSandbox): (body: unknown) => Promise<unknown> {
  return (body) => {
    const length = bytes.length(body);
    return length === undefined ? sendText(toWellFormed(StringFunction(body))) : sendBytes(body, length);
  };

  async function sendBytes(body: unknown, length: number): Promise<unknown> {
    if (length <= PART_BYTES) return { units: bytes.units(body, 0, length), bytes: length };
    let token: unknown = null;
    for (let start = 0; start < length; start += PART_BYTES) {
      const count = length - start < PART_BYTES ? length - start : PART_BYTES;
      token = await call("http.writeBody", [token, bytes.units(body, start, count), count]);
    }
    return { token };
  }

  async function sendText(text: string): Promise<unknown> {
    if (text.length <= PART_CHARS) return text;
    let token: unknown = null;
    for (let start = 0; start < text.length;) {
      let end = start + PART_CHARS;
      // Not within a character of two.
      if ((charCodeAt(text, end) & 0xfc00) === 0xdc00) end += 1;
      token = await call("http.writeBody", [token, slice(text, start, end), null]);
      start = end;
    }
    return { token };
  }
}

/** Reads an answer's bytes to their end. */
export function createBodyReader({ call, bytes }: GuestSandbox): (answer: AnswerBody) => Promise<Uint8Array> {
  return async (answer) => {
    const whole = bytes.create(answer.bytes);
    let at = bytes.lay(answer.words, whole, 0);
    while (at < answer.bytes) at = bytes.lay((await call("http.readBody", [answer.token])) as number[], whole, at);
    return whole;
  };
}
