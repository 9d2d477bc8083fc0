/**
 * How is a bundle kept? Its source map apart from the rest: it is never run, may be four times as large as the code, and is
 * read only when something fails. A line before the archive says which map belongs to it, so that the digest of the whole
 * can be checked without it.
 */
import { fail, ok, type Result } from "../result.ts";
import { digestFile, digestFiles, type FileDigest } from "./digest.ts";
import { BUNDLE_LIMITS } from "./limits.ts";
import { gzip, packFiles } from "./pack.ts";
import { inflate, unpackBundle, type BundleFiles } from "./unpack.ts";

const MAP_FILE = "backend.js.map";
/** No gzip begins like it. */
const LINE = /^bulkhead-map (\d{1,8}) ([0-9a-f]{64})\n/;
const LINE_BYTES = 96;

/** What is put into the store. */
export interface StoredBundle {
  readonly archive: Uint8Array;
  /** gzip, or null where the bundle has no map. */
  readonly map: Uint8Array | null;
}

/** What is kept of an archive that was unpacked into these files. */
export async function toStored(archive: Uint8Array, files: BundleFiles): Promise<StoredBundle> {
  const map = files.get(MAP_FILE);
  if (!map) return { archive, map: null };
  const { bytes, sha256 } = await digestFile(MAP_FILE, map);
  const rest = await packFiles(new Map([...files].filter(([path]) => path !== MAP_FILE)));
  const line = new TextEncoder().encode(`bulkhead-map ${bytes} ${sha256}\n`);
  return { archive: new Uint8Array(await new Blob([line, rest]).arrayBuffer()), map: await gzip(map) };
}

/** The files of a stored archive without its map, where they are those with the digest; fails with the reason in words. */
export async function readStored(
  stored: Uint8Array,
  digest: string,
): Promise<Result<{ readonly files: BundleFiles; readonly map: FileDigest | null }, string>> {
  const [line = "", bytes = "", sha256 = ""] =
    LINE.exec(new TextDecoder("latin1").decode(stored.subarray(0, LINE_BYTES))) ?? [];
  const map = line === "" ? null : { path: MAP_FILE, bytes: Number(bytes), sha256 };
  const unpacked = await unpackBundle(stored.subarray(line.length));
  if (!unpacked.ok) return fail(unpacked.reason.message);
  const files = unpacked.value;
  // SECURITY: what runs is what was consented to, byte for byte. (tests/host/failures.test.ts, "a bundle that was changed in the store")
  if ((await digestFiles(files, map ? [map] : [])) !== digest) return fail("its files are not those with the digest");
  return ok({ files, map });
}

/** The map that belongs to an archive, or undefined where what is kept is another. */
export async function readStoredMap(stored: Uint8Array, expected: FileDigest): Promise<Uint8Array | undefined> {
  const inflated = await inflate(stored, BUNDLE_LIMITS.sourceMapBytes);
  if (!inflated.ok) return undefined;
  const found = await digestFile(MAP_FILE, inflated.value);
  return found.sha256 === expected.sha256 && found.bytes === expected.bytes ? inflated.value : undefined;
}
