/** Which hooks and routes does a built module export? Loads our own freshly built code and reads its default export. */

/** Entries as the wire manifest carries them. */
export interface Probed {
  readonly hooks: readonly { readonly name: string; readonly priority?: number; readonly timeout?: number }[];
  readonly routes: readonly { readonly name: string; readonly public?: boolean }[];
}

interface Exported {
  readonly hooks?: Readonly<Record<string, unknown>>;
  readonly routes?: Readonly<Record<string, unknown>>;
}

/** Evaluates the module and describes its exports. Only for code built on this machine: it is not sandboxed. */
export async function probeModule(source: string): Promise<Probed> {
  const url = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
  const { default: plugin } = (await import(url)) as { readonly default?: Exported };
  if (!plugin) throw new Error("The module has no default export. Expected { hooks, routes }.");
  return {
    hooks: Object.entries(plugin.hooks ?? {}).map(([name, entry]) => ({
      name,
      ...numberOf(entry, "priority"),
      ...numberOf(entry, "timeout"),
    })),
    routes: Object.entries(plugin.routes ?? {}).map(([name, entry]) => ({
      name,
      ...(optionOf(entry, "public") === true ? { public: true } : {}),
    })),
  };
}

function numberOf<Key extends string>(entry: unknown, key: Key): { readonly [Name in Key]?: number } {
  const value = optionOf(entry, key);
  return (typeof value === "number" ? { [key]: value } : {}) as { readonly [Name in Key]?: number };
}

function optionOf(entry: unknown, key: string): unknown {
  return typeof entry === "object" && entry !== null ? (entry as Readonly<Record<string, unknown>>)[key] : undefined;
}
