/**
 * Which bodies does an invocation hold on the host between its calls? Those that are larger than one message: they come
 * and go in parts. A token is a number of this invocation and means nothing in another; everything goes at its end.
 */
import { CHARS_PER_BYTE_IN } from "./body-text.ts";
import type { BodyShare } from "./body-room.ts";
import { BridgeError } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

/** The bodies of one invocation. */
export interface Bodies {
  /** Room for the bytes of all of them, and of those that are being read. */
  readonly room: BodyShare;
  /** Counts what an answer will take of the invocation's messages, before any of it is sent. Throws BridgeError. */
  receive(chars: number): void;
  /** Adds a part to a request's body, to a new one where there is no token. Answers the token. Throws BridgeError. */
  write(token: number | null, part: Uint8Array): number;
  /** The whole body; its room is the caller's to give back. Throws BridgeError. */
  takeWritten(token: number): Uint8Array;
  /** Holds what is left of an answer. `heldBytes` is the room that was taken for it. */
  keep(rest: Uint8Array, heldBytes: number): number;
  /** The next part of an answer; after the last one it is no longer held. Throws BridgeError. */
  readPart(token: number): Uint8Array;
  close(): void;
}

/** What an invocation's bodies may take. */
export interface BodiesParts {
  readonly room: BodyShare;
  /** Bytes of messages to the invocation; see `Budget.bytesIn`. */
  readonly bytesIn: number;
}

/** No bodies yet. */
export function createBodies({ room, bytesIn }: BodiesParts): Bodies {
  const written = new Map<number, { readonly parts: Uint8Array[]; bytes: number }>();
  const answers = new Map<number, { rest: Uint8Array; readonly heldBytes: number }>();
  let tokens = 0;
  let received = 0;

  return {
    room,
    receive(chars) {
      received += chars;
      if (received <= bytesIn) return;
      throw new BridgeError(
        "BUDGET_EXCEEDED",
        `The answer does not fit: this invocation may receive ${bytesIn} bytes in all, and a byte of a body takes up to ${CHARS_PER_BYTE_IN} of them. Ask for less, or do it in a schedule.`,
      );
    },
    write(token, part) {
      const body = token === null ? { parts: [], bytes: 0 } : written.get(token);
      // SECURITY: a token of another invocation, or one that was used, finds nothing. (tests/host/bodies.source.test.ts, "a token")
      if (!body) throw unknown(token);
      if (body.bytes + part.length > BRIDGE_LIMITS.bodyBytes) {
        throw new BridgeError("INVALID_ARGUMENT", `The request's body has more than ${BRIDGE_LIMITS.bodyBytes} bytes.`);
      }
      if (!room.take(part.length)) {
        throw new BridgeError(
          "BUDGET_EXCEEDED",
          "There is no room for the request's body: too many bytes of bodies are held at this moment. Send one after the other, or try again.",
        );
      }
      body.parts.push(part);
      body.bytes += part.length;
      if (token !== null) return token;
      written.set(++tokens, body);
      return tokens;
    },
    takeWritten(token) {
      const body = written.get(token);
      if (!body) throw unknown(token);
      written.delete(token);
      const whole = new Uint8Array(body.bytes);
      let at = 0;
      for (const part of body.parts.splice(0)) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
    keep(rest, heldBytes) {
      answers.set(++tokens, { rest, heldBytes });
      return tokens;
    },
    readPart(token) {
      const answer = answers.get(token);
      if (!answer) throw unknown(token);
      const part = answer.rest.subarray(0, BRIDGE_LIMITS.partBytes);
      answer.rest = answer.rest.subarray(part.length);
      if (answer.rest.length === 0) {
        answers.delete(token);
        room.take(-answer.heldBytes);
      }
      return part;
    },
    close() {
      written.clear();
      answers.clear();
      room.close();
    },
  };
}

function unknown(token: number | null): BridgeError {
  return new BridgeError("NOT_FOUND", `There is no body ${token} in this invocation, or it was read to its end.`);
}
