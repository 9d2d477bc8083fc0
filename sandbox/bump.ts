/**
 * What does another build of QuickJS change? Run as `npm run engine:bump` after installing one, or after changing the
 * meter: meters what is installed, prints what differs and pins it; then everything is built, and the sandbox's tests and
 * the whole hostile corpus are run. Nothing is written when the build contains anything whose cost or place is not known.
 */
import { readInstalledVersion, readUpstream, toSha256, writePins } from "./build.ts";
import { KIND, readModule, type FunctionType } from "./engine/meter/module.ts";
import { PINS, type Pins } from "./engine/meter/pins.ts";
import { rewriteEngine } from "./engine/meter/rewrite.ts";
import { SETTINGS } from "./engine/meter/settings.ts";

const LINE_LENGTH = 120;
const TYPE_NAMES: Readonly<Record<number, string>> = { 0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64" };

const toNames = (types: readonly number[]) => `(${types.map((type) => TYPE_NAMES[type]).join(" ")})`;
const toSignature = (type: FunctionType | undefined) =>
  type === undefined ? "unknown" : `${toNames(type.params)} -> ${toNames(type.results)}`;

/** Meters a build and notes down what is to be pinned. */
export function pin(upstream: Uint8Array, from: { readonly package: string; readonly version: string }): Pins {
  const { imports, exports, types } = readModule(upstream);
  const { wasm, layout } = rewriteEngine(upstream, SETTINGS);
  return {
    package: from.package,
    version: from.version,
    upstream: toSha256(upstream),
    engine: toSha256(wasm),
    exports: exports.map(({ name }) => name).join(" "),
    layout,
    imports: imports.flatMap((found) =>
      found.kind === KIND.function ? [`${found.name} ${toSignature(types[found.type])}`] : [],
    ),
  };
}

/** The differences as lines for people; none when there are none. */
export function describeChanges(before: Pins, after: Pins): string[] {
  const lines = (["version", "upstream", "engine"] as const).flatMap((key) =>
    before[key] === after[key] ? [] : [`${key}: ${before[key]} -> ${after[key]}`],
  );
  for (const key of ["writtenTable", "stackLow", "stackHigh", "sbrkAddress"] as const)
    if (before.layout[key] !== after.layout[key])
      lines.push(`layout: ${key} ${before.layout[key]} -> ${after.layout[key]}`);
  const compare = (what: string, old: readonly string[], now: readonly string[]) => {
    lines.push(...old.filter((name) => !now.includes(name)).map((name) => `${what} gone: ${name}`));
    lines.push(...now.filter((name) => !old.includes(name)).map((name) => `${what} new: ${name}`));
  };
  compare("import", before.imports, after.imports);
  compare("export", before.exports.split(" "), after.exports.split(" "));
  return lines;
}

/** The pins as source text, formatted as the rest of the code is. */
export function formatPins({ layout, imports, ...texts }: Pins): string {
  const quote = (text: string) => JSON.stringify(text);
  const toLine = (key: string, text: string) => {
    const line = `  ${key}: ${quote(text)},`;
    return line.length > LINE_LENGTH ? `  ${key}:\n    ${quote(text)},` : line;
  };
  return [
    "export const PINS: Pins = {",
    ...Object.entries(texts).map(([key, text]) => toLine(key, text)),
    `  layout: { ${Object.entries(layout)
      .map(([key, value]) => `${key}: ${value}`)
      .join(", ")} },`,
    `  imports: [\n${imports.map((line) => `    ${quote(line)},\n`).join("")}  ],`,
    "};\n",
  ].join("\n");
}

function bump(): void {
  const pins = pin(readUpstream(), { package: PINS.package, version: readInstalledVersion() });
  const changes = describeChanges(PINS, pins);
  console.log(changes.length === 0 ? "Nothing changed." : changes.join("\n"));
  if (changes.some((line) => line.startsWith("import ")))
    console.log(
      "Imports changed: compare engine/libc.ts, engine/ffi.ts and meter/settings.ts with them, name by name.",
    );
  writePins(formatPins(pins));
}

if (import.meta.main) bump();
