/**
 * What does the guest keep of a formatter? What it was called with: locales as one text, and those options that are plain
 * values. The host makes of it what it needs, each time it is asked; without a locale and zone it is en-US and UTC.
 */
import { askHost } from "../host.ts";
import {
  append,
  create,
  dateNow,
  is,
  isArray,
  keys,
  NumberFunction,
  StringFunction,
  TypeErrorClass,
} from "../primordials.ts";

export interface Setting {
  readonly locales: string;
  readonly options: object;
}

export function toSetting(locales: unknown, options: unknown): Setting {
  if (options === null) throw new TypeErrorClass("Cannot use null as the options of Intl.");
  const plain = create(null) as Record<string, unknown>;
  const names = options === undefined ? [] : keys(options as object);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") plain[name] = value;
  }
  return { locales: joinLocales(locales), options: plain };
}

export function joinLocales(locales: unknown): string {
  if (!isArray(locales)) return locales === undefined ? "" : StringFunction(locales);
  let text = "";
  for (let index = 0; index < locales.length; index += 1)
    text += (index > 0 ? "," : "") + StringFunction(locales[index]);
  return text;
}

export function ask(kind: string, method: string, { locales, options }: Setting, values: readonly unknown[]): unknown {
  const args: unknown[] = [method, locales, options];
  for (let index = 0; index < values.length; index += 1) append(args, values[index]);
  return askHost("intl." + kind, args);
}

/** As the host takes a number: as text where JSON has no form for it. */
export function toNumeric(value: unknown): unknown {
  if (typeof value === "string") return value;
  const number = typeof value === "bigint" ? value : NumberFunction(value);
  if (is(number, -0)) return "-0";
  return typeof number === "bigint" || number - number !== 0 ? StringFunction(number) : number;
}

/** Now, where no time is given. */
export function toTime(value: unknown): number {
  return value === undefined ? dateNow() : NumberFunction(value);
}
