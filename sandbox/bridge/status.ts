/**
 * How does an entry stand? Reads the one line of text the prelude's `status` op answers with; untrusted, like all text
 * of the guest, so anything unexpected reads as "nothing can arrive any more".
 */
import type { GuestError, JsonText } from "../types.ts";

export type EntryStatus =
  | { readonly kind: "resolved"; readonly value: JsonText }
  | { readonly kind: "rejected"; readonly error: GuestError }
  /** Pending; `timerMs` until the next timer of the guest is due, if there is one. */
  | { readonly kind: "pending"; readonly timerMs: number | undefined };

const NAME_CHARS = 100;
const MESSAGE_CHARS = 4_000;
const STACK_CHARS = 8_000;
const CAUSES = 3;

type Fields = Readonly<Record<string, unknown>>;

/** `=JSON` resolved, `!JSON` rejected, `~ms` pending with a timer, anything else pending. */
export function parseStatus(text: string): EntryStatus {
  const rest = text.slice(1);
  if (text.startsWith("=")) return { kind: "resolved", value: rest };
  if (text.startsWith("!")) return { kind: "rejected", error: parseGuestError(rest) };
  const ms = text.startsWith("~") ? Number(rest) : Number.NaN;
  return { kind: "pending", timerMs: Number.isFinite(ms) ? Math.max(0, ms) : undefined };
}

/** Takes the known fields, cut to length, and causes to a depth; whatever else the guest sent is dropped. */
export function parseGuestError(json: JsonText): GuestError {
  return toGuestError(parseObject(json), CAUSES);
}

function toGuestError(fields: Fields, causesLeft: number): GuestError {
  const text = (key: string, chars: number) => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return typeof value === "string" ? value.slice(0, chars) : undefined;
  };
  const stack = text("stack", STACK_CHARS);
  const code = text("code", NAME_CHARS);
  const cause = causesLeft > 0 && Object.hasOwn(fields, "cause") ? fields["cause"] : undefined;
  return {
    name: text("name", NAME_CHARS) ?? "Error",
    message: text("message", MESSAGE_CHARS) ?? "",
    ...(stack === undefined ? {} : { stack }),
    ...(code === undefined ? {} : { code }),
    ...(isFields(cause) ? { cause: toGuestError(cause, causesLeft - 1) } : {}),
  };
}

function parseObject(json: JsonText): Fields {
  try {
    const value: unknown = JSON.parse(json);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
