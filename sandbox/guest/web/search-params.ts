/**
 * How are query strings read and written? By the host, as `application/x-www-form-urlencoded`, in the order given. A URL
 * may listen, so that changing its `searchParams` changes the URL.
 */
import { askHost } from "../host.ts";
import { append, sort, StringFunction } from "../primordials.ts";
import { addIteration, readPairs, type Pair, type PairIteration } from "./pairs.ts";

/** For `URL` alone: parameters of its query, which tell it of changes. */
export let bindParams: (query: string, onChange: (query: string) => void) => URLSearchParams;
/** For `URL` alone: the parameters of a new query. */
export let followQuery: (params: URLSearchParams, query: string) => void;

// eslint-disable-next-line typescript/no-unsafe-declaration-merging -- `addIteration` adds them.
export interface URLSearchParams extends PairIteration {}

export class URLSearchParams {
  #pairs: Pair[] = [];
  #onChange: ((query: string) => void) | undefined;

  constructor(init: unknown = "") {
    if (typeof init !== "object" || init === null) this.#pairs = parseQuery(StringFunction(init));
    else
      readPairs(init, "URLSearchParams", (name, value) =>
        append(this.#pairs, [StringFunction(name), StringFunction(value)]),
      );
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
    addIteration(this.prototype, (self) => () => self.#pairs);
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
  toString(): string {
    return this.#write();
  }

  #write(): string {
    const parts: string[] = [];
    for (let index = 0; index < this.#pairs.length; index += 1) {
      const pair = this.#pairs[index] as Pair;
      append(parts, pair[0]);
      append(parts, pair[1]);
    }
    return parts.length === 0 ? "" : (askHost("params.write", parts) as string);
  }
  #changed(): void {
    this.#onChange?.(this.#write());
  }
}

function parseQuery(query: string): Pair[] {
  const pairs: Pair[] = [];
  if (query === "") return pairs;
  const parts = askHost("params.parse", [query]) as string[];
  for (let index = 0; index < parts.length; index += 2)
    append(pairs, [parts[index] as string, parts[index + 1] as string]);
  return pairs;
}
