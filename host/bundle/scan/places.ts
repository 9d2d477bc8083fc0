/** Where is that, for people? In the author's file where the source map knows it, and in `backend.js`, which is what runs. */
import type { SourceMap } from "../../trace/source-map.ts";

/** Names a place by its offset in the code. */
export type Places = (offset: number) => string;

/** Places in the code. */
export function createPlaces(code: string, map: SourceMap | undefined): Places {
  return (offset) => {
    let [line, start] = [1, 0];
    for (let at = code.indexOf("\n"); at !== -1 && at < offset; at = code.indexOf("\n", start)) {
      line += 1;
      start = at + 1;
    }
    const column = offset - start + 1;
    const built = `backend.js:${line}:${column}`;
    const source = map?.find(line, column);
    return source ? `${source.file}:${source.line}:${source.column}, ${built}` : built;
  };
}
