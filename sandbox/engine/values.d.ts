/**
 * How does one handle a JSValue without a handle? Values made here are freed here; whoever gets one back owns it until
 * `free`. Running out of memory is thrown as `OutOfMemory`, never returned as a null pointer.
 */
import type { BorrowedPointer, ContextPointer, Ffi, QuickJsInstance, QuickJsModule, ValuePointer } from "./ffi.ts";
import { type ReadText } from "./text.ts";
export type ArgumentsPointer = Parameters<Ffi["QTS_Call"]>[4];
/** Kinds of source text, as QuickJS's evaluation flags. */
export declare const SOURCE_KINDS: {
  readonly script: 0;
  readonly module: 1;
};
/** The VM has no memory left for a value of the driver's. */
export declare class OutOfMemory extends Error {}
export interface Values {
  string(text: string): ValuePointer;
  number(value: number): ValuePointer;
  free(value: ValuePointer): void;
  /** Text of a string value; undefined when it is anything else. Runs no guest code. */
  read(value: BorrowedPointer, maxChars: number): ReadText | undefined;
  toNumber(value: BorrowedPointer): number | undefined;
  /** Calls with `this` undefined. The result may be an exception: see `exceptionOf`. */
  call(fn: BorrowedPointer, args: readonly BorrowedPointer[]): ValuePointer;
  evaluate(source: string, filename: string, kind: keyof typeof SOURCE_KINDS): ValuePointer;
  hostFunction(name: string, id: number): ValuePointer;
  /** The thrown value, if `value` is the mark of an exception. */
  exceptionOf(value: ValuePointer): ValuePointer | undefined;
  /** Throws an error inside the guest, from within a callback. */
  throwInGuest(message: string): undefined;
  /** Bytes of text copied so far. */
  readonly traffic: {
    bytesIn: number;
    bytesOut: number;
  };
}
/** Makes room for the arguments of a call. */
export declare function allocateArguments(module: QuickJsModule): ArgumentsPointer;
/** @param argv what `allocateArguments` gave. */
export declare function createValues(
  { ffi, module }: QuickJsInstance,
  context: ContextPointer,
  argv: ArgumentsPointer,
): Values;
