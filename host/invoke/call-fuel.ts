/**
 * What does a bridge call cost in fuel? At least the host's CPU for it, in units of 5 to 10 ns: something for the call, more
 * by the characters of its arguments, paid before any work is done; then by the characters of its result.
 */
import type { CallKind } from "../bridges/define-bridge.ts";

/** Units for a call whatever it carries: checks, statements, the row that comes back. */
const BASE: Readonly<Record<CallKind, number>> = { data: 20_000, request: 40_000, compute: 2_000 };

/** Units for methods that take more statements than one. */
const BASE_OF: Readonly<Record<string, number>> = {
  "content.list": 40_000,
  "content.create": 80_000,
  "content.update": 80_000,
  "content.publish": 60_000,
  "content.unpublish": 60_000,
  "content.delete": 60_000,
  "storage.query": 40_000,
  "storage.putMany": 40_000,
  "storage.deleteMany": 40_000,
  "kv.list": 40_000,
};

/** Units per character. */
export const CHAR_FUEL = {
  /** Parsed, checked and written: a list of numbers takes 50 ns a character. */
  argument: 10,
  /** Where names must be looked at one by one: 250 ns. */
  guarded: 50,
  /** Of a result: written as JSON, and read once by the guest's side of the door. */
  result: 2,
  /** Worked on, e.g. Markdown: 600 ns as a rule. What takes ten times that is bounded by `Budget.compute`. */
  compute: 100,
} as const;

/** Units per character of methods that do more with their arguments than read them: HTML in a mail is sanitised. */
const CHARS_OF: Readonly<Record<string, number>> = { "email.send": 50 };

/** Units for a call before anything of it is looked at. A method that does not exist costs like one of data. */
export function callFuel(op: string, kind: CallKind | undefined, args: string, isGuarded: boolean): number {
  const own = Object.hasOwn(CHARS_OF, op) ? CHARS_OF[op]! : 0;
  const perChar = Math.max(isGuarded ? CHAR_FUEL.guarded : CHAR_FUEL.argument, own);
  const base = Object.hasOwn(BASE_OF, op) ? BASE_OF[op]! : BASE[kind ?? "data"];
  return base + args.length * perChar;
}
