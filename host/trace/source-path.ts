/**
 * What is a source called on the screen? By its path inside the project: maps also hold URLs of bundlers, paths that
 * climb out, and paths of the machine somebody built on, which is nobody's business.
 */
import { cleanLine } from "./clean.ts";
import { TRACE_LIMITS } from "./limits.ts";

/** Folders at which a project's own paths begin. */
const ROOTS = ["src", "lib", "app", "packages", "plugins"];
/** Where machines keep people's and build servers' files. */
const OF_MACHINES =
  /^(home|users|root|tmp|var|private|mnt|media|opt|usr|srv|volumes|workspaces?|builds?|github|runner|documents and settings)$/i;

/** `../../src/x.ts` as `src/x.ts`; `file:///home/ann/seo/src/x.ts` as well. */
export function toSourcePath(source: string, root = ""): string {
  // Only so much is looked at; a path that long is none.
  const [head, tail] = [root, source].map((part) => part.slice(0, 2_000).replaceAll("\\", "/"));
  const whole = /^([a-z][a-z0-9+.-]*:|\/)/i.test(tail!) || head === "" ? tail! : `${head}/${tail}`;
  const path = whole
    .replace(/^file:\/\/[^/]*/i, "")
    .replace(/^[a-z][a-z0-9+.-]+:\/\/[^/]*\/+/i, "")
    .replace(/^[a-z][a-z0-9+.-]+:/i, "")
    .replace(/[?#].*$/s, "");
  const drive = /^\/?[a-z]:(?=\/|$)/i;
  const isAbsolute = path.startsWith("/") || drive.test(path);
  const segments: string[] = [];
  let climbed = false;
  for (const segment of path.replace(drive, "").split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) climbed = true;
  }
  const isOfMachine = isAbsolute || (climbed && OF_MACHINES.test(segments[0] ?? ""));
  const shown = (isOfMachine ? withinProject(segments) : segments).join("/");
  const { pathChars } = TRACE_LIMITS;
  // The end of a path tells more than its beginning.
  return cleanLine(shown.length > pathChars ? `…${shown.slice(1 - pathChars)}` : shown, pathChars) || "unknown";
}

function withinProject(segments: readonly string[]): readonly string[] {
  const foreign = segments.lastIndexOf("node_modules");
  const last = foreign >= 0 ? foreign : Math.max(...ROOTS.map((name) => segments.lastIndexOf(name)));
  return last >= 0 && last < segments.length - 1 ? segments.slice(last) : segments.slice(-1);
}
