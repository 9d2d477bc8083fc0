/**
 * Where did the author write what stands at a place of `backend.js`? Reads a source map (version 3) as the stranger's
 * file it is: capped before it is parsed, every index checked when it is used, and never trusted to be what it says.
 */
import { TraceMap, traceSegment } from "@jridgewell/trace-mapping";
import { fail, ok, type Result } from "../result.ts";
import { cleanLine } from "./clean.ts";
import { TRACE_LIMITS } from "./limits.ts";
import { toSourcePath } from "./source-path.ts";

/** A place in the author's file; lines and columns count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** What the author called what stands there. */
  readonly name: string | undefined;
  /** The file's text, where the map has it. */
  readonly text: string | undefined;
}

/** A map that can be asked. */
export interface SourceMap {
  /** Bytes it takes, by estimate. */
  readonly bytes: number;
  /** Asks for a place in `backend.js`, in UTF-16 units, both from 1. */
  find(line: number, column: number): SourcePlace | undefined;
}

/** Lines and columns beyond this are no places of a file that came in a bundle. */
const MAX_PLACE = 10_000_000;
const BYTES = { segment: 96, line: 32, char: 2 } as const;

/** Reads a map; fails with the reason in words. */
export function readSourceMap(file: Uint8Array): Result<SourceMap, string> {
  const { mapBytes, mapSegments, mapLines, mapSources } = TRACE_LIMITS;
  // SECURITY: the host's time for a stranger's map has an end. (tests/host/traces.test.ts, "at each cap and one over")
  if (file.length > mapBytes) return fail(`it has ${file.length} bytes; at most ${mapBytes} are read`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(file));
  } catch {
    return fail("it is not JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return fail("it is not an object");
  const map = json as Readonly<Record<string, unknown>>;
  if ("sections" in map) return fail("it has sections; expected one plain map");
  if (map["version"] !== 3) return fail("its version is not 3");
  const { mappings, sources, sourcesContent, names, sourceRoot } = map;
  if (typeof mappings !== "string") return fail("its mappings are not a text");
  if (!Array.isArray(sources)) return fail("its sources are not a list");
  if (sources.length > mapSources) return fail(`it names ${sources.length} sources; at most ${mapSources} are read`);
  const [lines, segments] = count(mappings);
  if (lines > mapLines) return fail(`its mappings have ${lines} lines; at most ${mapLines} are read`);
  if (segments > mapSegments) return fail(`its mappings have ${segments} segments; at most ${mapSegments} are read`);

  let decoder: TraceMap;
  try {
    // The library decodes and finds; sources and names stay here, where each is checked when it is used.
    decoder = new TraceMap({ version: 3, sources: [], names: [], mappings });
    traceSegment(decoder, 0, 0);
  } catch {
    return fail("its mappings cannot be decoded");
  }
  const textAt = (list: unknown, index: number): string | undefined => {
    const value: unknown = Array.isArray(list) ? list[index] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return ok({
    bytes: segments * BYTES.segment + lines * BYTES.line + file.length * BYTES.char,
    find(line, column) {
      const segment = traceSegment(decoder, line - 1, column - 1);
      if (!segment || segment.length === 1) return undefined;
      const [, index, sourceLine, sourceColumn, nameIndex = -1] = segment;
      const source = textAt(sources, index);
      if (source === undefined || !isPlace(sourceLine) || !isPlace(sourceColumn)) return undefined;
      const name = textAt(names, nameIndex);
      return {
        file: toSourcePath(source, typeof sourceRoot === "string" ? sourceRoot : ""),
        line: sourceLine + 1,
        column: sourceColumn + 1,
        name: name === undefined ? undefined : cleanLine(name, TRACE_LIMITS.nameChars),
        text: textAt(sourcesContent, index),
      };
    },
  });
}

function isPlace(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_PLACE;
}

/** Lines and segments, at most; decoding allocates for each. */
function count(mappings: string): readonly [lines: number, segments: number] {
  let [lines, commas] = [1, 0];
  for (let i = 0; i < mappings.length; i++) {
    const code = mappings.charCodeAt(i);
    if (code === 0x3b) lines += 1;
    else if (code === 0x2c) commas += 1;
  }
  return [lines, commas + lines];
}
