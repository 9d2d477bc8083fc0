/** What is `new Intl.NumberFormat(...)` in the guest? Its arguments, found valid by the host, and methods that ask it. */
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

/** Turns the arguments of a method into the answer. */
type Method = (setting: Setting, args: readonly unknown[], name: string) => unknown;

const settings = new WeakMapClass<object, Setting>();

/**
 * A class that may be called without `new` as well.
 *
 * @param bound the one among the methods that is read as a function in its own right, as `format` is.
 */
function formatter(kind: string, names: string, method: Method, bound?: string): object {
  function Formatter(this: object, locales?: unknown, options?: unknown): object {
    const self = new.target === undefined ? (create(prototype) as object) : this;
    const setting = toSetting(locales, options);
    ask(kind, "check", setting, []);
    weakSet(settings, self, setting);
    return self;
  }
  const prototype = Formatter.prototype as object;
  const settingOf = (self: unknown): Setting => {
    const setting = weakGet(settings, self);
    if (setting === undefined) throw new TypeErrorClass("Cannot use this as an Intl." + kind + ": it is none.");
    return setting;
  };
  for (const name of ("resolvedOptions " + names).split(" ")) {
    const run: Method = name === "resolvedOptions" ? (setting) => ask(kind, name, setting, []) : method;
    const descriptor =
      name === bound
        ? {
            get(this: unknown) {
              const setting = settingOf(this);
              return (...args: unknown[]) => run(setting, args, name);
            },
          }
        : {
            value(this: unknown, ...args: unknown[]) {
              return run(settingOf(this), args, name);
            },
            writable: true,
          };
    defineProperty(prototype, name, { ...descriptor, configurable: true });
  }
  defineProperty(Formatter, "supportedLocalesOf", {
    value: (locales: unknown) => ask(kind, "supported", { locales: joinLocales(locales), options: {} }, []),
    writable: true,
    configurable: true,
  });
  return Formatter;
}

/** Asks with as many arguments as the method has, each converted. */
function asking(kind: string, convert: (value: unknown) => unknown): Method {
  return (setting, args, name) => {
    const isRange = name === "formatRange" || name === "formatRangeToParts";
    return ask(kind, name, setting, isRange ? [convert(args[0]), convert(args[1])] : [convert(args[0])]);
  };
}

function toTexts(list: unknown): string[] {
  const texts: string[] = [];
  for (const item of list as Iterable<unknown>) append(texts, StringFunction(item));
  return texts;
}

const FORMATS = "format formatToParts";

export const formatters = {
  DateTimeFormat: formatter(
    "DateTimeFormat",
    FORMATS + " formatRange formatRangeToParts",
    asking("DateTimeFormat", toTime),
    "format",
  ),
  NumberFormat: formatter("NumberFormat", FORMATS, asking("NumberFormat", toNumeric), "format"),
  PluralRules: formatter("PluralRules", "select", asking("PluralRules", toNumeric)),
  RelativeTimeFormat: formatter("RelativeTimeFormat", FORMATS, (setting, args, name) =>
    ask("RelativeTimeFormat", name, setting, [toNumeric(args[0]), StringFunction(args[1])]),
  ),
  ListFormat: formatter("ListFormat", FORMATS, asking("ListFormat", toTexts)),
  DisplayNames: formatter("DisplayNames", "of", asking("DisplayNames", StringFunction)),
  Collator: formatter("Collator", "compare", (setting, args) => collate(setting, args[0], args[1]), "compare"),
  Segmenter: formatter("Segmenter", "segment", (setting, args) => segment(setting, args[0])),
};
