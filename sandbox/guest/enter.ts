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
import { jsonParse, jsonStringify, NumberFunction, TypeErrorClass } from "./primordials.ts";
import { seedRandom } from "./random.ts";
import { btoa } from "./web/base64.ts";
import { fromBase64, isBytes, toBinary, toBytes } from "./web/bytes.ts";
import { dropTimers, runEarliestTimer, untilNextTimer } from "./timers.ts";

const guestSandbox: GuestSandbox = {
  call: callHost,
  log,
  base64: {
    encode: (bytes) => (isBytes(bytes) ? btoa(toBinary(toBytes(bytes, "bytes"))) : undefined),
    decode: fromBase64,
  },
};

let runtime: GuestRuntime;
let bundle: Readonly<Record<string, unknown>>;
/** Result of the running entry as `status` tells it; empty while there is none. */
let result = "";
/** Counts entries, so that a promise of an earlier one cannot answer for a later. */
let entry = 0;

export function enter(op: number, first?: unknown, second?: unknown, third?: unknown): string {
  switch (op) {
    case GUEST_OPS.runtime:
      return install(first);
    case GUEST_OPS.exports:
      bundle = first as Readonly<Record<string, unknown>>;
      return "";
    case GUEST_OPS.describe:
      return describeError(first);
    case GUEST_OPS.invoke:
      beginEntry();
      seedRandom(first as string);
      void run(entry, second as string);
      return "";
    case GUEST_OPS.inspect:
      void run(entry);
      return "";
    case GUEST_OPS.settle:
      settle(NumberFunction(first), second === "1", third as string);
      return "";
    case GUEST_OPS.tick:
      runEarliestTimer();
      return "";
    case GUEST_OPS.status:
      return status();
    case GUEST_OPS.end:
      endEntry();
      forgetCalls();
      dropTimers();
      entry += 1;
      return "";
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
 * Runs an entry, or the inspection where there is no message, and keeps what came of it.
 *
 * @param message JSON of `[name, input, context]`.
 */
async function run(current: number, message?: string): Promise<void> {
  result = "";
  try {
    // `await` looks up no `then` on a promise of the engine's own, which `Promise.prototype.then` cannot say.
    const value = await (message === undefined ? runtime.inspect(bundle) : dispatch(message));
    if (current === entry && result === "") result = "=" + (jsonStringify(value) ?? "null");
  } catch (error) {
    if (current === entry && result === "") result = "!" + describeError(error);
  }
}

function dispatch(message: string): unknown {
  const parts = jsonParse(message) as readonly [string, unknown, unknown];
  return runtime.dispatch(bundle, parts[0], parts[1], parts[2]);
}

function status(): string {
  if (result !== "") return result;
  const ms = untilNextTimer();
  return ms === undefined ? "" : "~" + ms;
}
