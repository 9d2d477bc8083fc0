/**
 * Which files does an uploaded archive hold? Gzip and tar of a stranger, read under caps: nothing is inflated beyond the
 * limits, only known paths and plain files pass, and the answer names what was refused.
 */
import { createTarDecoder } from "modern-tar";
import { fail, ok, type Result } from "../result.ts";
import { BUNDLE_LIMITS } from "./limits.ts";
import { maxBytesOf, refusePath } from "./path.ts";

/** File contents by path. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** Why an archive is refused. `path` names the file, where it is about one. */
export interface UnpackReason {
  readonly code:
    "not-gzip" | "not-tar" | "too-large" | "too-many-files" | "path" | "not-a-file" | "duplicate" | "empty";
  readonly path: string;
  readonly message: string;
}

/** Unpacks an archive. Never throws on bad input. */
export async function unpackBundle(archive: Uint8Array): Promise<Result<BundleFiles, UnpackReason>> {
  const no = (code: UnpackReason["code"], path: string, message: string) => fail({ code, path, message });
  if (archive.length > BUNDLE_LIMITS.archiveBytes) {
    return no(
      "too-large",
      "",
      `The archive has ${archive.length} bytes; at most ${BUNDLE_LIMITS.archiveBytes} are allowed`,
    );
  }
  if (archive[0] !== 0x1f || archive[1] !== 0x8b) {
    return no("not-gzip", "", "The upload is not a gzip archive. Expected a .tar.gz with manifest.json and backend.js");
  }
  const inflated = await inflate(archive, BUNDLE_LIMITS.totalBytes);
  if (!inflated.ok) return inflated;
  return readTar(inflated.value);
}

/** The bytes of gzip, at most so many. Never throws on bad input. */
export async function inflate(archive: Uint8Array, most: number): Promise<Result<Uint8Array, UnpackReason>> {
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    const stream = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
    for await (const part of stream as ReadableStream<Uint8Array>) {
      total += part.length;
      // SECURITY: a bomb is given up here, part by part, and never held whole. (tests/host/bad-bundles.test.ts, "that unpacks to gigabytes")
      if (total > most) {
        return fail({
          code: "too-large",
          path: "",
          message: `The archive unpacks to more than ${most} bytes`,
        });
      }
      parts.push(part);
    }
  } catch {
    return fail({
      code: "not-gzip",
      path: "",
      message: "The gzip data is damaged, cut short or followed by other bytes",
    });
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return ok(bytes);
}

async function readTar(bytes: Uint8Array): Promise<Result<BundleFiles, UnpackReason>> {
  const files = new Map<string, Uint8Array>();
  const no = (code: UnpackReason["code"], path: string, message: string) => fail({ code, path, message });
  let entries = 0;
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(createTarDecoder({ strict: true }));
    for await (const entry of stream) {
      const { name, size, type } = entry.header;
      const path = name.replace(/^\.\//, "");
      if (++entries > BUNDLE_LIMITS.entries) {
        return no("too-many-files", "", `The archive has more than ${BUNDLE_LIMITS.entries} entries`);
      }
      if (type === "directory") {
        await entry.body.cancel();
        continue;
      }
      const shown = path.slice(0, BUNDLE_LIMITS.pathChars);
      // SECURITY: links and devices never get as far as a path check. (tests/host/bad-bundles.test.ts, "with a symbolic link")
      if (type !== "file") return no("not-a-file", shown, `"${shown}" is a ${type}; only plain files are allowed`);
      const refused = refusePath(path);
      if (refused) return no("path", shown, `"${shown}" ${refused}`);
      if (files.has(path)) return no("duplicate", shown, `"${shown}" is in the archive twice`);
      const most = maxBytesOf(path);
      if (size > most) return no("too-large", shown, `"${shown}" has ${size} bytes; at most ${most} are allowed`);
      files.set(path, new Uint8Array(await new Response(entry.body).arrayBuffer()));
    }
  } catch {
    return no("not-tar", "", "The archive is not a valid tar: a header, a checksum or the end is wrong");
  }
  if (files.size === 0) return no("empty", "", "The archive holds no files. Expected manifest.json and backend.js");
  return ok(files);
}
