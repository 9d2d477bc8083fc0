/**
 * What is `ctx` made of? Every bridge method the host names becomes `ctx.<family>.<method>(...args)`; a few families
 * have another shape in EmDash's contract (`storage`, `http`, `log`) and are wrapped here.
 */
import type { GuestSandbox } from "../../sandbox/types.ts";
import { createHttp } from "./http.ts";
import { createStorage } from "./storage.ts";

/** What the host sends with every entry. */
export interface EntryContext {
  readonly plugin: { readonly id: string; readonly version: string };
  readonly site: { readonly name: string; readonly url: string; readonly locale: string };
  /** Bridge methods, e.g. `kv.get`. */
  readonly methods: readonly string[];
}

type Method = (...args: unknown[]) => unknown;

/** The `ctx` of one entry. */
export function createContext(sandbox: GuestSandbox, context: EntryContext): Record<string, unknown> {
  const ctx: Record<string, unknown> = {};
  const families: Record<string, Record<string, Method>> = {};
  for (let i = 0; i < context.methods.length; i++) {
    const op = context.methods[i] as string;
    const dot = op.indexOf(".");
    const family = op.slice(0, dot);
    const methods = (families[family] ??= {});
    methods[op.slice(dot + 1)] = (...args) => sandbox.call(op, args);
    ctx[family] = methods;
  }
  ctx["storage"] = createStorage(sandbox);
  ctx["http"] = createHttp(sandbox);
  ctx["log"] = {
    debug: (message: unknown, data?: unknown) => sandbox.log("debug", String(message), data),
    info: (message: unknown, data?: unknown) => sandbox.log("info", String(message), data),
    warn: (message: unknown, data?: unknown) => sandbox.log("warn", String(message), data),
    error: (message: unknown, data?: unknown) => sandbox.log("error", String(message), data),
  };
  ctx["plugin"] = context.plugin;
  ctx["site"] = context.site;
  ctx["url"] = (path: unknown) => toAbsolute(context.site.url, String(path));
  return ctx;
}

function toAbsolute(base: string, path: string): string {
  if (!path.startsWith("/") || path.startsWith("//")) {
    throw new Error(`Cannot make an address of "${path.slice(0, 80)}": expected a path that starts with one /`);
  }
  return base + path;
}
