/**
 * How are a plugin's files packed? As a `.tar.gz` that depends on nothing but the files: entries sorted, no times, owners
 * or machine in it, so that everybody who builds the same source gets the same bytes.
 */
import { gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

/** What a bundle is made of. */
export interface BundleParts {
  /** The wire manifest: a value, or its text, which then stays as it is. */
  readonly manifest: unknown;
  /** The text of `backend.js`. */
  readonly backend: string;
  /** More files by path, e.g. `README.md` or `backend.js.map`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** Byte 9 of a gzip header names the operating system; 255 says "unknown" on all of them. */
const GZIP_OS = { offset: 9, unknown: 255 } as const;

/** Packs a bundle. */
export async function packBundle({ manifest, backend, files = {} }: BundleParts): Promise<Uint8Array> {
  const all: Readonly<Record<string, string | Uint8Array>> = {
    ...files,
    "manifest.json": typeof manifest === "string" ? manifest : `${JSON.stringify(manifest, null, 2)}\n`,
    "backend.js": backend,
  };
  const entries = Object.entries(all)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => {
      const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
      return {
        header: { name, size: body.length, type: "file" as const, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 },
        body,
      };
    });
  const archive = gzipSync(await packTar(entries), { level: 9 });
  archive[GZIP_OS.offset] = GZIP_OS.unknown;
  return new Uint8Array(archive);
}
