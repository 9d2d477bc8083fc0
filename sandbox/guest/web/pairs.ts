/** What do `Headers` and `URLSearchParams` share? Pairs of name and value: made of the same things, iterated in the same ways. */
import { installGlobals } from "../install.ts";
import { apply, isArray, iterator, keys, TypeErrorClass } from "../primordials.ts";

export type Pair = readonly [name: string, value: string];

/** What `addIteration` adds to an object. */
export interface PairIteration {
  forEach(visit: (value: string, name: string, list: this) => void, self?: unknown): void;
  entries(): Generator<[string, string]>;
  keys(): Generator<string>;
  values(): Generator<string>;
  [Symbol.iterator](): Generator<[string, string]>;
}

/** Hands over the pairs that are listed, iterated, or else the properties of an object. */
export function readPairs(init: object, what: string, add: (name: unknown, value: unknown) => void): void {
  const take = (pair: readonly unknown[]): void => {
    if (typeof pair !== "object" || pair === null || pair.length !== 2)
      throw new TypeErrorClass("Cannot create " + what + ": expected pairs of name and value.");
    add(pair[0], pair[1]);
  };
  if (isArray(init)) for (let index = 0; index < init.length; index += 1) take(init[index] as readonly unknown[]);
  else if (typeof (init as Iterable<unknown>)[iterator] === "function")
    for (const pair of init as Iterable<readonly unknown[]>) take(pair);
  else {
    const names = keys(init);
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      add(name, (init as Readonly<Record<string, unknown>>)[name]);
    }
  }
}

/**
 * Lets the objects of a class be iterated. Runs before untrusted code does.
 *
 * @param begin called when an iteration of an object begins; what it returns gives the pairs as they are at each step.
 */
export function addIteration<Self extends object>(prototype: Self, begin: (self: Self) => () => readonly Pair[]): void {
  function* walk(pairs: () => readonly Pair[], part?: 0 | 1): Generator<unknown> {
    for (let index = 0; index < pairs().length; index += 1) {
      const pair = pairs()[index] as Pair;
      yield part === undefined ? [pair[0], pair[1]] : pair[part];
    }
  }
  const methods = {
    forEach(this: Self, visit: (...args: unknown[]) => unknown, self?: unknown): void {
      const pairs = begin(this);
      for (let index = 0; index < pairs().length; index += 1) {
        const pair = pairs()[index] as Pair;
        apply(visit, self, [pair[1], pair[0], this]);
      }
    },
    entries(this: Self) {
      return walk(begin(this));
    },
    keys(this: Self) {
      return walk(begin(this), 0);
    },
    values(this: Self) {
      return walk(begin(this), 1);
    },
  };
  installGlobals(methods, prototype);
  Object.defineProperty(prototype, iterator, { value: methods.entries, writable: true, configurable: true });
}
