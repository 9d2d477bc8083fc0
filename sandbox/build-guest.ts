/**
 * How does trusted guest code get from TypeScript into the VM? As the source of an expression. The prelude is several of
 * them, evaluated in turn: parsing leaves holes in a heap that becomes part of every image, smaller ones for smaller
 * sources.
 */
import { relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * Bundles trusted guest code, whose default export is a function, into an expression that evaluates to that function.
 *
 * @param entryPath path of the entry file.
 * @returns source text; what `Program.runtime` takes.
 */
export async function bundleGuest(entryPath: string): Promise<string> {
  const { body, exports } = splitExports(await bundle(`export { default } from ${JSON.stringify(entryPath)};`));
  return `(()=>{"use strict";${body}return ${exports.get("default")}})()`;
}

/**
 * Bundles trusted guest code into parts, for `EngineProgram.prelude`. Each is a function of the two imports and of what
 * the part before it returned: an object without prototype that carries what later parts import, and that nobody holds
 * any more once the last one has returned the guest's `enter`.
 *
 * @param entryPaths one file for each part; a part holds all its file imports, as far as no earlier part does. The default
 *   export of the last is called with the two imports and gives `enter`.
 */
export async function bundleGuestParts(entryPaths: readonly string[]): Promise<readonly string[]> {
  const owners = await findOwners(entryPaths);
  const parts: string[] = [];
  /** What later parts import, by the file that exports it. */
  const needed = new Map<string, Set<string>>();
  // The last comes first: what a part has to export is what later ones import.
  for (const [part, entryPath] of [...entryPaths.entries()].toReversed()) {
    const isShared = (path: string): boolean => (owners.get(path) ?? part) < part;
    const isLast = part === entryPaths.length - 1;
    const own = [...needed].filter(([path]) => owners.get(path) === part);
    const entry = isLast
      ? `export { default } from ${JSON.stringify(entryPath)};`
      : own.map(([path, names]) => `export { ${[...names].join(", ")} } from ${JSON.stringify(path)};`).join("\n");
    // Twice: what is imported is known once it is bundled, and then comes in one statement instead of one for each file.
    const wanted = findImports(await bundle(entry, [importEach(isShared)]));
    assertDistinct(wanted);
    const names = [...wanted.values()].flatMap((each) => [...each]);
    const { body, exports } = splitExports(await bundle(entry, [importOnce(isShared, names)]));
    for (const [path, each] of wanted) needed.set(path, new Set([...(needed.get(path) ?? []), ...each]));
    const result = isLast ? `${exports.get("default")}(call,ask)` : toShared(exports, part === 0);
    parts.unshift(`(call,ask,shared)=>{"use strict";${body}return ${result}}`);
  }
  return parts;
}

const SHARED = "shared";

async function bundle(entry: string, plugins: Plugin[] = []): Promise<string> {
  const { outputFiles } = await build({ ...toOptions(entry), plugins, minify: true, write: false });
  const code = outputFiles[0]?.text.trim();
  if (!code) throw new Error(`Cannot bundle ${entry}: esbuild wrote nothing.`);
  return code;
}

function toOptions(contents: string) {
  return {
    stdin: { contents, resolveDir: "/", loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    legalComments: "none",
  } as const;
}

/** Which part does each file belong to? The first that imports it. */
async function findOwners(entryPaths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  for (const [part, entryPath] of entryPaths.entries()) {
    const entry = `export * from ${JSON.stringify(entryPath)};`;
    const { metafile } = await build({ ...toOptions(entry), write: false, metafile: true });
    for (const input of Object.keys(metafile.inputs)) {
      const path = resolve(input);
      if (!owners.has(path)) owners.set(path, part);
    }
  }
  return owners;
}

/** Leaves an import from each shared file, under its path. */
function importEach(isShared: (path: string) => boolean): Plugin {
  return {
    name: "import-each",
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        return isShared(file) ? { path: `${SHARED}:${file}`, external: true } : undefined;
      });
    },
  };
}

/** Leaves one import of the given names. */
function importOnce(isShared: (path: string) => boolean, names: readonly string[]): Plugin {
  return {
    name: "import-once",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^shared$/ }, () => ({ path: SHARED, external: true }));
      onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) =>
        isShared(resolve(resolveDir, path)) ? { path: "names", namespace: SHARED } : undefined,
      );
      onLoad({ filter: /^names$/, namespace: SHARED }, () => ({
        contents: `export { ${names.join(", ")} } from "${SHARED}";`,
      }));
    },
  };
}

/** The names a bundle imports, by the file they come from. */
function findImports(code: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, list = "", path = ""] of code.matchAll(/\bimport\{([^}]*)\}from"shared:([^"]+)";?/g)) {
    const names = found.get(path) ?? new Set();
    for (const [name] of toPairs(list)) names.add(name);
    found.set(path, names);
  }
  return found;
}

/** What is shared goes by its name alone. */
function assertDistinct(wanted: ReadonlyMap<string, ReadonlySet<string>>): void {
  const paths = new Map<string, string>();
  for (const [path, names] of wanted)
    for (const name of names) {
      const other = paths.get(name);
      if (other !== undefined)
        throw new Error(
          `Cannot share ${name}: both ${relative(".", other)} and ${relative(".", path)} export it. Rename one.`,
        );
      paths.set(name, path);
    }
}

/** A bundle as statements: its import as one that reads `shared`, its exports taken off. */
function splitExports(code: string): { readonly body: string; readonly exports: ReadonlyMap<string, string> } {
  const exports = new Map<string, string>();
  const body = code
    .replace(/\bimport\{([^}]*)\}from"shared";/, (_, list: string) => `const{${list.replaceAll(" as ", ":")}}=shared;`)
    .replace(/\bexport\{([^}]*)\};?$/, (_, list: string) => {
      for (const [local, name] of toPairs(list)) exports.set(name, local);
      return "";
    });
  const left = /\b(?:import|export)\{/.exec(body);
  if (left !== null)
    throw new Error(`Cannot bundle the guest: esbuild left ${body.slice(left.index, left.index + 80)}`);
  return { body, exports };
}

/** `a as b, c` as [a, b] and [c, c]. */
function toPairs(list: string): readonly (readonly [string, string])[] {
  return list
    .split(",")
    .filter((each) => each !== "")
    .map((each) => {
      const [first = "", second = first] = each.trim().split(" as ");
      return [first, second];
    });
}

/** The first part makes the object, later ones add to it. It has no prototype, so nothing it is written to can listen. */
function toShared(exports: ReadonlyMap<string, string>, isFirst: boolean): string {
  const pairs = [...exports];
  if (isFirst) return `{__proto__:null,${pairs.map(([name, local]) => `${name}:${local}`).join(",")}}`;
  return `(${pairs.map(([name, local]) => `shared.${name}=${local}`).join(",")},shared)`;
}
