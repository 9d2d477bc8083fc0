/** How does a test in workerd get code that went through a bundler? `import built from "./src/index.ts?bundle"`. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "vite";

/** What such an import gives: `backend.js` and its source map, as authors' tools make them. */
export interface Bundled {
  readonly plain: { readonly backend: string; readonly map: string };
  readonly minified: { readonly backend: string; readonly map: string };
}

const QUERY = "?bundle";

/** The Vite plugin. */
export function bundleImports(): Plugin {
  let root = "";
  return {
    name: "bundle-imports",
    enforce: "pre",
    configResolved(config) {
      ({ root } = config);
    },
    resolveId: (source, importer) =>
      source.endsWith(QUERY) && importer ? resolve(dirname(importer), source) : undefined,
    async load(id) {
      if (!id.endsWith(QUERY)) return undefined;
      const path = id.slice(0, -QUERY.length);
      // Vite names files below its root by their path from there.
      const entry = existsSync(path) ? path : join(root, path);
      const bundled: Bundled = { plain: await bundle(entry, false), minified: await bundle(entry, true) };
      return `export default ${JSON.stringify(bundled)};`;
    },
  };
}

async function bundle(entry: string, minify: boolean): Promise<Bundled["plain"]> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    // Beside `src`, so that the map names `src/...`.
    outfile: join(dirname(dirname(entry)), "backend.js"),
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    minify,
    sourcemap: "external",
  });
  const textOf = (end: string) => outputFiles.find((file) => file.path.endsWith(end))!.text;
  return { backend: textOf("backend.js"), map: textOf(".map") };
}
