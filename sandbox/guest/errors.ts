/**
 * How does a thrown value become text? As name, message, stack and code, read one by one and encoded as strings, so
 * neither a getter that throws nor a `toJSON` on a prototype decides what the host gets to parse.
 */
import { jsonStringify, StringFunction } from "./primordials.ts";

const FALLBACK = '{"name":"Error","message":"(the thrown value could not be read)"}';

/** The JSON of a `GuestError`. Never throws; runs the guest's getters on the guest's fuel. */
export function describeError(thrown: unknown): string {
  try {
    if ((typeof thrown !== "object" && typeof thrown !== "function") || thrown === null) {
      return `{"name":"Error","message":${quote(`Thrown: ${StringFunction(thrown)}`)}}`;
    }
    const error = thrown as Readonly<Record<"name" | "message" | "stack" | "code", unknown>>;
    const { name, message, stack, code } = error;
    let text = `{"name":${quote(typeof name === "string" ? name : "Error")},"message":${quote(typeof message === "string" ? message : "")}`;
    if (typeof stack === "string") text += `,"stack":${quote(stack)}`;
    if (typeof code === "string") text += `,"code":${quote(code)}`;
    return `${text}}`;
  } catch {
    return FALLBACK;
  }
}

function quote(text: string): string {
  return jsonStringify(text);
}
