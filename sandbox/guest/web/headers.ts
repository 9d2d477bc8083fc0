/** What is in a list of headers? Names in lower case, values checked, in sorted order; equal names are joined by a comma. */
import {
  append,
  charCodeAt,
  indexOf,
  slice,
  sort,
  StringFunction,
  toLowerCase,
  TypeErrorClass,
} from "../primordials.ts";
import { addIteration, readPairs, type Pair, type PairIteration } from "./pairs.ts";

const NAME_SYMBOLS = "!#$%&'*+-.^_`|~";

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- `addIteration` adds them.
export interface Headers extends PairIteration {}

export class Headers {
  #pairs: Pair[] = [];

  constructor(init?: unknown) {
    if (init === undefined || init === null) return;
    if (typeof init !== "object")
      throw new TypeErrorClass("Cannot create Headers: expected an object, pairs or Headers.");
    readPairs(init, "Headers", (name, value) => this.append(name, value));
  }

  append(name: unknown, value: unknown): void {
    append(this.#pairs, [toName(name), toValue(name, value)]);
  }
  set(name: unknown, value: unknown): void {
    const pair: Pair = [toName(name), toValue(name, value)];
    this.#remove(pair[0]);
    append(this.#pairs, pair);
  }
  delete(name: unknown): void {
    this.#remove(toName(name));
  }
  #remove(unwanted: string): void {
    const kept: Pair[] = [];
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] !== unwanted) append(kept, pair);
    }
    this.#pairs = kept;
  }
  get(name: unknown): string | null {
    const wanted = toName(name);
    let joined: string | null = null;
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] === wanted) joined = joined === null ? pair[1] : joined + ", " + pair[1];
    }
    return joined;
  }
  has(name: unknown): boolean {
    return this.get(name) !== null;
  }
  getSetCookie(): string[] {
    const values: string[] = [];
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] === "set-cookie") append(values, pair[1]);
    }
    return values;
  }
  static {
    addIteration(this.prototype, (self) => {
      const sorted = self.#sorted();
      return () => sorted;
    });
  }

  #sorted(): Pair[] {
    const sorted: Pair[] = [];
    const names: Record<string, true> = { __proto__: null } as never;
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      if (pair[0] === "set-cookie") append(sorted, pair);
      else if (!names[pair[0]]) {
        names[pair[0]] = true;
        append(sorted, [pair[0], this.get(pair[0]) ?? ""]);
      }
    }
    sort(sorted, (a: Pair, b: Pair) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    return sorted;
  }
}

function toName(name: unknown): string {
  const text = toLowerCase(StringFunction(name));
  for (let index = 0; index < text.length; index += 1) {
    const code = charCodeAt(text, index);
    const isWord = (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
    if (!isWord && indexOf(NAME_SYMBOLS, text[index] as string) < 0)
      throw new TypeErrorClass("Invalid header name: " + text);
  }
  if (text === "") throw new TypeErrorClass("Invalid header name: it is empty.");
  return text;
}

function toValue(name: unknown, value: unknown): string {
  const given = StringFunction(value);
  let start = 0;
  let end = given.length;
  while (start < end && isBlank(charCodeAt(given, start))) start += 1;
  while (end > start && isBlank(charCodeAt(given, end - 1))) end -= 1;
  const text = slice(given, start, end);
  if (indexOf(text, "\0") >= 0 || indexOf(text, "\n") >= 0 || indexOf(text, "\r") >= 0)
    throw new TypeErrorClass("Invalid value of header " + StringFunction(name) + ": it holds a line break or NUL.");
  return text;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}
