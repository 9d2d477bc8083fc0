/**
 * `npm run build:package`: what an application installs that mounts the host in its own Worker. JavaScript with its types,
 * the engine, the migrations and the command line, in `dist/package`.
 */
import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

const TARGET = "dist/package";
/** Where `tsc -b` writes declarations, one folder for each of ours. */
const TYPES = ".cache/types";
const TYPED = ["sdk", "sandbox", "host"];

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly repository: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The SDK goes into the package; what comes from npm is installed beside it. */
const ownCode: Plugin = {
  name: "own-code",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || path === "@bulkhead/sdk" ? undefined : { path, external: true },
    );
  },
};

const options = {
  bundle: true,
  format: "esm",
  target: "es2023",
  outdir: TARGET,
  plugins: [ownCode],
} satisfies BuildOptions;

await rm(TARGET, { recursive: true, force: true });
await mkdir(TARGET, { recursive: true });
// One copy of the vocabulary, whichever of the two an application imports.
const entries = { index: "host/embed.ts", sdk: "sdk/index.ts" };
const { metafile } = await build({
  ...options,
  entryPoints: entries,
  splitting: true,
  platform: "neutral",
  metafile: true,
});
await build({ ...options, entryPoints: { cli: "cli/bulkhead.ts" }, platform: "node" });
await cp("sandbox/engine/quickjs.gen.wasm", join(TARGET, "engine.wasm"));
await writeFile(join(TARGET, "engine.d.ts"), "declare const engine: WebAssembly.Module;\nexport default engine;\n");
for (const path of ["migrations", "LICENSE"]) await cp(path, join(TARGET, path), { recursive: true });
await cp("docs/embedding.md", join(TARGET, "README.md"));
await copyTypes();

const root = JSON.parse(await readFile("package.json", "utf8")) as Manifest;
const sdk = JSON.parse(await readFile("sdk/package.json", "utf8")) as Manifest;
const used = new Set(
  Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports.filter((each) => each.external).map(({ path }) => path))
    .map((path) => path.split("/", path.startsWith("@") ? 2 : 1).join("/")),
);
const known = { ...sdk.dependencies, ...root.dependencies };
const missing = [...used].filter((name) => known[name] === undefined);
if (missing.length > 0) throw new Error(`Cannot build the package: ${missing.join(", ")} is no dependency.`);
await writeFile(
  join(TARGET, "package.json"),
  `${JSON.stringify(
    {
      name: "bulkhead",
      version: root.version,
      description: root.description,
      license: root.license,
      repository: root.repository,
      type: "module",
      exports: {
        ".": { types: "./types/host/embed.d.ts", default: "./index.js" },
        "./sdk": { types: "./types/sdk/index.d.ts", default: "./sdk.js" },
        "./engine.wasm": { types: "./engine.d.ts", default: "./engine.wasm" },
      },
      bin: { bulkhead: "./cli.js" },
      sideEffects: false,
      dependencies: Object.fromEntries([...used].toSorted().map((name) => [name, known[name]])),
    },
    null,
    2,
  )}\n`,
);
console.log(`built ${TARGET}`);

/** Declarations as the compiler writes them, with the SDK by its place. */
async function copyTypes(): Promise<void> {
  execFileSync("tsc", ["-b", "host"], { stdio: "inherit" });
  for (const folder of TYPED) {
    for (const name of await readdir(join(TYPES, folder), { recursive: true })) {
      if (!name.endsWith(".d.ts")) continue;
      const to = join(TARGET, "types", folder, name);
      const place = relative(dirname(to), join(TARGET, "types/sdk/index.ts"));
      const text = await readFile(join(TYPES, folder, name), "utf8");
      await mkdir(dirname(to), { recursive: true });
      await writeFile(
        to,
        text.replaceAll('"@bulkhead/sdk"', JSON.stringify(place.startsWith(".") ? place : `./${place}`)),
      );
    }
  }
}
