/**
 * How does a test make archives that no proper tool writes, and bundles of plugins that others built? Headers are written
 * byte by byte here, so that what is hostile about them survives.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { packBundle } from "../../scripts/pack-bundle.ts";

/** One tar entry. Anything may stand in it. */
export interface RawEntry {
  readonly path: string;
  readonly body?: string | Uint8Array;
  /** The type byte: `0` file (default), `1` hard link, `2` symbolic link, `3` device, `5` folder. */
  readonly type?: string;
  readonly linkTo?: string;
  /** The size the header claims, where it is not the body's. */
  readonly claimedSize?: number;
  /** The checksum the header claims, where it is not the right one. */
  readonly claimedChecksum?: number;
}

const BLOCK = 512;

/** A `.tar.gz` with exactly these entries, in this order. */
export function packEntries(entries: readonly RawEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) => {
    const body = toBytes(entry.body ?? "");
    return [toHeader(entry, body.length), body, new Uint8Array((BLOCK - (body.length % BLOCK)) % BLOCK)];
  });
  return new Uint8Array(gzipSync(Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)])));
}

/** A bundle of a manifest and code, and nothing else. */
export function packManifest(manifest: unknown, backend: string): Promise<Uint8Array> {
  return packBundle({ manifest, backend });
}

/** A published EmDash plugin as a bundle, unchanged: its wire manifest, and its module as `backend.js`. */
export async function packNpmPlugin(folder: string): Promise<Uint8Array> {
  const read = (name: string): Promise<string> => readFile(join(folder, "dist", name), "utf8");
  const [manifest, backend] = await Promise.all([read("manifest.json"), read("plugin.mjs")]);
  return packBundle({ manifest, backend });
}

/** The archive without its last bytes. */
export function truncate(archive: Uint8Array, bytes: number): Uint8Array {
  return archive.slice(0, Math.max(0, archive.length - bytes));
}

function toHeader({ path, type = "0", linkTo = "", claimedSize, claimedChecksum }: RawEntry, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (offset: number, text: string): void => header.set(toBytes(text), offset);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  put(0, path.slice(0, 100));
  put(100, `${octal(0o644, 7)}\0`);
  put(108, `${octal(0, 7)}\0`);
  put(116, `${octal(0, 7)}\0`);
  put(124, `${octal(claimedSize ?? size, 11)}\0`);
  put(136, `${octal(0, 11)}\0`);
  put(156, type);
  put(157, linkTo.slice(0, 100));
  put(257, "ustar\u000000");
  // The checksum is taken with spaces where it will stand.
  put(148, " ".repeat(8));
  const checksum = claimedChecksum ?? header.reduce((sum, byte) => sum + byte, 0);
  put(148, `${octal(checksum, 6)}\0 `);
  return header;
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
