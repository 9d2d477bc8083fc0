/** What stands around a place? A few lines of code with a mark, as plain text that is aligned in any fixed-width font. */
import { cleanText } from "./clean.ts";
import { TRACE_LIMITS } from "./limits.ts";

/** A line number beyond which no frame is cut: it would be looked for by walking there. */
const MAX_LINE = 100_000;

/** Cuts the frame; undefined where the text has no such line. Without a column the line alone is marked. */
export function cutCodeFrame(text: string, line: number, column: number | undefined): string | undefined {
  const around = Math.floor(TRACE_LIMITS.codeLines / 2);
  const first = Math.max(1, line - around);
  const lines = takeLines(text, first, line + around);
  const marked = lines[line - first];
  if (marked === undefined) return undefined;
  const at = column === undefined ? 0 : Math.min(column - 1, marked.length);
  // A minified file is one line: what is shown is the part around the column.
  const from = at < TRACE_LIMITS.codeColumns - 20 ? 0 : at - Math.floor(TRACE_LIMITS.codeColumns / 2);
  const width = String(first + lines.length - 1).length;
  return lines
    .flatMap((each, i) => {
      const number = first + i;
      const sign = number === line ? ">" : " ";
      const shown = `${sign} ${String(number).padStart(width)} | ${cut(each, from)}`.trimEnd();
      if (number !== line || column === undefined) return [shown];
      const indent = " ".repeat((from > 0 ? 1 : 0) + spread(each.slice(from, at)).length);
      return [shown, `  ${" ".repeat(width)} | ${indent}^`];
    })
    .join("\n");
}

function cut(line: string, from: number): string {
  const { codeColumns } = TRACE_LIMITS;
  if (line.length <= from) return line.trim() === "" ? "" : "…";
  const isCut = line.length > from + codeColumns;
  const shown = spread(line.slice(from, from + codeColumns));
  return `${from > 0 ? "…" : ""}${shown}${isCut ? "…" : ""}`;
}

/** A tab is two columns wide; what cannot be printed takes one. */
function spread(text: string): string {
  return cleanText(text, text.length).replaceAll("\t", "  ");
}

/** Lines `first` to `last`, counted from 1, without the ends that `\r\n` leaves. */
function takeLines(text: string, first: number, last: number): readonly string[] {
  if (first > MAX_LINE) return [];
  const lines: string[] = [];
  let start = 0;
  for (let number = 1; number <= last && start <= text.length; number++) {
    const end = text.indexOf("\n", start);
    const stop = end < 0 ? text.length : end;
    if (number >= first) lines.push(text.slice(start, stop).replace(/\r$/, ""));
    start = stop + 1;
  }
  // What comes after the last line feed is no line.
  if (start > text.length && lines.at(-1) === "") lines.pop();
  return lines;
}
