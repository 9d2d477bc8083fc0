/**
 * How do sources become what workerd is given? One ES module, and the wasm files it imports beside it: Workers refuse to
 * compile at run time.
 */
import { build, type Plugin } from "esbuild";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Fixture, Size } from "./contender.ts";

/** What workerd is given. */
export interface WorkerCode {
  readonly main: string;
  /** Compiled modules by the name they are imported by. */
  readonly wasm: Readonly<Record<string, Uint8Array>>;
}

const PEERS = `${import.meta.dirname}/../peers`;
const FIXTURES: Readonly<Record<Size, string>> = { "1k": "small", "22k": "medium", "132k": "large" };

/** @param values what `import value from "bench:<name>"` gives. */
export async function buildWorker(
  entryPath: string,
  values: Readonly<Record<string, unknown>> = {},
): Promise<WorkerCode> {
  const wasm: Record<string, Uint8Array> = {};
  const { outputFiles } = await build({
    entryPoints: [entryPath],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser", "import"],
    mainFields: ["browser", "module", "main"],
    external: ["cloudflare:*", "node:*"],
    logLevel: "error",
    plugins: [besides(wasm), injected(values)],
  });
  return { main: outputFiles[0]!.text, wasm };
}

function besides(wasm: Record<string, Uint8Array>): Plugin {
  return {
    name: "wasm-beside",
    setup(build) {
      build.onResolve({ filter: /(\.|\/)wasm$/ }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === "resolved") return undefined;
        const { path: file, errors } = await build.resolve(path, { resolveDir, kind, pluginData: "resolved" });
        if (errors.length > 0) return { errors };
        const bytes = await readFile(file);
        const known = Object.keys(wasm).find((name) => bytes.equals(wasm[name]!));
        const name = known ?? `${Object.keys(wasm).length}-${basename(file)}`;
        wasm[name] = bytes;
        return { path: name, external: true };
      });
    },
  };
}

function injected(values: Readonly<Record<string, unknown>>): Plugin {
  return {
    name: "injected",
    setup(build) {
      build.onResolve({ filter: /^bench:/ }, ({ path }) => ({ path: path.slice("bench:".length), namespace: "bench" }));
      build.onLoad({ filter: /.*/, namespace: "bench" }, ({ path }) => ({
        contents: JSON.stringify(values[path] ?? null),
        loader: "json",
      }));
    },
  };
}

/** A fixture's source, minified as plugins are. */
export async function bundleFixture(name: string, format: "esm" | "iife"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${PEERS}/fixtures/${name}.js`],
    bundle: true,
    minify: true,
    write: false,
    format,
    globalName: "bundle",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    legalComments: "none",
  });
  return outputFiles[0]!.text;
}

/** All fixtures, smallest first. */
export function buildFixtures(): Promise<readonly Fixture[]> {
  return Promise.all(
    (Object.keys(FIXTURES) as Size[]).map(async (size) => ({
      size,
      source: await bundleFixture(FIXTURES[size], "esm"),
      script: await bundleFixture(FIXTURES[size], "iife"),
    })),
  );
}
