/**
 * Which methods of lists does the engine lack, or do wrong? `Array.fromAsync`; and those that copy: the engine's hand a
 * copy to its collector before they fill it, and read what they fill it with from getters and proxies, in which a bundle
 * may let it collect (bellard/quickjs#471). These fill it at once.
 */
import {
  apply,
  ArrayClass,
  arrayFrom,
  construct,
  defineProperty,
  floor,
  iterator,
  min,
  ObjectFunction,
  RangeErrorClass,
  sort,
  TypeErrorClass,
} from "./primordials.ts";

type Source = Readonly<Record<number | string | symbol, unknown>>;

const { asyncIterator } = Symbol;
const MOST_ITEMS = 2 ** 32 - 1;
const MOST_COUNTED = 2 ** 53 - 1;

// SECURITY: no list is filled while a bundle's code runs. (tests/sandbox/surface-language.test.ts, "while it collects")
export const copyingMethods = {
  toSorted(this: unknown, order?: unknown): unknown[] {
    if (order !== undefined && typeof order !== "function")
      throw new TypeErrorClass("Cannot sort: the order is not a function.");
    const source = toObject(this);
    const list = makeList(lengthOf(source));
    for (let index = 0; index < list.length; index += 1) list[index] = source[index];
    sort(list, order as (a: never, b: never) => number);
    return list;
  },
  toReversed(this: unknown): unknown[] {
    const source = toObject(this);
    const list = makeList(lengthOf(source));
    for (let index = 0; index < list.length; index += 1) list[index] = source[list.length - 1 - index];
    return list;
  },
  with(this: unknown, place: unknown, value: unknown): unknown[] {
    const source = toObject(this);
    const length = lengthOf(source);
    const relative = toInteger(place);
    const at = relative < 0 ? length + relative : relative;
    if (at < 0 || at >= length) throw new RangeErrorClass("Cannot replace item " + relative + " of " + length + ".");
    const list = makeList(length);
    for (let index = 0; index < length; index += 1) list[index] = index === at ? value : source[index];
    return list;
  },
  toSpliced(this: unknown, start: unknown, skip: unknown, ...items: unknown[]): unknown[] {
    const source = toObject(this);
    const length = lengthOf(source);
    const relative = toInteger(start);
    const first = relative < 0 ? atLeastZero(length + relative) : min(relative, length);
    // oxlint-disable-next-line prefer-rest-params -- without a second argument everything goes, with undefined nothing
    const { length: given } = arguments;
    const gone = given === 0 ? 0 : given === 1 ? length - first : min(atLeastZero(toInteger(skip)), length - first);
    const list = makeList(length - gone + items.length);
    let index = 0;
    for (; index < first; index += 1) list[index] = source[index];
    for (let item = 0; item < items.length; item += 1, index += 1) list[index] = items[item];
    for (let from = first + gone; index < list.length; from += 1, index += 1) list[index] = source[from];
    return list;
  },
};

type Make = new (length?: number) => Record<string, unknown>;

export const asyncMethods = {
  async fromAsync(this: unknown, items: unknown, map?: unknown, self?: unknown): Promise<unknown> {
    if (map !== undefined && typeof map !== "function")
      throw new TypeErrorClass("Cannot map a list: the second argument is not a function.");
    const change = (value: unknown, index: number) => apply(map as () => unknown, self, [value, index]);
    const Class = (isConstructor(this) ? this : ArrayClass) as Make;
    const source = toObject(items);
    const make = source[asyncIterator] ?? source[iterator];
    let list: Record<string, unknown>;
    let index = 0;
    if (make === undefined || make === null) {
      const length = lengthOf(source);
      list = new Class(length);
      for (; index < length; index += 1) {
        const item = await source[index];
        put(list, index, map === undefined ? item : await change(item, index));
      }
    } else {
      list = new Class();
      for await (const item of items as AsyncIterable<unknown>) {
        put(list, index, map === undefined ? item : await change(item, index));
        index += 1;
      }
    }
    list["length"] = index;
    return list;
  },
};

function isConstructor(value: unknown): boolean {
  try {
    construct(ObjectFunction, [], value as typeof ObjectFunction);
    return true;
  } catch {
    return false;
  }
}

function toObject(value: unknown): Source {
  if (value === undefined || value === null) throw new TypeErrorClass("Cannot read a list of " + value + ".");
  return ObjectFunction(value) as Source;
}

function toInteger(value: unknown): number {
  const number = +(value as number);
  // NaN is none.
  return number < 0 ? -floor(-number) : number > 0 ? floor(number) : 0;
}

function atLeastZero(number: number): number {
  return number > 0 ? number : 0;
}

function lengthOf(source: Source): number {
  return min(atLeastZero(toInteger(source["length"])), MOST_COUNTED);
}

/** A list of so many items of its own, so that writing them asks no prototype. */
function makeList(length: number): unknown[] {
  if (length > MOST_ITEMS) throw new RangeErrorClass("Cannot make a list of " + length + " items.");
  return arrayFrom({ __proto__: null, length } as unknown as ArrayLike<unknown>);
}

function put(list: object, index: number, value: unknown): void {
  const item = { __proto__: null, value, writable: true, enumerable: true, configurable: true } as PropertyDescriptor;
  if (!defineProperty(list, index, item)) throw new TypeErrorClass("Cannot set item " + index + " of the list.");
}
