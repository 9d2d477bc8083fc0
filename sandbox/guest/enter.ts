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
import { defineProperty, jsonParse, jsonStringify, NumberFunction, PromiseClass, promiseThen } from "./primordials.ts";
import { seedRandom } from "./random.ts";
import { dropTimers, runDueTimers, untilNextTimer } from "./timers.ts";

const guestSandbox: GuestSandbox = { call: (op, args) => callHost(op, args), log };

let runtime: GuestRuntime;
let bundle: Readonly<Record<string, unknown>>;
/** Result of the running entry as `status` tells it; empty while there is none. */
let result = "";
/** Counts entries, so that a promise of an earlier one cannot answer for a later. */
let entry = 0;

export function enter(op: number, first?: unknown, second?: unknown, third?: unknown, fourth?: unknown): string {
  switch (op) {
    case GUEST_OPS.runtime:
      runtime = (first as (sandbox: GuestSandbox) => GuestRuntime)(guestSandbox);
      return "";
    case GUEST_OPS.exports:
      bundle = first as Readonly<Record<string, unknown>>;
      return "";
    case GUEST_OPS.describe:
      return describeError(first);
    case GUEST_OPS.invoke:
      beginEntry();
      seedRandom(first as string);
      return run(() =>
        runtime.dispatch(bundle, second as string, jsonParse(third as string), jsonParse(fourth as string)),
      );
    case GUEST_OPS.inspect:
      return run(() => runtime.inspect(bundle));
    case GUEST_OPS.settle:
      settle(NumberFunction(first), second === "1", third as string);
      return "";
    case GUEST_OPS.tick:
      runDueTimers();
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

function run(work: () => unknown): string {
  const current = entry;
  result = "";
  const finish = (text: () => string, sign: string) => {
    if (current !== entry || result !== "") return;
    try {
      result = sign + text();
    } catch (error) {
      result = `!${describeError(error)}`;
    }
  };
  const promise = new PromiseClass<unknown>((resolve) => resolve(work()));
  // Without a constructor `then` makes its own promise by the built-in class, not by one the guest put there.
  defineProperty(promise, "constructor", { __proto__: null, value: undefined } as PropertyDescriptor);
  promiseThen(
    promise,
    (value) => finish(() => jsonStringify(value) ?? "null", "="),
    (error) => finish(() => describeError(error), "!"),
  );
  return "";
}

function status(): string {
  if (result !== "") return result;
  const ms = untilNextTimer();
  return ms === undefined ? "" : `~${ms}`;
}
