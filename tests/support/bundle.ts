/** How does a test make a bundle? From a manifest and code, in Node and in workerd alike; hostile ones entry by entry. */
import { packTar, type TarEntry } from "modern-tar";

/** What goes into an ordinary bundle. */
export interface PluginSource {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** `backend.js`. */
  readonly backend: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** An ordinary bundle: `manifest.json`, `backend.js` and whatever else. */
export async function packPlugin({ manifest, backend, files = {} }: PluginSource): Promise<Uint8Array<ArrayBuffer>> {
  return packRaw([
    toFile("manifest.json", JSON.stringify(manifest)),
    toFile("backend.js", backend),
    ...Object.entries(files).map(([name, body]) => toFile(name, body)),
  ]);
}

/** An archive with exactly these entries. */
export async function packRaw(entries: readonly TarEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  return gzip(await packTar([...entries]));
}

/** A plain file in an archive. */
export function toFile(name: string, body: string | Uint8Array): TarEntry {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { header: { name, size: bytes.length, type: "file", mtime: new Date(0) }, body: bytes };
}

/** Bytes, compressed. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
