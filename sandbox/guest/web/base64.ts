/** How do `atob` and `btoa` work? As in the HTML standard, by the host: a loop in here takes twenty times as long. */
import { askHost } from "../host.ts";
import { indexOf, slice, StringFunction } from "../primordials.ts";
import { CROSSING } from "./bytes.ts";
import { DomError } from "./dom-exception.ts";

const WHITESPACE = " \t\n\f\r";

export function btoa(input: unknown): string {
  return convert("bytes.btoa", StringFunction(input));
}

export function atob(input: unknown): string {
  let text = StringFunction(input);
  for (let index = 0; index < WHITESPACE.length; index += 1) text = without(text, WHITESPACE[index] as string);
  // Padding within would end a piece as it ends a whole text.
  const padding = indexOf(text, "=");
  return convert("bytes.atob", padding >= 0 && padding < text.length - 2 ? "=" : text);
}

/** Piece by piece: three bytes are four characters wherever they stand. */
function convert(op: string, text: string): string {
  let out = "";
  try {
    for (let start = 0; start < text.length; start += CROSSING)
      out += askHost(op, [slice(text, start, start + CROSSING)]) as string;
  } catch {
    throw new DomError(
      "Cannot convert base64: a character is not allowed, or the length is wrong.",
      "InvalidCharacterError",
    );
  }
  return out;
}

function without(text: string, char: string): string {
  let out = "";
  let start = 0;
  for (let at = indexOf(text, char); at >= 0; at = indexOf(text, char, start)) {
    out += slice(text, start, at);
    start = at + 1;
  }
  return start === 0 ? text : out + slice(text, start);
}
