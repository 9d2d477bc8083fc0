/**
 * What is `new Intl.NumberFormat(...)` in the guest? Its arguments, found valid by the host, and methods that ask it. A
 * method that several kinds have is one function for all of them: each function is a good part of a kilobyte in images.
 */
import {
  append,
  create,
  defineProperty,
  StringFunction,
  TypeErrorClass,
  weakGet,
  WeakMapClass,
  weakSet,
} from "../primordials.ts";
import { collate } from "./collate.ts";
import { segment } from "./segments.ts";
import { ask, joinLocales, toNumeric, toSetting, toTime, type Setting } from "./setting.ts";

/** How each argument crosses to the host. */
type Conversions = readonly ((value: unknown) => unknown)[];
/** Answers in the guest itself. */
type Answer = (setting: Setting, args: readonly unknown[]) => unknown;

interface Formatter extends Setting {
  readonly kind: string;
  readonly how: Conversions | Answer;
}

const formatterOf = new WeakMapClass<object, Formatter>();
const RANGE: Conversions = [toTime, toTime];

function call(self: unknown, name: string, args: readonly unknown[]): unknown {
  const formatter = weakGet(formatterOf, self);
  if (formatter === undefined) throw new TypeErrorClass("Cannot use this as a formatter of Intl: it is none.");
  const { kind, how } = formatter;
  const values: unknown[] = [];
  if (name !== "resolvedOptions") {
    if (typeof how === "function") return how(formatter, args);
    const conversions = name === "formatRange" || name === "formatRangeToParts" ? RANGE : how;
    for (let index = 0; index < conversions.length; index += 1)
      append(values, (conversions[index] as Conversions[number])(args[index]));
  }
  return ask(kind, name, formatter, values);
}

const methods: Record<string, PropertyDescriptor> = {};
/** Precedes the name of a method that is read as a function in its own right, as `format` is. */
const BOUND = "bound ";

function methodOf(name: string): PropertyDescriptor {
  const plain = name.replace(BOUND, "");
  const method =
    name === plain
      ? {
          value(this: unknown, ...args: unknown[]) {
            return call(this, plain, args);
          },
          writable: true,
        }
      : {
          get(this: unknown) {
            return (...args: unknown[]) => call(this, plain, args);
          },
        };
  return (methods[name] ??= { ...method, configurable: true });
}

/** A class that may be called without `new` as well. */
function createClass(kind: string, names: string, how: Conversions | Answer): object {
  function Class(this: object, locales?: unknown, options?: unknown): object {
    const self = new.target === undefined ? (create(prototype) as object) : this;
    const setting = toSetting(locales, options);
    ask(kind, "check", setting, []);
    weakSet(formatterOf, self, { ...setting, kind, how });
    return self;
  }
  const prototype = Class.prototype as object;
  for (const name of ["resolvedOptions", ...names.split(", ")])
    defineProperty(prototype, name.replace(BOUND, ""), methodOf(name));
  defineProperty(Class, "supportedLocalesOf", {
    value: (locales: unknown) => ask(kind, "supported", { locales: joinLocales(locales), options: {} }, []),
    writable: true,
    configurable: true,
  });
  return Class;
}

function toTexts(list: unknown): string[] {
  const texts: string[] = [];
  for (const item of list as Iterable<unknown>) append(texts, StringFunction(item));
  return texts;
}

const KINDS: Readonly<Record<string, readonly [names: string, how: Conversions | Answer]>> = {
  DateTimeFormat: ["bound format, formatToParts, formatRange, formatRangeToParts", [toTime]],
  NumberFormat: ["bound format, formatToParts", [toNumeric]],
  PluralRules: ["select", [toNumeric]],
  RelativeTimeFormat: ["format, formatToParts", [toNumeric, StringFunction]],
  ListFormat: ["format, formatToParts", [toTexts]],
  DisplayNames: ["of", [StringFunction]],
  Collator: ["bound compare", (setting, args) => collate(setting, args[0], args[1])],
  Segmenter: ["segment", (setting, args) => segment(setting, args[0])],
};

/** The classes by name. Runs before untrusted code does, so plain lookups are fine here. */
export function createFormatters(): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.entries(KINDS).map(([kind, [names, how]]) => [kind, createClass(kind, names, how)]));
}
