/** What may a file import? One table of folders; `judgeImport` is the whole law and needs no file system. */
import { posix } from "node:path";

/** One import, as it stands in a file. */
export interface Import {
  readonly specifier: string;
  /** Whether it vanishes when types are stripped. */
  readonly isType: boolean;
}

interface Law {
  /** Files it holds for, by path from the root of the repository. The first that fits counts. */
  readonly files: RegExp;
  /** What they may import: the specifier of a package, or the path from the root of the repository with a / before it. */
  readonly may: readonly RegExp[];
  /** What they may import for its types alone. */
  readonly mayForTypes?: readonly RegExp[];
  readonly why: string;
}

const LAWS: readonly Law[] = [
  {
    files: /^sdk\//,
    may: [/^\/sdk\//, /^zod$/, /^@emdash-cms\/plugin-types$/],
    why: "the contract knows nothing but schemas",
  },
  {
    files: /^sandbox\/build(-guest)?\.ts$/,
    may: [/^\/sandbox\//, /^node:/, /^esbuild$/],
    why: "the sandbox's build runs in Node and generates what the sandbox imports",
  },
  {
    files: /^sandbox\//,
    may: [/^\/sandbox\//, /^@jitl\/quickjs-/],
    why: "the sandbox runs anybody's code anywhere: it knows neither the SDK, the host nor a platform",
  },
  {
    files: /^host\/guest\//,
    may: [/^\/host\/guest\//],
    mayForTypes: [/^\/sandbox\/types\.ts$/],
    why: "it runs inside the sandbox, where there is nothing to import",
  },
  {
    files: /^host\/(index|dev)\.ts$/,
    may: [/^\/host\/worker\.ts$/, /^cloudflare:workers$/],
    mayForTypes: [/^\/host\/services\.ts$/, /^\/host\/store\/d1\/schedules\.ts$/],
    why: "an entry is composition only, and the one place that knows what the platform calls an entrypoint",
  },
  {
    files: /^host\//,
    may: [
      /^\/host\/(?!dev\.ts$|index\.ts$|guest\/(?!runtime\.gen\.ts$))/,
      /^\/sandbox\/index\.ts$/,
      /^\/sandbox\/engine\/quickjs\.gen\.wasm$/,
      /^@bulkhead\/sdk$/,
      /^(acorn|hono|zod|croner|ulidx|modern-tar)(\/|$)/,
      /^@hono\/zod-openapi$/,
      /^@portabletext\/(markdown|to-html)$/,
      /^(markdown-it|parse5)$/,
      /^@jridgewell\/trace-mapping$/,
      /^jsonc-parser$/,
      /^sqlite3-parser$/,
    ],
    why: "the host stands on sdk and sandbox; nothing deployed knows the local entry",
  },
  {
    files: /^plugins\/[^/]+\/tests?\//,
    may: [/./],
    why: "a plugin's own tests never ship",
  },
  {
    files: /^plugins\/([^/]+)\//,
    may: [/^\/plugins\//],
    mayForTypes: [/^@bulkhead\/sdk$/],
    why: "a plugin is written like anybody's: against the SDK's types and nothing else",
  },
  {
    files: /^admin\/src\//,
    may: [/^\/admin\/src\//, /^\/sdk\//, /^@bulkhead\/sdk$/, /^(?!@bulkhead\/|cloudflare:|node:)[@a-z]/],
    mayForTypes: [/^\/host\/api\/(api|shapes)\.ts$/],
    why: "the dashboard talks to the host through its API's type",
  },
  {
    files: /^cli\//,
    may: [
      /^\/cli\//,
      /^@bulkhead\/sdk$/,
      /^\/sandbox\/index\.ts$/,
      /^\/host\/bundle\//,
      /^\/host\/store\/d1\/prefixed-database\.ts$/,
      /^(?!@bulkhead\/|cloudflare:)[@a-z]/,
    ],
    why: "the command line reads bundles as the host does, and is no part of it",
  },
];

/** Why the import is forbidden, or undefined where it is fine. */
export function judgeImport(file: string, { specifier, isType }: Import): string | undefined {
  const law = LAWS.find(({ files }) => files.test(file));
  if (!law) return undefined;
  const wanted = specifier.startsWith(".") ? `/${posix.join(posix.dirname(file), specifier)}` : specifier;
  const isFine =
    law.may.some((may) => may.test(wanted)) || (isType && law.mayForTypes?.some((may) => may.test(wanted)));
  // One plugin is not a library of another.
  const crosses = /^plugins\/[^/]+\//.exec(file)?.[0];
  const isForeign = crosses !== undefined && wanted.startsWith("/plugins/") && !wanted.startsWith(`/${crosses}`);
  if (isFine && !isForeign) return undefined;
  return `${file} imports ${isType ? "the types of " : ""}"${specifier}": ${law.why}`;
}

/** Statements start at a line's start and use double quotes, which the formatter sees to. A `$` is no specifier. */
const STATEMENT = /^(?:import|export)\s(?<what>[^;"']*?)\bfrom\s+"(?<from>[^"$]+)"/gm;
const BARE = /^import\s+"(?<from>[^"$]+)"/gm;
const DYNAMIC = /\bimport\(\s*"(?<from>[^"$]+)"\s*\)(?<member>\.)?/g;

/** Every import and re-export of a file. */
export function readImports(source: string): readonly Import[] {
  const found: Import[] = [];
  for (const { groups } of source.matchAll(STATEMENT)) {
    const { what = "", from = "" } = groups!;
    const names = /\{([^}]*)\}/
      .exec(what)?.[1]
      ?.split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    const isOnlyNames = /^\{[^}]*\}\s*$/.test(what);
    const isType =
      what.startsWith("type ") ||
      (isOnlyNames && names!.length > 0 && names!.every((name) => name.startsWith("type ")));
    found.push({ specifier: from, isType });
  }
  for (const { groups } of source.matchAll(BARE)) found.push({ specifier: groups!["from"]!, isType: false });
  // `import("x").Name` in a type position vanishes; `await import("x")` does not.
  for (const { groups, index } of source.matchAll(DYNAMIC)) {
    const isType = groups!["member"] === "." && !/await\s*\(?$/.test(source.slice(0, index));
    found.push({ specifier: groups!["from"]!, isType });
  }
  return found;
}
