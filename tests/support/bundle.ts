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

/** One tar entry as bytes, of which anything may be wrong. */
export interface HostileEntry {
  readonly name: string | Uint8Array;
  readonly body?: string | Uint8Array;
  /** The type byte: `0` a file (default), `x` and `g` headers of the pax format, `L` a long name of GNU's. */
  readonly type?: string;
  /** The size the header claims, as it stands there. */
  readonly size?: string;
  /** Whether the sum over the header is right. */
  readonly checksum?: "right" | "wrong";
}

const BLOCK = 512;

/** An archive of entries no tool writes. */
export async function packHostile(entries: readonly HostileEntry[]): Promise<Uint8Array<ArrayBuffer>> {
  const blocks = entries.flatMap(({ name, body = "", type = "0", size, checksum = "right" }) => {
    const bytes = toBytes(body);
    const header = new Uint8Array(BLOCK);
    const put = (at: number, text: string | Uint8Array) => header.set(toBytes(text), at);
    put(0, toBytes(name).subarray(0, 100));
    put(100, "0000644\u00000000000\u00000000000\u0000");
    put(124, `${size ?? bytes.length.toString(8).padStart(11, "0")}\u0000`.slice(0, 12));
    put(136, "00000000000\u0000");
    put(148, " ".repeat(8));
    put(156, type);
    put(257, "ustar\u000000");
    const sum = header.reduce((total, byte) => total + byte, checksum === "right" ? 0 : 1);
    put(148, `${sum.toString(8).padStart(6, "0")}\u0000 `);
    return [header, bytes, new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return gzip(
    new Uint8Array(await new Blob([...blocks, new Uint8Array(2 * BLOCK)] as Uint8Array<ArrayBuffer>[]).arrayBuffer()),
  );
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
