/** Which parts of Intl are there, and who else asks for them? These; `toLocaleString` and its like of dates, numbers and texts. */
import { askHost } from "../host.ts";
import { installGlobals } from "../install.ts";
import { bigintValue, dateValue, numberValue, StringFunction } from "../primordials.ts";
import { collate } from "./collate.ts";
import { createFormatters } from "./formatters.ts";
import { ask, joinLocales, toNumeric, toSetting } from "./setting.ts";

const Intl = {
  getCanonicalLocales: (locales: unknown) => askHost("intl.canonical", [joinLocales(locales)]),
  supportedValuesOf: (key: unknown) => askHost("intl.values", [StringFunction(key)]),
};

/** Runs before untrusted code does, so plain lookups are fine here. */
export function installIntl(): void {
  installGlobals({ ...Intl }, Intl);
  installGlobals(createFormatters(), Intl, "Intl.");
  installGlobals({ Intl });
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
    const method = function (this: Date, locales?: unknown, options?: unknown): unknown {
      const ms = dateValue(this);
      return ms === ms ? ask("Date", name, toSetting(locales, options), [ms]) : "Invalid Date";
    };
    installGlobals({ [name]: method }, Date.prototype);
  }
  for (const [{ prototype }, valueOf] of [
    [Number, numberValue],
    [BigInt, bigintValue],
  ] as const) {
    const toLocaleString = function (this: unknown, locales?: unknown, options?: unknown): unknown {
      return ask("NumberFormat", "format", toSetting(locales, options), [toNumeric(valueOf(this))]);
    };
    installGlobals({ toLocaleString }, prototype);
  }
  const localeCompare = function (this: unknown, other: unknown, locales?: unknown, options?: unknown): number {
    return collate(toSetting(locales, options), StringFunction(this), other);
  };
  installGlobals({ localeCompare }, String.prototype);
}
