/**
 * How does the driver talk to the prelude? Through its `enter` function, the one value kept between entries. All of
 * this runs inside `Door.enter`.
 */
import { GUEST_OPS } from "./engine.ts";
import { GuestThrew } from "./door.ts";
import type { BorrowedPointer, ValuePointer } from "./ffi.ts";
import type { FuelGauge } from "./fuel.ts";
import type { Values } from "./values.ts";

/** Longest text that describes an error. */
const ERROR_CHARS = 20_000;
/** Precedes the text of what went wrong in the prelude's answer to `runtime`. */
const THREW_SIGN = "!";

export interface GuestHalf {
  /** Evaluates the prelude part by part, then the embedder's runtime. */
  install(prelude: readonly string[], runtime: string, imports: readonly ValuePointer[]): void;
  /** Calls `enter(op, ...args)`; an answer longer than `maxChars` stops the VM, and with no characters none is read. */
  invoke(op: number, args: readonly BorrowedPointer[], maxChars: number): string;
  /** Hands over the bundle's exports. */
  accept(namespace: ValuePointer): void;
  /** The value, or out of here with the guest's error in words. */
  unwrap(value: ValuePointer): ValuePointer;
  describe(thrown: ValuePointer): string;
  /** The prelude's `enter`; undefined until it was evaluated. */
  enterFunction(): ValuePointer | undefined;
}

/**
 * @param ops the ops as values of the VM, in order; they are never freed.
 * @param known the prelude's `enter`, where the memory comes from an image.
 */
export function createGuestHalf(
  values: Values,
  fuel: FuelGauge,
  ops: readonly ValuePointer[],
  known: ValuePointer | undefined,
): GuestHalf {
  let enterFunction = known;

  function invoke(op: number, args: readonly BorrowedPointer[], maxChars: number): string {
    if (enterFunction === undefined) throw new Error(`Cannot run guest op ${op}: nothing was evaluated.`);
    const result = values.call(enterFunction, [ops[op]!, ...args]);
    if (values.exceptionOf(result) !== undefined) {
      // Only lack of memory and exhausted stacks get past the prelude's own catch.
      if (fuel.stopped() === undefined) fuel.stop("stack");
      return "";
    }
    const read = maxChars === 0 ? undefined : values.read(result, maxChars);
    values.free(result);
    if (read?.kind === "too-large") fuel.stop("message-size");
    return read?.kind === "text" ? read.text : "";
  }

  function describe(thrown: ValuePointer): string {
    if (enterFunction === undefined) return '{"name":"Error","message":"the prelude could not be evaluated"}';
    const text = invoke(GUEST_OPS.describe, [thrown], ERROR_CHARS);
    values.free(thrown);
    return text;
  }

  function unwrap(value: ValuePointer): ValuePointer {
    const thrown = values.exceptionOf(value);
    if (thrown === undefined) return value;
    values.free(value);
    throw new GuestThrew(fuel.stopped() === undefined ? describe(thrown) : "");
  }

  return {
    install(prelude, runtime, imports) {
      let given: ValuePointer | undefined;
      for (const source of prelude) {
        const part = unwrap(values.evaluate(source, "bulkhead:prelude", "script"));
        const next = unwrap(values.call(part, given === undefined ? imports : [...imports, given]));
        values.free(part);
        if (given !== undefined) values.free(given);
        given = next;
      }
      enterFunction = given;
      const half = unwrap(values.evaluate(`(${runtime}\n)`, "bulkhead:runtime", "script"));
      const answer = invoke(GUEST_OPS.runtime, [half], ERROR_CHARS);
      if (answer.startsWith(THREW_SIGN)) throw new GuestThrew(answer.slice(THREW_SIGN.length));
      values.free(half);
    },
    invoke,
    accept(namespace) {
      invoke(GUEST_OPS.exports, [namespace], 0);
      values.free(namespace);
    },
    unwrap,
    describe,
    enterFunction: () => enterFunction,
  };
}
