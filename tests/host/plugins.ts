/** What plugins do the tests install? Small ones: a manifest that declares what the code exports, and a probe that calls any bridge. */
import type { PluginSource } from "../support/bundle.ts";
import { call, type Json } from "./client.ts";

/** What a test says of a plugin. Handlers are source text: `async (event, ctx) => ...`. */
export interface PluginSketch {
  readonly version?: string;
  readonly capabilities?: readonly string[];
  readonly hosts?: readonly string[];
  readonly hooks?: Readonly<Record<string, string>>;
  readonly routes?: Readonly<Record<string, string>>;
  /** Routes anybody may call. */
  readonly open?: readonly string[];
  /** Code before the export. */
  readonly top?: string;
  /** Further members of the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>;
}

/** A plugin whose manifest and code agree. */
export function sketch(id: string, plugin: PluginSketch = {}): PluginSource {
  const { version = "1.0.0", capabilities = [], hosts = [], hooks = {}, routes = {}, open = [], top = "" } = plugin;
  const table = (entries: Readonly<Record<string, string>>) =>
    Object.entries(entries)
      .map(([name, source]) => `${JSON.stringify(name)}: ${source}`)
      .join(",\n");
  return {
    manifest: {
      id,
      version,
      capabilities,
      allowedHosts: hosts,
      hooks: Object.keys(hooks),
      routes: Object.keys(routes).map((name) => (open.includes(name) ? { name, public: true } : name)),
      ...plugin.manifest,
    },
    backend: `${top}\nexport default { hooks: {\n${table(hooks)}\n}, routes: {\n${table(routes)}\n} };`,
  };
}

/** What opens every method of the site and the network. */
export const SITE_POWERS = [
  "content:write",
  "content:publish",
  "content:revisions:read",
  "taxonomies:read",
  "media:write",
  "users:read",
  "network:request",
] as const;
/** What opens every method there is, but for those of SQL. */
export const ALL_POWERS = [...SITE_POWERS, "email:send", "ai:generate"] as const;

const PROBE = `async ({ input: { op, args } }, ctx) => {
  try {
    const path = op.split(".");
    const method = path.pop();
    const family = path.reduce((place, name) => place[name], ctx);
    // Bytes come as base64: a request holds none.
    const value = await family[method](...args.map((arg) =>
      typeof arg?.bytes === "string" ? Uint8Array.from(atob(arg.bytes), (char) => char.charCodeAt(0)) : arg));
    if (value instanceof Map) return { value: { map: [...value] } };
    if (typeof value?.arrayBuffer === "function") {
      const { status, headers } = value;
      return { value: { status, headers: Object.fromEntries(headers), text: await value.text() } };
    }
    return { value: value ?? null };
  } catch (error) {
    return { error: { name: error.name, code: error.code, message: error.message } };
  }
}`;

/** A plugin with the route `probe`, through which `bridge` calls any method of its `ctx`. */
export function probe(id: string, plugin: PluginSketch = {}): PluginSource {
  return sketch(id, { ...plugin, routes: { probe: PROBE, ...plugin.routes } });
}

/** What a bridge call came to, as the guest saw it. */
export interface Bridged {
  readonly value?: Json;
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
}

/** Calls `ctx.<op>(...args)` inside the plugin. An argument `{bytes: base64}` is given as a Uint8Array. */
export async function bridge(id: string, op: string, ...args: unknown[]): Promise<Bridged> {
  const { status, body } = await call<{ success: boolean; data: Bridged }>("POST", `/api/plugins/${id}/probe`, {
    body: { op, args },
  });
  if (status !== 200) throw new Error(`the probe of ${id} answered ${status}: ${JSON.stringify(body)}`);
  return body.data;
}
