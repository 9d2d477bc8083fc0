/** What can be cloned? Plain data, dates, expressions, maps, sets, errors and bytes, with cycles; anything else is a `DataCloneError`. */
import {
  ArrayBufferClass,
  DateClass,
  defineProperty,
  ErrorClass,
  getPrototypeOf,
  isArray,
  isView,
  keys,
  MapClass,
  mapForEach,
  mapGet,
  mapSet,
  RegExpClass,
  SetClass,
  StringFunction,
  Uint8ArrayClass,
} from "../primordials.ts";
import { copyBuffer } from "./bytes.ts";
import { DomError } from "./dom-exception.ts";

type Seen = Map<object, object>;

export function structuredClone(value: unknown): unknown {
  return clone(value, new MapClass());
}

function clone(value: unknown, seen: Seen): unknown {
  if (typeof value === "function" || typeof value === "symbol") throw refusal(StringFunction(value));
  if (typeof value !== "object" || value === null) return value;
  const known = mapGet(seen, value);
  if (known !== undefined) return known;
  const copy = cloneBuiltIn(value, seen);
  if (copy !== undefined) return copy;
  const target: object = isArray(value) ? [] : {};
  if (isArray(value)) (target as unknown[]).length = value.length;
  mapSet(seen, value, target);
  copyProperties(value, target, seen);
  return target;
}

function copyProperties(from: object, target: object, seen: Seen): void {
  const names = keys(from);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? "";
    own(target, name, clone((from as Readonly<Record<string, unknown>>)[name], seen));
  }
}

function cloneBuiltIn(value: object, seen: Seen): object | undefined {
  const remember = <Copy extends object>(copy: Copy): Copy => {
    mapSet(seen, value, copy);
    return copy;
  };
  if (value instanceof DateClass) return remember(new DateClass(+value));
  if (value instanceof RegExpClass) return remember(new RegExpClass(value.source, value.flags));
  if (value instanceof ArrayBufferClass) return remember(copyBuffer(new Uint8ArrayClass(value)));
  if (isView(value)) return remember(cloneView(value, seen));
  if (value instanceof MapClass) {
    const copy = remember(new MapClass<unknown, unknown>());
    mapForEach(value, (item, key) => mapSet(copy, clone(key, seen), clone(item, seen)));
    return copy;
  }
  if (value instanceof SetClass) {
    const copy = remember(new SetClass<unknown>());
    value.forEach((item) => copy.add(clone(item, seen)));
    return copy;
  }
  if (value instanceof ErrorClass) {
    const copy = remember(new ErrorClass(value.message));
    own(copy, "name", value.name);
    own(copy, "stack", value.stack);
    return copy;
  }
  const prototype = getPrototypeOf(value);
  if (isArray(value) || prototype === null || getPrototypeOf(prototype) === null) return undefined;
  if (value instanceof PromiseMark || value instanceof WeakMapMark || value instanceof WeakSetMark)
    throw refusal("a promise or weak collection");
  return undefined;
}

const PromiseMark = Promise;
const WeakMapMark = WeakMap;
const WeakSetMark = WeakSet;

function cloneView(view: ArrayBufferView, seen: Seen): ArrayBufferView {
  const buffer = clone(view.buffer, seen) as ArrayBuffer;
  type ViewClass = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;
  const length = "length" in view ? (view.length as number) : view.byteLength;
  return new (view.constructor as ViewClass)(buffer, view.byteOffset, length);
}

function own(target: object, name: string, value: unknown): void {
  defineProperty(target, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: !(target instanceof ErrorClass),
    configurable: true,
  } as PropertyDescriptor);
}

function refusal(what: string): Error {
  return new DomError(`Cannot clone ${what}.`, "DataCloneError");
}
