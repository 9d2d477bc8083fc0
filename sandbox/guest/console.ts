/**
 * What becomes of `console`? Each call is one log line to the host: text as it is, with %s and its like filled in, errors
 * with their stack, everything else as JSON. At top level lines are dropped: there is no invocation they could belong to.
 */
import { describeError } from "./errors.ts";
import { encodeList, tellHost } from "./host.ts";
import { isAtTopLevel } from "./phase.ts";
import {
  append,
  dateNow,
  indexOf,
  isError,
  isInstance,
  jsonStringify,
  MapClass,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NumberFunction,
  SetClass,
  setForEach,
  slice,
  StringFunction,
} from "./primordials.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

const LOG_OP = "sandbox:log";
const MESSAGE_CHARS = 10_000;

/** Sends one line. `data` crosses as JSON text. */
export function log(level: LogLevel, message: string, data?: unknown): void {
  if (isAtTopLevel()) return;
  const json = data === undefined ? undefined : toJson(data);
  tellHost(LOG_OP, encodeList([level, slice(StringFunction(message), 0, MESSAGE_CHARS), json]));
}

function write(level: LogLevel): (...args: unknown[]) => void {
  return (...args) => log(level, format(args));
}

function format(args: readonly unknown[]): string {
  const pattern = args[0];
  if (args.length === 0) return "";
  let taken = 1;
  let message = "";
  if (typeof pattern === "string" && args.length > 1) {
    let start = 0;
    for (let at = indexOf(pattern, "%"); at >= 0; at = indexOf(pattern, "%", start)) {
      const sign = slice(pattern, at + 1, at + 2);
      const isFilled = sign !== "" && indexOf("sdifoOjc", sign) >= 0 && taken < args.length;
      message += slice(pattern, start, at) + (isFilled ? fill(sign, args[taken++]) : sign === "%" ? "%" : "%" + sign);
      start = at + 2;
    }
    message += slice(pattern, start);
  } else message = toText(pattern);
  for (; taken < args.length; taken += 1) message += " " + toText(args[taken]);
  return message;
}

function fill(sign: string, value: unknown): string {
  if (sign === "c") return "";
  return toText(sign === "d" || sign === "i" || sign === "f" ? NumberFunction(value) : value);
}

function toText(value: unknown): string {
  try {
    if (isError(value)) return value.name + ": " + value.message + "\n" + (value.stack ?? "");
    return typeof value === "object" && value !== null ? toJson(value) : StringFunction(value);
  } catch {
    return "(a value that could not be read)";
  }
}

function toJson(value: unknown): string {
  try {
    return jsonStringify(value, readable) ?? "null";
  } catch (error) {
    return describeError(error);
  }
}

/** What JSON has no form for and a reader wants to see. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value + "n";
  if (typeof value !== "object") return value;
  if (isError(value)) return toText(value);
  const items: unknown[] = [];
  if (isInstance(MapClass, value)) mapForEach(value, (item, key) => append(items, [key, item]));
  else if (isInstance(SetClass, value)) setForEach(value, (item) => append(items, item));
  else return value;
  return items;
}

/** Counts and starting times, by label. */
const marks = new MapClass<string, number>();

export const consoleGlobal = {
  debug: write("debug"),
  trace: write("debug"),
  log: write("info"),
  info: write("info"),
  dir: (value: unknown) => log("info", toText(value)),
  table: (value: unknown) => log("info", toText(value)),
  group: write("info"),
  groupCollapsed: write("info"),
  groupEnd(): void {},
  warn: write("warn"),
  error: write("error"),
  assert(isTrue: unknown, ...args: unknown[]): void {
    if (!isTrue) log("error", "Assertion failed: " + format(args));
  },
  count(label: unknown = "default"): void {
    const text = toText(label);
    const count = (mapGet(marks, "#" + text) ?? 0) + 1;
    mapSet(marks, "#" + text, count);
    log("info", text + ": " + count);
  },
  time(label: unknown = "default"): void {
    mapSet(marks, toText(label), dateNow());
  },
  timeLog(label: unknown = "default"): void {
    const text = toText(label);
    const started = mapGet(marks, text);
    if (started !== undefined) log("info", text + ": " + (dateNow() - started) + " ms");
  },
  timeEnd(label: unknown = "default"): void {
    consoleGlobal.timeLog(label);
    mapDelete(marks, toText(label));
  },
};
