/**
 * How does one handle a JSValue without a handle? Values made here are freed here; whoever gets one back owns it until
 * `free`. Running out of memory is thrown as `OutOfMemory`, never returned as a null pointer.
 */
import type {
  BorrowedPointer,
  ContextPointer,
  Ffi,
  QuickJsInstance,
  QuickJsModule,
  TextPointer,
  ValuePointer,
} from "./ffi.ts";
import { isShort, isText, readText, SHORT_BYTES, writeShortText, writeText, type ReadText } from "./text.ts";
import { noteWritten } from "./written.ts";

export type ArgumentsPointer = Parameters<Ffi["QTS_Call"]>[4];

const MAX_ARGS = 8;
const POINTER_BYTES = 4;
const ARGS_BYTES = MAX_ARGS * POINTER_BYTES;
/** What `allocateArguments` takes. */
export const PLACE_BYTES = ARGS_BYTES + SHORT_BYTES;
const FROM_SOURCE = 0;

/** Kinds of source text, as QuickJS's evaluation flags. */
export const SOURCE_KINDS = { script: 0, module: 1 } as const;

/** The VM has no memory left for a value of the driver's. */
export class OutOfMemory extends Error {}

export interface Values {
  string(text: string): ValuePointer;
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
  readonly traffic: { bytesIn: number; bytesOut: number };
}

/**
 * What stands in the second word of every string the engine has whole: its tag. A string it still has in pieces has
 * another. Asking the engine for a type makes a text of it each time.
 */
export function findStringTag({ ffi, module }: QuickJsInstance, context: ContextPointer): number {
  const written = writeText(module, "string");
  if (written === undefined) throw new OutOfMemory("no room for a text of the host");
  const value = existing(ffi.QTS_NewString(context, written.pointer));
  const tag = tagOf(module, value);
  ffi.QTS_FreeValuePointer(context, value);
  module._free(written.pointer);
  return tag;
}

function tagOf({ HEAPU8 }: QuickJsModule, value: BorrowedPointer): number {
  const at = value + POINTER_BYTES;
  return HEAPU8[at]! | (HEAPU8[at + 1]! << 8) | (HEAPU8[at + 2]! << 16) | (HEAPU8[at + 3]! << 24);
}

/** Makes room for the arguments of a call and, behind them, for one short text. */
export function allocateArguments(module: QuickJsModule): ArgumentsPointer {
  return existing(module._malloc(PLACE_BYTES) as ArgumentsPointer);
}

/**
 * @param argv what `allocateArguments` gave.
 * @param stringTag what `findStringTag` gave.
 */
export function createValues(
  { ffi, module }: QuickJsInstance,
  context: ContextPointer,
  argv: ArgumentsPointer,
  stringTag: number,
): Values {
  const traffic = { bytesIn: 0, bytesOut: 0 };
  const undefinedValue = ffi.QTS_GetUndefined();

  function withText<Result>(text: string, use: (pointer: TextPointer, bytes: number) => Result): Result {
    const written = writeText(module, text);
    if (written === undefined) throw new OutOfMemory("no room for a text of the host");
    traffic.bytesIn += written.bytes;
    const result = use(written.pointer, written.bytes);
    // Not in a `finally`: after a trap the allocator must not be touched again.
    module._free(written.pointer);
    return result;
  }

  function isA(type: "string" | "number", value: BorrowedPointer): boolean {
    const name = existing(ffi.QTS_Typeof(context, value));
    const isType = isText(module, name, type);
    module._free(name);
    return isType;
  }

  const values: Values = {
    traffic,
    string(text) {
      const make = (pointer: TextPointer) => existing(ffi.QTS_NewString(context, pointer));
      if (!isShort(text)) return withText(text, make);
      // Copied at once, so the place is free again when anybody else needs it.
      const { pointer, bytes } = writeShortText(module, text, (argv + ARGS_BYTES) as TextPointer);
      traffic.bytesIn += bytes;
      return make(pointer);
    },
    free: (value) => ffi.QTS_FreeValuePointer(context, value),
    read(value, maxChars) {
      // SECURITY: converting anything but a string would run guest code (tests/sandbox/primordials.test.ts).
      if (tagOf(module, value) !== stringTag && !isA("string", value)) return undefined;
      const pointer = existing(ffi.QTS_GetString(context, value));
      const read = readText(module, pointer, maxChars);
      if (read.kind === "text") traffic.bytesOut += read.bytes;
      ffi.QTS_FreeCString(context, pointer);
      return read;
    },
    toNumber: (value) => (isA("number", value) ? ffi.QTS_GetFloat64(context, value) : undefined),
    call(fn, args) {
      const slots = new Uint32Array(module.HEAPU8.buffer, argv, MAX_ARGS);
      slots.set(args);
      noteWritten(module.HEAPU8, argv, ARGS_BYTES);
      return existing(ffi.QTS_Call(context, fn, undefinedValue, args.length, argv));
    },
    evaluate: (source, filename, kind) =>
      withText(source, (pointer, bytes) =>
        existing(
          ffi.QTS_Eval(
            context,
            pointer,
            bytes,
            filename,
            FROM_SOURCE as Parameters<typeof ffi.QTS_Eval>[4],
            SOURCE_KINDS[kind] as Parameters<typeof ffi.QTS_Eval>[5],
          ),
        ),
      ),
    hostFunction: (name, id) =>
      existing(ffi.QTS_NewFunction(context, name, 0, false, id as Parameters<typeof ffi.QTS_NewFunction>[4])),
    exceptionOf: (value) => {
      const thrown = ffi.QTS_ResolveException(context, value);
      return isNull(thrown) ? undefined : thrown;
    },
    throwInGuest(message) {
      const error = existing(ffi.QTS_NewError(context));
      const key = values.string("message");
      const text = values.string(message);
      ffi.QTS_SetProp(context, error, key, text);
      values.free(existing(ffi.QTS_Throw(context, error)));
      for (const value of [key, text, error]) values.free(value);
    },
  };
  return values;
}

function isNull(pointer: number): boolean {
  return pointer === 0;
}

function existing<Pointer extends number>(pointer: Pointer): Pointer {
  if (isNull(pointer)) throw new OutOfMemory("the engine returned no value");
  return pointer;
}
