/**
 * What bundle does a plugin's folder make? The code is bundled, its hooks and routes are read off the built module (never
 * written by hand, so they cannot drift), and the whole is packed like anybody's bundle.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { parseManifest, type PluginManifest } from "../sdk/manifest.ts";
import { packBundle } from "./pack-bundle.ts";
import { probeModule } from "./probe-module.ts";

/** A plugin, ready to be uploaded. */
export interface BuiltPlugin {
  /** The manifest as a host reads it. */
  readonly manifest: PluginManifest;
  /** `backend.js`. */
  readonly backend: string;
  /** The `.tar.gz`. */
  readonly archive: Uint8Array;
}

/** Builds the plugin in a folder. Rejects with the file and the reason. */
export async function buildPlugin(folder: string): Promise<BuiltPlugin> {
  const authored = await readAuthored(join(folder, "plugin.json"));
  const { backend, sourceMap } = await bundleCode(join(folder, "src/index.ts"));
  const probed = await probeModule(backend).catch((error: unknown) => {
    throw new Error(`src/index.ts: The built module cannot be loaded: ${String(error)}`, { cause: error });
  });
  const wire = { ...authored, ...probed };
  const parsed = parseManifest(wire);
  if (!parsed.ok) {
    throw new Error(parsed.issues.map((issue) => `plugin.json: ${issue.path}: ${issue.message}`).join("\n"));
  }
  const { manifest } = parsed;
  if (manifest.id !== basename(folder)) {
    throw new Error(`plugin.json: id: "${manifest.id}" is not the folder's name. Expected "${basename(folder)}"`);
  }
  const readme = join(folder, "README.md");
  const archive = await packBundle({
    manifest: wire,
    backend,
    files: {
      "backend.js.map": sourceMap,
      ...(existsSync(readme) ? { "README.md": await readFile(readme, "utf8") } : {}),
    },
  });
  return { manifest, backend, archive };
}

async function readAuthored(file: string): Promise<Readonly<Record<string, unknown>>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new Error(`plugin.json: Cannot be read as JSON: ${String(error)}`, { cause: error });
  }
  const authored = json as Readonly<Record<string, unknown>>;
  for (const key of ["hooks", "routes"]) {
    if (key in authored) {
      throw new Error(
        `plugin.json: ${key}: Written by hand, and read off the code as well. Remove it from plugin.json`,
      );
    }
  }
  return authored;
}

async function bundleCode(entry: string): Promise<{ readonly backend: string; readonly sourceMap: string }> {
  const built = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    minify: true,
    treeShaking: true,
    sourcemap: "external",
    sourcesContent: true,
    // Beside the source, so that the map names `src/...` wherever the build runs.
    outfile: join(dirname(dirname(entry)), "backend.js"),
    logLevel: "silent",
  });
  const textOf = (end: string): string => built.outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  return { backend: textOf("backend.js"), sourceMap: textOf(".map") };
}
