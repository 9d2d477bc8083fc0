/**
 * What identifies a bundle? A hash over its files, not over the archive: packing the same files with another gzip gives
 * the same digest, and one changed byte in any file another.
 */
import { sha256 } from "../crypto.ts";
import type { BundleFiles } from "./unpack.ts";

/** What the digest holds of one file. */
export interface FileDigest {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** sha256, in hex, over path, length and hash of every file, sorted by path; `apart` are files that are not at hand. */
export async function digestFiles(files: BundleFiles, apart: readonly FileDigest[] = []): Promise<string> {
  const here = await Promise.all([...files].map(([path, bytes]) => digestFile(path, bytes)));
  const lines = [...here, ...apart].map((file) => `${file.path}\n${file.bytes}\n${file.sha256}\n`);
  return sha256(`bulkhead-bundle-1\n${lines.toSorted().join("")}`);
}

/** What the digest holds of a file. */
export async function digestFile(path: string, bytes: Uint8Array): Promise<FileDigest> {
  return { path, bytes: bytes.length, sha256: await sha256(bytes) };
}
