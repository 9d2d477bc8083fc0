/**
 * Why do panels carry their own copy of Kumo? Kumo ships Base UI as one module, and a module lies in one chunk: whatever the
 * lazily loaded block renderer alone needs of it would be loaded by everybody, 20 kB gzip before the first page. So
 * packages reached through the block renderer are bundled a second time, in the panel's chunk. React stays shared.
 */
import type { Plugin } from "vite";

const MARK = "?own-copy";

/** Copies the modules of `packages` that are reached through the package `entry`. */
export function ownCopy(entry: string, packages: readonly string[]): Plugin {
  const folders = packages.map((name) => `/node_modules/${name}/`);
  return {
    name: "own-copy",
    apply: "build",
    enforce: "pre",
    async resolveId(source, importer, options) {
      const inside = importer?.endsWith(MARK) ?? false;
      if (!importer || (!inside && source !== entry)) return null;
      const from = inside ? importer.slice(0, -MARK.length) : importer;
      const resolved = await this.resolve(source, from, { ...options, skipSelf: true });
      if (!resolved || resolved.external || !folders.some((folder) => resolved.id.includes(folder))) return resolved;
      return { ...resolved, id: resolved.id + MARK };
    },
  };
}
