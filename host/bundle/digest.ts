/**
 * What identifies a bundle? A hash over its files, not over the archive: packing the same files with another gzip gives
 * the same digest, and one changed byte in any file another.
 */
import { sha256 } from "../crypto.ts";
import type { BundleFiles } from "./unpack.ts";

/** sha256, in hex, over path, length and hash of every file, sorted by path. */
export async function digestFiles(files: BundleFiles): Promise<string> {
  const lines = await Promise.all(
    [...files].map(async ([path, bytes]) => `${path}\n${bytes.length}\n${await sha256(bytes)}\n`),
  );
  return sha256(`bulkhead-bundle-1\n${lines.toSorted().join("")}`);
}
