/**
 * Which places does a guest's stack name? The engine writes `    at name (plugin@1.0.0:12:34)`, and anybody may write
 * anything into `error.stack`; what counts are the places in the plugin's own bundle.
 */
import type { GuestError } from "../../sandbox/index.ts";
import { cleanLine } from "./clean.ts";
import { TRACE_LIMITS } from "./limits.ts";

/** A place in `backend.js`, counted as the engine counts: lines and columns from 1, columns in characters. */
export interface RawFrame {
  /** What the engine calls the function. */
  readonly name: string | null;
  readonly line: number;
  readonly column: number | undefined;
  /** The next frame is the one that called it, with nothing of the engine or the host in between. */
  readonly isCalledByNext: boolean;
}

/** An error with the places of its stack. */
export interface RawError {
  readonly name: string;
  readonly message: string;
  readonly frames: readonly RawFrame[];
}

const LINE_CHARS = 1_000;
const PLACE = /^:(\d{1,7})(?::(\d{1,7}))?(\)?)$/;

/** An error and its causes, outermost first. `program` is the name the bundle was evaluated under. */
export function readErrors(error: GuestError, program: string): readonly RawError[] {
  const errors: RawError[] = [];
  for (let each: GuestError | undefined = error; each && errors.length < TRACE_LIMITS.errors; each = each.cause) {
    errors.push({
      name: cleanLine(each.name, TRACE_LIMITS.nameChars),
      message: cleanLine(each.message, TRACE_LIMITS.messageChars),
      frames: readStack(each.stack ?? "", program),
    });
  }
  return errors;
}

function readStack(stack: string, program: string): readonly RawFrame[] {
  const lines = stack.slice(0, TRACE_LIMITS.stackChars).split("\n");
  const found = lines.map((line) => (line.length > LINE_CHARS ? undefined : readFrame(line, program)));
  return found
    .flatMap((frame, i) => (frame ? [{ ...frame, isCalledByNext: found[i + 1] !== undefined }] : []))
    .slice(0, TRACE_LIMITS.frames);
}

function readFrame(line: string, program: string): Omit<RawFrame, "isCalledByNext"> | undefined {
  const at = line.lastIndexOf(`${program}:`);
  const before = line.slice(0, Math.max(at, 0));
  const place = PLACE.exec(line.slice(at + program.length).trimEnd());
  if (at < 0 || !place || !/^\s*at (.* \()?$/.test(before)) return undefined;
  const hasName = place[3] === ")";
  if (hasName !== before.endsWith("(")) return undefined;
  const name = hasName ? before.replace(/^\s*at /, "").slice(0, -2) : "";
  return {
    name: name === "" || name === "<anonymous>" ? null : cleanLine(name, TRACE_LIMITS.nameChars),
    line: Number(place[1]),
    column: place[2] === undefined ? undefined : Number(place[2]),
  };
}
