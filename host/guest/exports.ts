/**
 * What does a bundle export? EmDash's shapes: a default export with `hooks` and `routes` (or, as its wrapper accepts,
 * a default within the default, or the two as named exports), each entry a function or an object with a `handler`.
 */

type Handler = (input: unknown, ctx: unknown) => unknown;
type Table = Readonly<Record<string, unknown>>;

const { keys, hasOwn } = Object;
const { isArray } = Array;

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
  const colon = entry.indexOf(":");
  const kind = entry.slice(0, colon) === "hook" ? "hooks" : "routes";
  const name = entry.slice(colon + 1);
  const table = tableOf(exports, kind);
  const handler = hasOwn(table, name) ? handlerOf(table[name]) : undefined;
  if (!handler) throw new Error(`The bundle exports no handler for ${entry}`);
  return handler;
}

/** Names and options of every hook and route, as plain data. The host validates it: this is untrusted. */
export function describeExports(exports: Table): unknown {
  const hooks = tableOf(exports, "hooks");
  const routes = tableOf(exports, "routes");
  return {
    hooks: keys(hooks).map((name) => {
      const entry = hooks[name];
      if (!handlerOf(entry)) return { name, callable: false };
      const options = isObject(entry) ? entry : {};
      return {
        name,
        callable: true,
        priority: options["priority"],
        timeout: options["timeout"],
        errorPolicy: options["errorPolicy"],
        dependencies: options["dependencies"],
        exclusive: options["exclusive"],
      };
    }),
    routes: keys(routes).map((name) => {
      const entry = routes[name];
      return {
        name,
        callable: handlerOf(entry) !== undefined,
        public: isObject(entry) ? entry["public"] === true : false,
      };
    }),
  };
}
