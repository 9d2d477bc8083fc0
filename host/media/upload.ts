/**
 * How does a plugin's file become one of the site's? Its bytes first, then its row, so that no row is without bytes; where
 * the row fails, the bytes go again. Its key is the host's: nothing the plugin says is part of it.
 */
import type { MediaItem } from "@bulkhead/sdk";
import { BRIDGE_LIMITS } from "../bridges/limits.ts";
import { fail, ok, type Result } from "../result.ts";
import type { Services } from "../services.ts";
import { insertUpload, type MediaRow } from "../store/d1/media.ts";
import type { MediaStore } from "../store/media.ts";
import { cleanLine } from "../trace/clean.ts";
import { FILE_TYPES, findFileType, isOfType } from "./file-types.ts";
import { toMediaItem } from "./item.ts";

/** A file as a plugin gives it. */
export interface UploadedFile {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly plugin: string;
}

/** What was stored. */
export interface Uploaded {
  readonly item: MediaItem;
  readonly storageKey: string;
}

/** Stores a file, or says why not. */
export async function uploadMedia(
  { db, newId, now, log }: Pick<Services, "db" | "newId" | "now" | "log">,
  store: MediaStore,
  file: UploadedFile,
): Promise<Result<Uploaded, string>> {
  const shown = JSON.stringify(file.filename.slice(0, 80));
  const type = findFileType(file.contentType);
  if (!type) {
    return fail(
      `Cannot upload ${shown} as ${JSON.stringify(file.contentType.slice(0, 80))}: expected one of ${FILE_TYPES.map((row) => row.type).join(", ")}. SVG and HTML can run scripts; upload a picture of them.`,
    );
  }
  // SECURITY: browsers are told the type and believe it, so the bytes must be of it (tests/host/media.test.ts, "are what they are called").
  if (!isOfType(type, file.bytes)) {
    return fail(`Cannot upload ${shown}: its bytes are not those of a file of ${type.type}. Give it the type it has.`);
  }
  const id = newId();
  const row: MediaRow = {
    id,
    filename: toFilename(file.filename) || `${id}${type.extension}`,
    mime_type: type.type,
    size: file.bytes.byteLength,
    storage_key: `${id}${type.extension}`,
    created_at: now().toISOString(),
  };
  await store.put(row.storage_key, file.bytes);
  try {
    await insertUpload(db, row, file.plugin);
  } catch (error) {
    await store.delete(row.storage_key).catch((orphan: unknown) => {
      log("error", "an uploaded file was left without its row", { key: row.storage_key, error: String(orphan) });
    });
    throw error;
  }
  return ok({ item: toMediaItem(row), storageKey: row.storage_key });
}

/** The name without its folders, in one line. */
function toFilename(name: string): string {
  return cleanLine(name.split(/[/\\]/).at(-1) ?? "", BRIDGE_LIMITS.filenameChars).trim();
}
