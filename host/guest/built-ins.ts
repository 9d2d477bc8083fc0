/**
 * Which built-ins does the host's half use once a bundle has run? These, taken before it did: a bundle may replace any of
 * them, and what is sent in its name still is what was asked for. Text is joined with `+`: a template looks up `concat`.
 */
const { bind, call } = Function.prototype;

/** Turns a method into a function of its `this`. */
const uncurry = bind.bind(call) as unknown as <Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
) => (self: Self, ...args: Args) => Result;

export const { keys, hasOwn } = Object;
export const { isArray } = Array;
export const { iterator } = Symbol;
export const ErrorClass = Error;
export const MapClass = Map;
export const ProxyClass = Proxy;
export const StringFunction = String;
export const slice = uncurry(String.prototype.slice);
export const indexOf = uncurry(String.prototype.indexOf);
export const charCodeAt = uncurry(String.prototype.charCodeAt);
export const toWellFormed = uncurry(String.prototype.toWellFormed);
export const mapSet = uncurry(
  Map.prototype.set as (this: Map<unknown, unknown>, key: unknown, value: unknown) => unknown,
);

const { defineProperty } = Reflect;

/** Sets an own property, which no setter on a prototype sees. */
export function define(target: object, key: PropertyKey, value: unknown): void {
  defineProperty(target, key, {
    __proto__: null,
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor);
}

/** The same, made when it is first asked for. */
export function defineLazy(target: object, key: string, make: (key: string) => unknown): void {
  defineProperty(target, key, {
    __proto__: null,
    get() {
      const value = make(key);
      define(target, key, value);
      return value;
    },
    enumerable: true,
    configurable: true,
  } as PropertyDescriptor);
}

/** Puts a value at the end of an array. */
export function append(list: unknown[], value: unknown): void {
  define(list, list.length, value);
}
