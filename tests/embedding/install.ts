/** Builds and packs the package, and installs the tarball into an empty folder with the application that mounts it. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The application's folder. */
    readonly applicationFolder: string;
  }
}

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");
/** What the application takes from npm besides, at the versions of this repository. */
const BESIDE = ["hono", "zod"];
const FOR_TYPES = ["@cloudflare/workers-types"];

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: "ES2024",
    lib: ["ES2024"],
    module: "ESNext",
    moduleResolution: "bundler",
    types: ["@cloudflare/workers-types"],
  },
  include: ["worker.ts", "readme.ts"],
};

const WRANGLER = `
name = "billing"
main = "worker.ts"
compatibility_date = "2026-05-01"
compatibility_flags = ["global_fetch_strictly_public"]

[[d1_databases]]
binding = "DB"
database_name = "billing"
database_id = "00000000-0000-0000-0000-000000000000"
migrations_dir = "migrations"

[[kv_namespaces]]
binding = "KV"
id = "00000000000000000000000000000000"
`;

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await run("npm", ["run", "-s", "build:package"], { cwd: ROOT });
  const folder = await mkdtemp(join(tmpdir(), "bulkhead-embedding-"));
  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder, join(ROOT, "dist/package")]);
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const versions = Object.fromEntries([
    ["bulkhead", `file:${filename}`],
    ...BESIDE.map((name) => [name, dependencies[name]]),
    ...FOR_TYPES.map((name) => [name, devDependencies[name]]),
  ]) as Record<string, string>;
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await write("package.json", JSON.stringify({ private: true, type: "module", dependencies: versions }));
  await write("tsconfig.json", JSON.stringify(TSCONFIG));
  await write("wrangler.toml", WRANGLER);
  const readme = await readFile(join(ROOT, "docs/embedding.md"), "utf8");
  await write("readme.ts", [...readme.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code]) => code).join("\n"));
  await cp(join(import.meta.dirname, "app"), folder, { recursive: true });
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: folder });
  provide("applicationFolder", folder);
  return () => rm(folder, { recursive: true, force: true });
}
