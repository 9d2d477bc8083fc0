/**
 * How are query strings read and written? As `application/x-www-form-urlencoded`, in the order given. A URL may listen,
 * so that changing its `searchParams` changes the URL.
 */
import {
  append,
  apply,
  charCodeAt,
  fromCharCode,
  fromUriText,
  indexOf,
  isArray,
  keys,
  slice,
  sort,
  StringFunction,
  toLatin1,
  toUriText,
  toWellFormed,
  TypeErrorClass,
} from "../primordials.ts";
import { decodeUtf8, fromBinary } from "./bytes.ts";

type Pair = readonly [name: string, value: string];

/** For `URL` alone: parameters of its query, which tell it of changes. */
export let bindParams: (query: string, onChange: (query: string) => void) => URLSearchParams;
/** For `URL` alone: the parameters of a new query. */
export let followQuery: (params: URLSearchParams, query: string) => void;

export class URLSearchParams {
  #pairs: Pair[] = [];
  #onChange: ((query: string) => void) | undefined;

  constructor(init: unknown = "") {
    if (typeof init !== "object" || init === null) this.#pairs = parseQuery(StringFunction(init));
    else if (isArray(init) || typeof (init as Iterable<unknown>)[Symbol.iterator] === "function") {
      for (const pair of init as Iterable<readonly unknown[]>) {
        if (typeof pair !== "object" || pair === null || pair.length !== 2)
          throw new TypeErrorClass("Cannot create URLSearchParams: expected pairs of name and value.");
        append(this.#pairs, [StringFunction(pair[0]), StringFunction(pair[1])]);
      }
    } else {
      const names = keys(init);
      for (let index = 0; index < names.length; index += 1) {
        const name = names[index] ?? "";
        append(this.#pairs, [name, StringFunction((init as Readonly<Record<string, unknown>>)[name])]);
      }
    }
  }

  static {
    bindParams = (query, onChange) => {
      const params = new URLSearchParams(query);
      params.#onChange = onChange;
      return params;
    };
    followQuery = (params, query) => {
      params.#pairs = parseQuery(query);
    };
  }

  get size(): number {
    return this.#pairs.length;
  }
  append(name: unknown, value: unknown): void {
    append(this.#pairs, [StringFunction(name), StringFunction(value)]);
    this.#changed();
  }
  delete(name: unknown, value?: unknown): void {
    const unwanted = StringFunction(name);
    const text = value === undefined ? undefined : StringFunction(value);
    const kept: Pair[] = [];
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] !== unwanted || (text !== undefined && pair[1] !== text)) append(kept, pair);
    }
    this.#pairs = kept;
    this.#changed();
  }
  get(name: unknown): string | null {
    const wanted = StringFunction(name);
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] === wanted) return pair[1];
    }
    return null;
  }
  getAll(name: unknown): string[] {
    const wanted = StringFunction(name);
    const values: string[] = [];
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index];
      if (pair !== undefined && pair[0] === wanted) append(values, pair[1]);
    }
    return values;
  }
  has(name: unknown, value?: unknown): boolean {
    const wanted = StringFunction(name);
    const text = value === undefined ? undefined : StringFunction(value);
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] === wanted && (text === undefined || pair[1] === text)) return true;
    }
    return false;
  }
  set(name: unknown, value: unknown): void {
    const wanted = StringFunction(name);
    const next: Pair = [wanted, StringFunction(value)];
    let isPlaced = false;
    const kept: Pair[] = [];
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] !== wanted) append(kept, pair);
      else if (!isPlaced) {
        append(kept, next);
        isPlaced = true;
      }
    }
    if (!isPlaced) append(kept, next);
    this.#pairs = kept;
    this.#changed();
  }
  sort(): void {
    sort(this.#pairs, (a: Pair, b: Pair) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#changed();
  }
  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      apply(visit, self, [pair[1], pair[0], this]);
    }
  }
  *entries(): Generator<[string, string]> {
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      yield [pair[0], pair[1]];
    }
  }
  *keys(): Generator<string> {
    for (let index = 0; index < this.#pairs.length; index += 1) yield (this.#pairs[index] as Pair)[0];
  }
  *values(): Generator<string> {
    for (let index = 0; index < this.#pairs.length; index += 1) yield (this.#pairs[index] as Pair)[1];
  }
  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
  toString(): string {
    return this.#write();
  }

  #write(): string {
    let text = "";
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      text += (index > 0 ? "&" : "") + encodePart(pair[0]) + "=" + encodePart(pair[1]);
    }
    return text;
  }
  #changed(): void {
    this.#onChange?.(this.#write());
  }
}

function parseQuery(query: string): Pair[] {
  const text = query[0] === "?" ? slice(query, 1) : query;
  const pairs: Pair[] = [];
  let start = 0;
  while (start <= text.length) {
    const amp = indexOf(text, "&", start);
    const end = amp < 0 ? text.length : amp;
    if (end > start) {
      const part = slice(text, start, end);
      const equals = indexOf(part, "=");
      const name = equals < 0 ? part : slice(part, 0, equals);
      append(pairs, [decodePart(name), equals < 0 ? "" : decodePart(slice(part, equals + 1))]);
    }
    start = end + 1;
  }
  return pairs;
}

function decodePart(part: string): string {
  const text = toWellFormed(plusToSpace(part));
  if (indexOf(text, "%") < 0) return text;
  try {
    return fromUriText(text);
  } catch {
    return decodeLeniently(text);
  }
}

function plusToSpace(part: string): string {
  let out = "";
  let start = 0;
  for (let at = indexOf(part, "+"); at >= 0; at = indexOf(part, "+", start)) {
    out += slice(part, start, at) + " ";
    start = at + 1;
  }
  return out + slice(part, start);
}

/** Byte by byte: what is no escape stays as it is, and what is no UTF-8 becomes U+FFFD. */
function decodeLeniently(text: string): string {
  const binary = toLatin1(toUriText(text));
  let out = "";
  for (let index = 0; index < binary.length; index += 1) {
    const code = binary[index] === "%" ? hexPair(binary, index + 1) : -1;
    out += code >= 0 ? fromCharCode(code) : binary[index];
    if (code >= 0) index += 2;
  }
  return decodeUtf8(fromBinary(out), "replace") ?? "";
}

function hexPair(text: string, at: number): number {
  const high = hexDigit(text, at);
  const low = hexDigit(text, at + 1);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(text: string, at: number): number {
  if (at >= text.length) return -1;
  const code = charCodeAt(text, at) | 32;
  if (code >= 97 && code <= 102) return code - 87;
  const digit = charCodeAt(text, at) - 48;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** What `encodeURIComponent` leaves alone and a form does not, by character. */
const FORM_ESCAPES: Readonly<Record<string, string>> = {
  __proto__: null as never,
  "!": "%21",
  "'": "%27",
  "(": "%28",
  ")": "%29",
  "~": "%7E",
};

function encodePart(part: string): string {
  const encoded = toUriText(toWellFormed(part));
  let out = "";
  for (let index = 0; index < encoded.length; index += 1) {
    const char = encoded[index] as string;
    if (char === "%" && encoded[index + 1] === "2" && encoded[index + 2] === "0") {
      out += "+";
      index += 2;
    } else out += FORM_ESCAPES[char] ?? char;
  }
  return out;
}
