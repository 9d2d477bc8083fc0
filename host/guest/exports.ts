/**
 * What does a bundle export? EmDash's shapes: a default export with `hooks` and `routes` (or, as its wrapper accepts,
 * a default within the default, or the two as named exports), each entry a function or an object with a `handler`.
 */
import { append, ErrorClass, hasOwn, indexOf, isArray, keys, slice } from "./built-ins.ts";

type Handler = (input: unknown, ctx: unknown) => unknown;
type Table = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !isArray(value);
}

function pluginOf(exports: Table): Table {
  const first = exports["default"];
  if (isObject(first)) {
    const inner = first["default"];
    return isObject(inner) && ("hooks" in inner || "routes" in inner) ? inner : first;
  }
  return exports;
}

function tableOf(exports: Table, kind: "hooks" | "routes"): Table {
  const table = pluginOf(exports)[kind];
  return isObject(table) ? table : {};
}

function handlerOf(entry: unknown): Handler | undefined {
  if (typeof entry === "function") return entry as Handler;
  if (isObject(entry) && typeof entry["handler"] === "function") return entry["handler"] as Handler;
  return undefined;
}

/** The handler for `hook:<name>` or `route:<name>`. */
export function findHandler(exports: Table, entry: string): Handler {
  const colon = indexOf(entry, ":");
  const kind = slice(entry, 0, colon) === "hook" ? "hooks" : "routes";
  const name = slice(entry, colon + 1);
  const table = tableOf(exports, kind);
  const handler = hasOwn(table, name) ? handlerOf(table[name]) : undefined;
  if (!handler) throw new ErrorClass("The bundle exports no handler for " + entry);
  return handler;
}

/** Names and options of every hook and route, as plain data. The host validates it: this is untrusted. */
export function describeExports(exports: Table): unknown {
  return {
    hooks: describeEach(tableOf(exports, "hooks"), (name, entry) => {
      if (!handlerOf(entry)) return { name, callable: false };
      const { priority, timeout, errorPolicy, dependencies, exclusive } = isObject(entry) ? entry : {};
      return { name, callable: true, priority, timeout, errorPolicy, dependencies, exclusive };
    }),
    routes: describeEach(tableOf(exports, "routes"), (name, entry) => ({
      name,
      callable: handlerOf(entry) !== undefined,
      public: isObject(entry) ? entry["public"] === true : false,
    })),
  };
}

function describeEach(table: Table, describe: (name: string, entry: unknown) => object): readonly unknown[] {
  const descriptions: unknown[] = [];
  const names = keys(table);
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] as string;
    append(descriptions, describe(name, table[name]));
  }
  return descriptions;
}
