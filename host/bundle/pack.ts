/** How do files become an archive? Sorted, without times or owners: the same files are the same tar everywhere. */
import { packTar } from "modern-tar";
import type { BundleFiles } from "./unpack.ts";

/** A `.tar.gz` of the files. */
export async function packFiles(files: BundleFiles): Promise<Uint8Array<ArrayBuffer>> {
  const entries = [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, body]) => ({
      header: { name, size: body.length, type: "file" as const, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 },
      body,
    }));
  return gzip(await packTar(entries));
}

/** Bytes, compressed. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
