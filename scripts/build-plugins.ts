/**
 * `npm run build:plugins`: from `plugins/<id>/` to the shipped catalogue. Each plugin is bundled, its hooks and routes are
 * read off the built module (never written by hand, so they cannot drift), and the whole is packed like anybody's bundle.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { parseManifest } from "../sdk/manifest.ts";
import { packBundle } from "./pack-bundle.ts";
import { probeModule } from "./probe-module.ts";

const SOURCE = "plugins";
/** Beside the dashboard, so that the Worker's assets binding serves it under `/catalog/`. */
const TARGET = "dist/assets/catalog";

interface CatalogEntry {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
  readonly capabilities: readonly string[];
  readonly allowedHosts: readonly string[];
}

async function buildPlugin(folder: string): Promise<CatalogEntry> {
  const built = await build({
    entryPoints: [join(folder, "src/index.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    minify: true,
    treeShaking: true,
    sourcemap: "external",
    sourcesContent: true,
    outfile: "backend.js",
    logLevel: "silent",
  });
  const textOf = (end: string): string => built.outputFiles.find((file) => file.path.endsWith(end))?.text ?? "";
  const backend = textOf("backend.js");
  const { hooks, routes } = await probeModule(backend);
  const authored = JSON.parse(await readFile(join(folder, "plugin.json"), "utf8")) as Record<string, unknown>;
  const manifest = { ...authored, hooks, routes };
  const parsed = parseManifest(manifest);
  if (!parsed.ok) {
    throw new Error(parsed.issues.map((issue) => `plugin.json: ${issue.path}: ${issue.message}`).join("\n"));
  }
  const readme = join(folder, "README.md");
  const archive = await packBundle({
    manifest,
    backend,
    files: {
      "backend.js.map": textOf(".map"),
      ...(existsSync(readme) ? { "README.md": await readFile(readme, "utf8") } : {}),
    },
  });
  const { id, name, version, description, capabilities, allowedHosts } = parsed.manifest;
  const file = `${id}-${version}.tar.gz`;
  await writeFile(join(TARGET, file), archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  return { id, name, version, description, file, sha256, size: archive.length, capabilities, allowedHosts };
}

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
const folders = (await readdir(SOURCE)).filter((name) => existsSync(join(SOURCE, name, "plugin.json"))).toSorted();
const plugins: CatalogEntry[] = [];
for (const name of folders) {
  try {
    plugins.push(await buildPlugin(join(SOURCE, name)));
  } catch (error) {
    console.error(`Cannot build ${join(SOURCE, name)}:\n${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
await writeFile(join(TARGET, "index.json"), `${JSON.stringify({ plugins }, null, 2)}\n`);
console.log(plugins.map(({ id, version, size }) => `${id} ${version}: ${size} bytes`).join("\n"));
