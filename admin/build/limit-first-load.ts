/**
 * How much script does the first page load? Prints the gzipped size of the entry with everything it imports statically,
 * and of the largest page on top of it, and fails the build when the entry is over the limit.
 */
import { gzipSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/** A Vite plugin; `limit` is in bytes after gzip. */
export function limitFirstLoad(limit: number): Plugin {
  return {
    name: "limit-first-load",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = new Map(
        Object.values(bundle).flatMap((file) => (file.type === "chunk" ? [[file.fileName, file]] : [])),
      );
      const sizes = new Map([...chunks].map(([name, chunk]) => [name, gzipSync(chunk.code).length]));
      const total = (names: Iterable<string>): number =>
        [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);

      const first = new Set<string>();
      for (const chunk of chunks.values()) if (chunk.isEntry) addWithImports(chunk, chunks, first);
      const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
      this.info(`first load of script: ${kilobytes(total(first))} gzip, limit ${kilobytes(limit)}`);
      for (const chunk of chunks.values()) {
        if (!chunk.isDynamicEntry) continue;
        const page = new Set<string>();
        addWithImports(chunk, chunks, page);
        this.info(`${chunk.name}: +${kilobytes(total(page.difference(first)))} gzip when opened`);
      }
      if (total(first) > limit)
        this.error(`The first load of script is ${total(first)} bytes gzip; the limit is ${limit}.`);
    },
  };
}

function addWithImports(
  chunk: Rollup.OutputChunk,
  all: ReadonlyMap<string, Rollup.OutputChunk>,
  into: Set<string>,
): void {
  if (into.has(chunk.fileName)) return;
  into.add(chunk.fileName);
  for (const name of chunk.imports) {
    const imported = all.get(name);
    if (imported) addWithImports(imported, all, into);
  }
}
