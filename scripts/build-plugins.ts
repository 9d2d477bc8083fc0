/** `npm run build:plugins`: from `plugins/<id>/` to the catalogue that is served beside the dashboard. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPlugin } from "./build-plugin.ts";

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

async function addToCatalog(folder: string): Promise<CatalogEntry> {
  const { manifest, archive } = await buildPlugin(folder);
  const { id, name, version, description, capabilities, allowedHosts } = manifest;
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
    plugins.push(await addToCatalog(join(SOURCE, name)));
  } catch (error) {
    console.error(`Cannot build ${join(SOURCE, name)}:\n${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
await writeFile(join(TARGET, "index.json"), `${JSON.stringify({ plugins }, null, 2)}\n`);
console.log(plugins.map(({ id, version, size }) => `${id} ${version}: ${size} bytes`).join("\n"));
