/**
 * Which built-ins does the prelude rely on once untrusted code has run? These, taken before it did. Code that runs
 * later never looks a method up on a prototype, never iterates, and writes only own properties: a bundle may replace
 * every built-in and still cannot change how calls are sent, settled and encoded.
 */
export const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
export const { parse: jsonParse, stringify: jsonStringify } = JSON;
export const { now: dateNow } = Date;
export const { floor, max, min } = Math;
export const { isArray } = Array;
export const { fromCharCode } = String;
export const { keys, create, hasOwn, is } = Object;
export const { isView } = ArrayBuffer;
export const iterator: typeof Symbol.iterator = Symbol.iterator;
export const objectPrototype: object = Object.prototype;
export const arrayPrototype: object = Array.prototype;

/** By what an error is, not by its prototype or `Symbol.hasInstance`, which a bundle can put anywhere. */
export const { isError } = Error as unknown as { isError(value: unknown): value is Error };

export const ObjectFunction = Object;
export const ArrayClass = Array;
export const ErrorClass = Error;
export const TypeErrorClass = TypeError;
export const RangeErrorClass = RangeError;
export const PromiseClass = Promise;
export const MapClass = Map;
export const SetClass = Set;
export const WeakMapClass = WeakMap;
export const ArrayBufferClass = ArrayBuffer;
export const Uint8ArrayClass = Uint8Array;
export const Uint16ArrayClass = Uint16Array;
export const Uint32ArrayClass = Uint32Array;
export const DateClass = Date;
export const RegExpClass = RegExp;
export const StringFunction = String;
export const NumberFunction = Number;
export const toUriText = encodeURIComponent;
export const fromUriText = decodeURIComponent;
export const toLatin1 = unescape;
export const fromLatin1 = escape;

const { bind, call } = Function.prototype;

/** Turns a method into a function of its `this`: `call` bound to it, in which nothing is looked up later. */
export const uncurry = bind.bind(call) as unknown as <Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
) => (self: Self, ...args: Args) => Result;

type AnyMap = Map<unknown, unknown>;

export const mapGet = uncurry(Map.prototype.get as (this: AnyMap, key: unknown) => unknown) as <Key, Value>(
  map: Map<Key, Value>,
  key: Key,
) => Value | undefined;
export const mapSet = uncurry(Map.prototype.set as (this: AnyMap, key: unknown, value: unknown) => AnyMap) as <
  Key,
  Value,
>(
  map: Map<Key, Value>,
  key: Key,
  value: Value,
) => void;
export const mapDelete = uncurry(Map.prototype.delete as (this: AnyMap, key: unknown) => boolean) as <Key, Value>(
  map: Map<Key, Value>,
  key: Key,
) => boolean;
export const mapClear = uncurry(Map.prototype.clear as (this: AnyMap) => void) as <Key, Value>(
  map: Map<Key, Value>,
) => void;
export const mapForEach = uncurry(
  Map.prototype.forEach as (this: AnyMap, visit: (value: unknown, key: unknown) => void) => void,
) as <Key, Value>(map: Map<Key, Value>, visit: (value: Value, key: Key) => void) => void;

export const setAdd = uncurry(Set.prototype.add as (this: Set<unknown>, value: unknown) => Set<unknown>);
export const setForEach = uncurry(
  Set.prototype.forEach as (this: Set<unknown>, visit: (value: unknown) => void) => void,
);
export const weakGet = uncurry(WeakMap.prototype.get as (this: WeakMap<object, unknown>, key: object) => unknown) as <
  Value,
>(
  map: WeakMap<object, Value>,
  key: unknown,
) => Value | undefined;
export const weakSet = uncurry(
  WeakMap.prototype.set as (this: WeakMap<object, unknown>, key: object, value: unknown) => unknown,
) as <Value>(map: WeakMap<object, Value>, key: object, value: Value) => void;

export const promiseThen = uncurry(
  Promise.prototype.then as (
    this: Promise<unknown>,
    ok: (value: unknown) => void,
    fail: (error: unknown) => void,
  ) => Promise<unknown>,
);

/** The getter of a built-in's property, as a function of the object. It throws for any other kind of object. */
function getter<Result>(prototype: object, name: string | symbol): (self: unknown) => Result {
  return uncurry(Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => Result);
}

const TypedArray = getPrototypeOf(Uint8Array.prototype) as object;
/** The name of a typed array's class; undefined for anything else. */
export const typedTag = getter<string | undefined>(TypedArray, Symbol.toStringTag);
export const typedBuffer = getter<ArrayBuffer>(TypedArray, "buffer");
export const typedOffset = getter<number>(TypedArray, "byteOffset");
export const typedBytes = getter<number>(TypedArray, "byteLength");
export const typedLength = getter<number>(TypedArray, "length");
export const typedSet = uncurry(Uint8Array.prototype.set as (this: unknown, list: ArrayLike<number>) => void);
export const dataBuffer = getter<ArrayBuffer>(DataView.prototype, "buffer");
export const dataOffset = getter<number>(DataView.prototype, "byteOffset");
export const dataBytes = getter<number>(DataView.prototype, "byteLength");
export const bufferBytes = getter<number>(ArrayBuffer.prototype, "byteLength");

/** `instanceof` without `Symbol.hasInstance`, which a bundle can put on any class. */
export const isInstance = uncurry(Function.prototype[Symbol.hasInstance]) as unknown as <Class extends object>(
  known: abstract new (...args: never[]) => Class,
  value: unknown,
) => value is Class;
/** A list of what stands at the indices of another object. */
export const arrayFrom = bind.call(Array.from, Array) as <Item>(items: ArrayLike<Item>) => Item[];
export const sort = uncurry(
  Array.prototype.sort as (this: unknown[], order: (a: never, b: never) => number) => unknown,
);
export const dateValue = uncurry(Date.prototype.valueOf);
export const numberValue = uncurry(Number.prototype.valueOf as (this: unknown) => number);
export const bigintValue = uncurry(BigInt.prototype.valueOf as (this: unknown) => bigint);
export const slice = uncurry(String.prototype.slice);
export const charCodeAt = uncurry(String.prototype.charCodeAt);
export const indexOf = uncurry(String.prototype.indexOf);
export const toLowerCase = uncurry(String.prototype.toLowerCase);
export const toUpperCase = uncurry(String.prototype.toUpperCase);
export const toWellFormed = uncurry(String.prototype.toWellFormed);
export const trim = uncurry(String.prototype.trim);

/** Runs later work in a job of its own, whatever became of `queueMicrotask` and `Promise.prototype.then`. */
export function queueJob(work: () => void): void {
  const promise = new PromiseClass<undefined>((resolve) => resolve(undefined));
  // Without a constructor `then` makes its promise by the built-in class, not by one the guest put there.
  defineProperty(promise, "constructor", { __proto__: null, value: undefined } as PropertyDescriptor);
  promiseThen(promise, work, work);
}

/** Gives an object a property of its own; plain assignment can be intercepted by a setter on a prototype. */
export function setOwn(target: object, key: string | number, value: unknown, enumerable: boolean): void {
  defineProperty(target, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable,
    configurable: true,
  } as PropertyDescriptor);
}

/** Puts a value at the end of an array, as `push` does, which a bundle can replace. */
export function append<Value>(list: Value[], value: Value): void {
  setOwn(list, list.length, value, true);
}
