/** What can be cloned? Plain data, dates, expressions, maps, sets, errors and bytes, with cycles; anything else is a `DataCloneError`. */
import {
  dataBuffer,
  dataBytes,
  dataOffset,
  DateClass,
  dateValue,
  ErrorClass,
  hasOwn,
  isArray,
  isError,
  isInstance,
  isView,
  keys,
  MapClass,
  mapForEach,
  mapGet,
  mapSet,
  PromiseClass,
  RegExpClass,
  setAdd,
  SetClass,
  setForEach,
  setOwn,
  StringFunction,
  typedBuffer,
  typedLength,
  typedOffset,
  typedTag,
  Uint8ArrayClass,
  WeakMapClass,
} from "../primordials.ts";
import { copyBuffer, isBuffer } from "./bytes.ts";
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
  if (isInstance(DateClass, value)) return remember(new DateClass(dateValue(value)));
  if (isInstance(RegExpClass, value)) return remember(new RegExpClass(value.source, value.flags));
  if (isBuffer(value)) return remember(copyBuffer(new Uint8ArrayClass(value)));
  if (isView(value)) return remember(cloneView(value, seen));
  if (isInstance(MapClass, value)) {
    const copy = remember(new MapClass<unknown, unknown>());
    mapForEach(value, (item, key) => mapSet(copy, clone(key, seen), clone(item, seen)));
    return copy;
  }
  if (isInstance(SetClass, value)) {
    const copy = remember(new SetClass<unknown>());
    setForEach(value, (item) => setAdd(copy, clone(item, seen)));
    return copy;
  }
  if (isError(value)) return cloneError(value, remember, seen);
  if (isInstance(PromiseClass, value) || isInstance(WeakMapClass, value) || isInstance(WeakSetClass, value))
    throw refusal("a promise or weak collection");
  return undefined;
}

const WeakSetClass = WeakSet;
const DataViewClass = DataView;
/** Errors and typed arrays, by what they are called before a bundle can rename them. */
const classes = new MapClass<unknown, unknown>();
for (const known of [
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
])
  mapSet(classes, known.name, known);

function cloneError(value: Error, remember: (copy: Error) => Error, seen: Seen): Error {
  const { name, message, stack } = value;
  const Class = (mapGet(classes, name) ?? ErrorClass) as ErrorConstructor;
  const copy = remember(new Class(StringFunction(message)));
  if (typeof stack === "string") own(copy, "stack", stack);
  if (hasOwn(value, "cause")) own(copy, "cause", clone(value.cause, seen));
  return copy;
}

function cloneView(view: ArrayBufferView, seen: Seen): ArrayBufferView {
  const tag = typedTag(view);
  if (tag === undefined)
    return new DataViewClass(clone(dataBuffer(view), seen) as ArrayBuffer, dataOffset(view), dataBytes(view));
  const Class = mapGet(classes, tag) as Uint8ArrayConstructor | undefined;
  if (Class === undefined) throw refusal(tag);
  return new Class(clone(typedBuffer(view), seen) as ArrayBuffer, typedOffset(view), typedLength(view));
}

function own(target: object, name: string, value: unknown): void {
  setOwn(target, name, value, !isError(target));
}

function refusal(what: string): Error {
  return new DomError("Cannot clone " + what + ".", "DataCloneError");
}
