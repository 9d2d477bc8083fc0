/**
 * Where did a plugin fail? Its error and what caused it, each with its places in the author's own files and the code
 * around the first. Plain data in clean text: it is stored with the invocation and shown to people.
 */
import type { CodeText } from "./code-text.ts";
import { cutCodeFrame } from "./code-frame.ts";
import { findCall, findWord } from "./near.ts";
import type { SourceMap } from "./source-map.ts";
import type { RawError, RawFrame } from "./stack.ts";

/** What a bundle's places are looked up in. */
export interface BundleSources {
  readonly code: CodeText;
  readonly map: SourceMap | undefined;
  /** Why places are those of `backend.js`, where they are. */
  readonly note: string | null;
}

/** A few lines around a place. */
export interface TracedCode {
  readonly file: string;
  readonly line: number;
  /** Lines with numbers and a mark, for a fixed-width font. */
  readonly text: string;
}

/** One place of a stack. */
export interface TracedFrame {
  readonly name: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
  /** Stands at one frame of each error: the first that is the author's own. */
  readonly code: TracedCode | null;
}

/** An error with its places. */
export interface TracedError {
  readonly name: string;
  readonly message: string;
  readonly frames: readonly TracedFrame[];
}

/** What was thrown, and what caused it. */
export interface Trace {
  /** `src/x.ts:12:3` of what was thrown, or of the first cause that has a place. */
  readonly place: string | null;
  readonly note: string | null;
  /** Outermost first. */
  readonly errors: readonly TracedError[];
}

const BACKEND = "backend.js";

/** The trace; null where neither a place nor a cause is known, so that there is nothing to tell. */
export function toTrace(errors: readonly RawError[], sources: BundleSources | string): Trace | null {
  const traced = errors.map((error) => traceError(error, sources));
  const marked = traced.flatMap(({ frames }) => frames.find(({ code }) => code) ?? frames[0] ?? [])[0];
  if (!marked && errors.length < 2) return null;
  return {
    place: marked ? describePlace(marked) : null,
    note: typeof sources === "string" ? sources : sources.note,
    errors: traced,
  };
}

/** `src/x.ts:12:3`. */
export function describePlace({ file, line, column }: Pick<TracedFrame, "file" | "line" | "column">): string {
  return column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** A frame, and the text its code is cut from. */
interface Found extends Omit<TracedFrame, "code"> {
  readonly cut: () => TracedCode | null;
}

function traceError({ name, message, frames }: RawError, sources: BundleSources | string): TracedError {
  const found = frames.map((frame, i) => findFrame(frame, frames[i + 1], sources));
  const own = found.findIndex(({ file }) => !/(^|\/)node_modules\//.test(file));
  const marked = Math.max(own, 0);
  return {
    name,
    message,
    frames: found.map(({ cut, ...frame }, i) => ({ ...frame, code: i === marked ? cut() : null })),
  };
}

function findFrame(frame: RawFrame, next: RawFrame | undefined, sources: BundleSources | string): Found {
  const { name, line } = frame;
  // Without the code the column may be a few characters off.
  if (typeof sources === "string") return { name, file: BACKEND, line, column: frame.column ?? null, cut: () => null };
  const { code, map } = sources;
  const reported = frame.column === undefined ? undefined : code.offsetOf(line, frame.column);
  if (reported === undefined) {
    return { name, file: BACKEND, line, column: null, cut: () => toCode(BACKEND, code.text, line, undefined) };
  }
  const column = code.columnOf(findWord(code.text, reported));
  const cut = () => toCode(BACKEND, code.text, line, column);
  const place = map?.find(line, column);
  if (!place) return { name, file: BACKEND, line, column, cut };
  return {
    name: nameByCaller(frame, next, sources) ?? name,
    file: place.file,
    line: place.line,
    column: place.column,
    cut: () => (place.text === undefined ? null : toCode(place.file, place.text, place.line, place.column)) ?? cut(),
  };
}

/** A minifier renames functions; where one is called by its name, the map knows what the author wrote there. */
function nameByCaller({ name, isCalledByNext }: RawFrame, next: RawFrame | undefined, sources: BundleSources) {
  if (!isCalledByNext || name === null || next?.column === undefined) return undefined;
  const { code, map } = sources;
  const reported = code.offsetOf(next.line, next.column);
  const called = reported === undefined ? undefined : findCall(code.text, reported, name);
  return called === undefined ? undefined : map?.find(next.line, code.columnOf(called))?.name;
}

function toCode(file: string, text: string, line: number, column: number | undefined): TracedCode | null {
  const frame = cutCodeFrame(text, line, column);
  return frame === undefined ? null : { file, line, text: frame };
}
