/** What does the plugin's bundle declare? `plugin.json` with the hooks and routes that its module exports. */
import { readFile } from "node:fs/promises";
import { parseManifest, type PluginManifest, type SandboxedPlugin } from "@bulkhead/sdk";
import exported from "../../plugins/auto-blog-seo/src/index.ts";

/** The plugin, as a host sees it. */
export const plugin: SandboxedPlugin = exported;

/** The wire manifest as JSON. */
export async function readWireManifest(): Promise<Readonly<Record<string, unknown>>> {
  const file = new URL("../../plugins/auto-blog-seo/plugin.json", import.meta.url);
  const authored = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  const routes = Object.entries(plugin.routes ?? {}).map(([name, entry]) => ({
    name,
    public: typeof entry === "object" && entry.public === true,
  }));
  return { ...authored, hooks: Object.keys(plugin.hooks ?? {}), routes };
}

/** The manifest, parsed as the host parses it. */
export async function readManifest(): Promise<PluginManifest> {
  const parsed = parseManifest(await readWireManifest());
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join("\n"));
  return parsed.manifest;
}
