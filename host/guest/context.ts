/**
 * What is `ctx` made of? Every bridge method the host names becomes `ctx.<family>.<method>(...args)`; a few families
 * have another shape in EmDash's contract (`storage`, `http`, `db`, `media`, `log`) and are wrapped here.
 */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { ErrorClass, indexOf, slice, StringFunction } from "./built-ins.ts";
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

/**
 * Makes the `ctx` of entries. What does not differ between them is made here, once, and so is part of the image.
 *
 * @param methods bridge methods, e.g. `kv.get`.
 */
export function createContexts(
  sandbox: GuestSandbox,
  methods: readonly string[],
): (context: EntryContext) => Record<string, unknown> {
  const families: Record<string, Record<string, Method>> = {};
  for (const op of methods) {
    const dot = indexOf(op, ".");
    (families[slice(op, 0, dot)] ??= {})[slice(op, dot + 1)] = (...args) => sandbox.call(op, args);
  }
  const log: Record<string, Method> = {};
  for (const level of ["debug", "info", "warn", "error"] as const) {
    log[level] = (message, data) => sandbox.log(level, StringFunction(message), data);
  }
  const common = {
    ...families,
    storage: createStorage(sandbox),
    http: createHttp(sandbox),
    db: createDb(sandbox),
    media: createMedia(sandbox, families["media"] ?? {}),
    log,
  };

  return ({ plugin, site }) => ({
    ...common,
    plugin,
    site,
    url: (path: unknown) => toAbsolute(site.url, StringFunction(path)),
  });
}

function toAbsolute(base: string, path: string): string {
  if (path[0] !== "/" || path[1] === "/") {
    throw new ErrorClass(
      'Cannot make an address of "' + slice(path, 0, 80) + '": expected a path that starts with one /',
    );
  }
  return base + path;
}
