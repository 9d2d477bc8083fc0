/**
 * What is `ctx` made of? Every bridge method the host names becomes `ctx.<family>.<method>(...args)`; a few families
 * have another shape in EmDash's contract (`storage`, `http`, `db`, `media`, `log`) and are wrapped here.
 */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { define, defineLazy, ErrorClass, hasOwn, indexOf, slice, StringFunction } from "./built-ins.ts";
import { createDb } from "./db.ts";
import { createHttp } from "./http.ts";
import { createMedia } from "./media.ts";
import { createStorage } from "./storage.ts";

/** What the host sends with every entry. */
export interface EntryContext {
  readonly plugin: { readonly id: string; readonly version: string };
  readonly site: {
    readonly name: string;
    readonly url: string;
    readonly locale: string;
    readonly trailingSlash: string;
  };
}

type Method = (...args: unknown[]) => unknown;

const LEVELS = ["debug", "info", "warn", "error"] as const;

/**
 * Makes the `ctx` of a VM. What an entry does not ask for is not made: every method is one more object in every image.
 *
 * @param methods bridge methods with a space before each, e.g. ` kv.get kv.set`.
 * @returns what gives an entry its `ctx`: the same object for all entries of one VM, as they share everything else.
 */
export function createContexts(
  sandbox: GuestSandbox,
  methods: string,
): (context: EntryContext) => Record<string, unknown> {
  const ctx: Record<string, unknown> = {};
  let site: EntryContext["site"];

  /** A method that is added to the list comes to `ctx` by this alone. */
  function createFamily(family: string): object {
    const made = {};
    const start = " " + family + ".";
    for (let at = indexOf(methods, start); at !== -1; at = indexOf(methods, start, at + 1)) {
      const end = indexOf(methods, " ", at + 1);
      const op = slice(methods, at + 1, end === -1 ? undefined : end);
      define(made, slice(op, family.length + 1), ((...args) => sandbox.call(op, args)) satisfies Method);
    }
    return made;
  }

  function createLog(): object {
    const log = {};
    for (let index = 0; index < LEVELS.length; index += 1) {
      const level = LEVELS[index] as (typeof LEVELS)[number];
      define(log, level, ((message, data) => sandbox.log(level, StringFunction(message), data)) satisfies Method);
    }
    return log;
  }

  /** Those with a shape of their own in EmDash's contract, and the rest. */
  function create(family: string): object {
    switch (family) {
      case "storage":
        return createStorage(sandbox);
      case "http":
        return createHttp(sandbox);
      case "db":
        return createDb(sandbox);
      case "media":
        return createMedia(sandbox, createFamily(family));
      case "log":
        return createLog();
      default:
        return createFamily(family);
    }
  }

  for (let at = 0; at !== -1; at = indexOf(methods, " ", at + 1)) {
    const family = slice(methods, at + 1, indexOf(methods, ".", at));
    if (!hasOwn(ctx, family)) defineLazy(ctx, family, create);
  }
  defineLazy(ctx, "log", create);
  define(ctx, "url", ((path) => toAbsolute(site.url, StringFunction(path))) satisfies Method);

  return (context) => {
    site = context.site;
    define(ctx, "plugin", context.plugin);
    define(ctx, "site", site);
    return ctx;
  };
}

function toAbsolute(base: string, path: string): string {
  if (path[0] !== "/" || path[1] === "/") {
    throw new ErrorClass(
      'Cannot make an address of "' + slice(path, 0, 80) + '": expected a path that starts with one /',
    );
  }
  return base + path;
}
