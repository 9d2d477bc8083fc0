/**
 * How does a thrown value become text? As name, message, stack, code and cause, read one by one and encoded as strings,
 * so neither a getter that throws nor a `toJSON` on a prototype decides what the host gets to parse.
 */
import { isArray, isError, jsonStringify, slice, StringFunction } from "./primordials.ts";

const FALLBACK = '{"name":"Error","message":"(the thrown value could not be read)"}';
/** Characters of the whole description, below what the driver reads, and of the parts. */
const ALL_CHARS = 19_000;
const NAME_CHARS = 100;
const MESSAGE_CHARS = 4_000;
const STACK_CHARS = 6_000;
const CAUSES = 3;
/** Errors of an `AggregateError` that its message names. */
const ERRORS_NAMED = 3;
/** Most characters JSON needs for one. */
const LONGEST_ESCAPE = 6;

type Fields = Readonly<Record<"name" | "message" | "stack" | "code" | "cause" | "errors", unknown>>;

/** The JSON of a `GuestError`. Never throws; runs the guest's getters on the guest's fuel. */
export function describeError(thrown: unknown): string {
  return describe(thrown, "Thrown: ", CAUSES, ALL_CHARS);
}

function describe(thrown: unknown, prefix: string, causesLeft: number, room: number): string {
  try {
    if ((typeof thrown !== "object" && typeof thrown !== "function") || thrown === null)
      return '{"name":"Error","message":' + quote(prefix + StringFunction(thrown), MESSAGE_CHARS) + "}";
    const error = thrown as Fields;
    const { name, stack, code } = error;
    let text =
      '{"name":' +
      quote(typeof name === "string" ? name : "Error", NAME_CHARS) +
      ',"message":' +
      quote(toMessage(error), MESSAGE_CHARS);
    if (typeof stack === "string") text += ',"stack":' + quote(stack, STACK_CHARS);
    if (typeof code === "string") text += ',"code":' + quote(code, NAME_CHARS);
    if (causesLeft > 0) text += describeCause(error, causesLeft, room - text.length - 1);
    return text + "}";
  } catch {
    return FALLBACK;
  }
}

/** A cause that cannot be read or has no room left is left out; what it explains is not. */
function describeCause(error: Fields, causesLeft: number, room: number): string {
  try {
    const { cause } = error;
    if (cause === undefined || cause === null || cause === error) return "";
    const text = ',"cause":' + describe(cause, "", causesLeft - 1, room);
    return text.length <= room ? text : "";
  } catch {
    return "";
  }
}

/** An `AggregateError` of several failures has no message of its own: theirs stand in for it. */
function toMessage({ message, errors }: Fields): string {
  if (typeof message === "string" && message !== "") return message;
  if (!isArray(errors)) return "";
  let text = errors.length + " errors";
  for (let index = 0; index < errors.length && index < ERRORS_NAMED; index += 1) {
    const error: unknown = errors[index];
    text += (index > 0 ? "; " : ": ") + StringFunction(isError(error) ? error.message : error);
  }
  return errors.length > ERRORS_NAMED ? text + "; ..." : text;
}

/** Text in quotes, of at most `chars` characters and a quarter more for what had to be escaped. */
function quote(text: string, chars: number): string {
  const quoted = jsonStringify(slice(text, 0, chars));
  return quoted.length <= chars * 1.25 + 2 ? quoted : jsonStringify(slice(text, 0, chars / LONGEST_ESCAPE));
}
