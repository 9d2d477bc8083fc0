/** How does a test make a bundle? From a manifest and code, in Node and in workerd alike; hostile ones entry by entry. */
import { type TarEntry } from "modern-tar";
/** What goes into an ordinary bundle. */
export interface PluginSource {
    readonly manifest: Readonly<Record<string, unknown>>;
    /** `backend.js`. */
    readonly backend: string;
    readonly files?: Readonly<Record<string, string | Uint8Array>>;
}
/** An ordinary bundle: `manifest.json`, `backend.js` and whatever else. */
export declare function packPlugin({ manifest, backend, files }: PluginSource): Promise<Uint8Array<ArrayBuffer>>;
/** An archive with exactly these entries. */
export declare function packRaw(entries: readonly TarEntry[]): Promise<Uint8Array<ArrayBuffer>>;
/** A plain file in an archive. */
export declare function toFile(name: string, body: string | Uint8Array): TarEntry;
/** Bytes, compressed. */
export declare function gzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
