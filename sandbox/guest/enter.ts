/**
 * What can the host make the VM do? Exactly these operations, through one function that never throws into the host:
 * whatever the guest throws is answered as text by `status`.
 */
import { GUEST_OPS } from "../engine/engine.ts";
import type { GuestRuntime, GuestSandbox } from "../types.ts";
import { log } from "./console.ts";
import { describeError } from "./errors.ts";
import { callHost, forgetCalls, settle } from "./host.ts";
import { beginEntry, endEntry } from "./phase.ts";
import {
  arrayPrototype,
  getPrototypeOf,
  jsonParse,
  jsonStringify,
  NumberFunction,
  objectPrototype,
  typedBytes,
  TypeErrorClass,
  Uint8ArrayClass,
} from "./primordials.ts";
import { seedRandom } from "./random.ts";
import { btoa } from "./web/base64.ts";
import { fromBase64, isBytes, layWords, toBinary, toBytes, toUnits } from "./web/bytes.ts";
import { respond } from "./web/response.ts";
import { dropTimers, runEarliestTimer, untilNextTimer } from "./timers.ts";

const guestSandbox: GuestSandbox = {
  call: callHost,
  log,
  base64: {
    encode: (bytes) => (isBytes(bytes) ? btoa(toBinary(toBytes(bytes, "bytes"))) : undefined),
    decode: fromBase64,
  },
  bytes: {
    length: (bytes) => (isBytes(bytes) ? typedBytes(toBytes(bytes, "bytes")) : undefined),
    units: (bytes, start, count) => toUnits(toBytes(bytes, "bytes"), start, count),
    create: (length) => new Uint8ArrayClass(length),
    lay: layWords,
  },
  respond,
};

let runtime: GuestRuntime;
let bundle: Readonly<Record<string, unknown>>;
/** Result of the running entry as `status` tells it; empty while there is none. */
let result = "";
/** What it returned where that needed no waiting: it is encoded when the host asks, which it does after jobs again. */
let returned: unknown;
let hasReturned = false;
/** Counts entries, so that a promise of an earlier one cannot answer for a later. */
let entry = 0;

export function enter(op: number, first?: unknown, second?: unknown, third?: unknown): string {
  // In order of how often they come: the engine compares one after the other.
  switch (op) {
    case GUEST_OPS.invoke:
      beginEntry();
      run(first as string);
      return status();
    case GUEST_OPS.settle:
      settle(NumberFunction(first), second === "1", third as string);
      return status();
    case GUEST_OPS.status:
      return status();
    case GUEST_OPS.end:
      endEntry();
      forgetCalls();
      dropTimers();
      entry += 1;
      return "";
    case GUEST_OPS.tick:
      runEarliestTimer();
      return status();
    case GUEST_OPS.inspect:
      run();
      return status();
    case GUEST_OPS.runtime:
      return install(first);
    case GUEST_OPS.exports:
      bundle = first as Readonly<Record<string, unknown>>;
      return "";
    case GUEST_OPS.describe:
      return describeError(first);
    default:
      return "";
  }
}

/** Empty, or `!` and the error of an embedder's half that is none. */
function install(half: unknown): string {
  try {
    runtime = (half as (sandbox: GuestSandbox) => GuestRuntime)(guestSandbox);
    if (typeof runtime.dispatch === "function" && typeof runtime.inspect === "function") return "";
    throw new TypeErrorClass("the runtime has no dispatch or no inspect");
  } catch (error) {
    return "!" + describeError(error);
  }
}

/**
 * Runs an entry, or the inspection where there is no message, and keeps what comes of it: at once, unless there is
 * something to wait for.
 *
 * @param message JSON of `[seed, name, input, context]`.
 */
function run(message?: string): void {
  result = "";
  returned = undefined;
  hasReturned = false;
  try {
    const value = message === undefined ? runtime.inspect(bundle) : dispatch(message);
    hasReturned = isPlain(value);
    if (hasReturned) returned = value;
    else void runLater(entry, value);
  } catch (error) {
    result = "!" + describeError(error);
  }
}

async function runLater(current: number, value: unknown): Promise<void> {
  try {
    // `await` looks up no `then` on a promise of the engine's own, which `Promise.prototype.then` cannot say.
    const settled = await value;
    if (current === entry && result === "") result = toResult(settled);
  } catch (error) {
    if (current === entry && result === "") result = "!" + describeError(error);
  }
}

/** Whether `await` would give just this value back. A promise with another prototype counts as what it pretends to be. */
function isPlain(value: unknown): boolean {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return true;
  const prototype = getPrototypeOf(value);
  return (prototype === objectPrototype || prototype === arrayPrototype) && !("then" in value);
}

function encodeReturned(): string {
  try {
    return toResult(returned);
  } catch (error) {
    return "!" + describeError(error);
  }
}

function toResult(value: unknown): string {
  return "=" + (jsonStringify(value) ?? "null");
}

function dispatch(message: string): unknown {
  const parts = jsonParse(message) as readonly [string, string, unknown, unknown];
  seedRandom(parts[0]);
  return runtime.dispatch(bundle, parts[1], parts[2], parts[3]);
}

function status(): string {
  if (hasReturned) return encodeReturned();
  if (result !== "") return result;
  const ms = untilNextTimer();
  return ms === undefined ? "" : "~" + ms;
}
