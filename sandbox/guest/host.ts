/**
 * How does code in the VM reach the host? Through the two imports, as text, and never at top level. The promises it
 * waits on are kept here and settled by the host's `settle` alone.
 */
import { assertInEntry } from "./phase.ts";
import {
  ErrorClass,
  jsonParse,
  jsonStringify,
  mapClear,
  mapDelete,
  MapClass,
  mapGet,
  mapSet,
  PromiseClass,
  RangeErrorClass,
  setOwn,
  slice,
  TypeErrorClass,
} from "./primordials.ts";
import { captureStackTrace } from "./stack.ts";

export type CallImport = (op: string, json: string, id: number) => undefined;
export type AskImport = (op: string, json: string) => string | undefined;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Where it was called from. */
  readonly stack: string;
}

let callImport: CallImport;
let askImport: AskImport;
const waiting = new MapClass<number, Waiting>();
let lastId = 0;

export function connect(call: CallImport, ask: AskImport): void {
  callImport = call;
  askImport = ask;
}

/** JSON of a list, element by element, so that no `toJSON` on a prototype sees the list itself. */
export function encodeList(list: readonly unknown[]): string {
  let text = "[";
  for (let index = 0; index < list.length; index += 1) {
    if (index > 0) text += ",";
    text += jsonStringify(list[index]) ?? "null";
  }
  return text + "]";
}

/** Sends a call and waits for its answer. Rejects with an `Error` that carries the host's `name`, `code` and `message`. */
export function callHost(op: string, args: readonly unknown[]): Promise<unknown> {
  assertInEntry(op);
  const json = encodeList(args);
  // An error made when the answer arrives would know the host's entry alone.
  const at = { __proto__: null, stack: "" };
  captureStackTrace(at, callHost);
  return new PromiseClass((resolve, reject) => {
    lastId += 1;
    mapSet(waiting, lastId, { __proto__: null, resolve, reject, stack: at.stack } as Waiting);
    callImport(op, json, lastId);
  });
}

/** Sends text nobody answers. */
export function tellHost(op: string, json: string): void {
  callImport(op, json, 0);
}

const RANGE_SIGN = "RangeError: ";

/** Asks for an answer on the spot; throws a `TypeError` when there is none, or the `RangeError` the host speaks of. */
export function askHost(op: string, args: readonly unknown[]): unknown {
  const answer = askImport(op, encodeList(args));
  if (answer === undefined) throw new ErrorClass("Cannot ask for " + op + ": the entry has ended.");
  const text = slice(answer, 1);
  if (answer[0] === "=") return jsonParse(text);
  if (slice(text, 0, RANGE_SIGN.length) === RANGE_SIGN) throw new RangeErrorClass(slice(text, RANGE_SIGN.length));
  throw new TypeErrorClass(text);
}

/** The host's answer to call `id`; unknown ids are answers nobody waits for any more. */
export function settle(id: number, isResolved: boolean, json: string): void {
  const promise = mapGet(waiting, id);
  if (promise === undefined) return;
  mapDelete(waiting, id);
  try {
    const value = jsonParse(json);
    if (isResolved) promise.resolve(value);
    else promise.reject(toError(value as HostError, promise.stack));
  } catch (error) {
    // JSON nested too deeply for the stack, or no JSON at all: an error of this call alone.
    promise.reject(error);
  }
}

/** Forgets every call: their promises stay pending for ever. */
export function forgetCalls(): void {
  mapClear(waiting);
}

interface HostError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

function toError({ name, code, message }: HostError, stack: string): Error {
  const error =
    name === "TypeError"
      ? new TypeErrorClass(message)
      : name === "RangeError"
        ? new RangeErrorClass(message)
        : new ErrorClass(message);
  setOwn(error, "name", name, false);
  setOwn(error, "code", code, false);
  setOwn(error, "stack", stack, false);
  return error;
}
