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
  "storage.compareAndSet": 40_000,
  "storage.compareAndDelete": 40_000,
  "kv.list": 40_000,
  "kv.delete": 40_000,
  "kv.compareAndSet": 60_000,
  "kv.compareAndDelete": 40_000,
  "content.listRevisions": 40_000,
  "content.getRevision": 40_000,
  "content.getTranslations": 40_000,
  "content.getPublicUrl": 40_000,
  "taxonomies.getEntryTerms": 40_000,
  "media.upload": 100_000,
  "media.delete": 80_000,
  "http.writeBody": 5_000,
  "http.readBody": 5_000,
};

/** Methods that take a part of a body: a number, one long text, a number. */
const WITH_TEXT = new Set(["http.writeBody"]);
/** Methods that answer a part of a body: a list of numbers. */
const WITH_NUMBERS = new Set(["http.readBody"]);

/** How arguments are read, and so what they cost; a key of `CHAR_FUEL`. */
export type ArgumentShape = "argument" | "guarded" | "text";

/** Whether the arguments are one text between numbers, and so hold no keys. Looks at each character once. */
export function isOneText(op: string, args: string): boolean {
  if (!WITH_TEXT.has(op)) return false;
  const start = /^\[(?:null|\d{1,4}),"/.exec(args)?.[0].length;
  if (start === undefined) return false;
  let end = args.indexOf('"', start);
  while (end > 0 && isEscaped(args, end)) end = args.indexOf('"', end + 1);
  return end > 0 && args.length - end < 12 && /^",(?:null|\d{1,6})\]$/.test(args.slice(end));
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

/** Units per character. */
export const CHAR_FUEL = {
  /** Parsed, checked and written: a list of numbers takes 50 ns a character. */
  argument: 10,
  /** Where names must be looked at one by one: 250 ns. */
  guarded: 50,
  /** One text: 10 ns. */
  text: 2,
  /** Of a result: written as JSON, and read once by the guest's side of the door. */
  result: 2,
  /** Of a result that is a list of numbers: 5 ns. */
  numbers: 1,
  /** Worked on, e.g. Markdown: 600 ns as a rule. What takes ten times that is bounded by `Budget.compute`. */
  compute: 100,
} as const;

/** Units per character of methods that do more with their arguments than read them: HTML in a mail is sanitised. */
const CHARS_OF: Readonly<Record<string, number>> = { "email.send": 50 };

/** Units for a call before anything of it is looked at. A method that does not exist costs like one of data. */
export function callFuel(op: string, kind: CallKind | undefined, args: string, shape: ArgumentShape): number {
  const perChar = Math.max(CHAR_FUEL[shape], Object.hasOwn(CHARS_OF, op) ? CHARS_OF[op]! : 0);
  const base = Object.hasOwn(BASE_OF, op) ? BASE_OF[op]! : BASE[kind ?? "data"];
  return base + args.length * perChar;
}

/** Units for a result. */
export function resultFuel(op: string, chars: number): number {
  return chars * (WITH_NUMBERS.has(op) ? CHAR_FUEL.numbers : CHAR_FUEL.result);
}
