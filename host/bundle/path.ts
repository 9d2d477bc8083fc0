/** Is this a path a bundle may hold, and what may stand there? Only listed files exist; everything else is refused. */
import { BUNDLE_LIMITS } from "./limits.ts";

const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const KNOWN = [
  /^manifest\.json$/,
  /^backend\.js$/,
  /^backend\.js\.map$/,
  /^signature\.json$/,
  /^README\.md$/i,
  /^LICENSE(\.md|\.txt)?$/i,
  /^CHANGELOG\.md$/i,
  /^icon\.(png|svg)$/,
  /^migrations\/\d{4}_[A-Za-z0-9_-]+\.sql$/,
  /^screenshots\/[A-Za-z0-9._-]+\.(png|jpg|jpeg|webp)$/,
  // EmDash's React admin for its trusted mode. It is kept with the bundle and never served or run.
  /^admin\.js$/,
];

/** Why the path is refused, or undefined where it is fine. */
export function refusePath(path: string): string | undefined {
  if (path.length > BUNDLE_LIMITS.pathChars) return `is longer than ${BUNDLE_LIMITS.pathChars} characters`;
  if (path.startsWith("/") || path.includes("\\"))
    return "is absolute or has a backslash; expected a relative path with /";
  const segments = path.split("/");
  if (segments.includes("..") || segments.includes(".")) return 'has ".." or "."; expected a path inside the bundle';
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    return "has characters outside A-Z a-z 0-9 . _ - or a name that starts with a dot";
  }
  if (!KNOWN.some((known) => known.test(path))) {
    return "is not a file bundles have; expected manifest.json, backend.js, backend.js.map, signature.json, README.md, LICENSE, CHANGELOG.md, icon.png, screenshots/*.png or migrations/0001_words.sql";
  }
  return undefined;
}

/** Most bytes the file may have. */
export function maxBytesOf(path: string): number {
  if (path === "manifest.json") return BUNDLE_LIMITS.manifestBytes;
  if (path === "backend.js") return BUNDLE_LIMITS.codeBytes;
  if (path === "backend.js.map") return BUNDLE_LIMITS.sourceMapBytes;
  if (path === "signature.json") return BUNDLE_LIMITS.signatureBytes;
  return BUNDLE_LIMITS.fileBytes;
}
