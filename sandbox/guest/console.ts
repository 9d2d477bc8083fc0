/**
 * What becomes of `console`? Each call is one log line to the host: text as it is, errors with their stack, everything
 * else as JSON. At top level lines are dropped, since there is no invocation they could belong to.
 */
import { describeError } from "./errors.ts";
import { encodeList, tellHost } from "./host.ts";
import { isAtTopLevel } from "./phase.ts";
import { ErrorClass, jsonStringify, slice, StringFunction } from "./primordials.ts";

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
  return (...args) => {
    let message = "";
    for (let index = 0; index < args.length; index += 1) message += `${index > 0 ? " " : ""}${toText(args[index])}`;
    log(level, message);
  };
}

function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof ErrorClass) return `${value.name}: ${value.message}\n${value.stack ?? ""}`;
  if (typeof value === "object" && value !== null) return toJson(value);
  return StringFunction(value);
}

function toJson(value: unknown): string {
  try {
    return jsonStringify(value) ?? "null";
  } catch (error) {
    return describeError(error);
  }
}

export const consoleGlobal = {
  debug: write("debug"),
  trace: write("debug"),
  log: write("info"),
  info: write("info"),
  dir: write("info"),
  warn: write("warn"),
  error: write("error"),
  assert(isTrue: unknown, ...args: unknown[]): void {
    if (!isTrue) consoleGlobal.error("Assertion failed:", ...args);
  },
};
