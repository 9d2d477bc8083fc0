/**
 * How is a media file sent? As the type its row has where that is one of the known ones, as a download where not; nothing in
 * it is ever run. Keys are used once, so browsers keep what they got.
 */
import type { Context } from "hono";
import type { HostEnv } from "../api/context.ts";
import { findFileType } from "../media/file-types.ts";
import { readMediaByKey } from "../store/d1/media.ts";

/** SECURITY: whatever the bytes are, they are no page of this site (tests/host/media.test.ts, "never active"). */
const POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

/** The file of a key, or undefined where there is none. */
export async function sendMediaFile(c: Context<HostEnv>, key: string): Promise<Response | undefined> {
  const { db, media } = c.var.services;
  // The row first: what was deleted is not shown, also where its bytes could not be removed.
  const row = media && (await readMediaByKey(db, key));
  const object = row && (await media.get(key));
  if (!row || !object) return undefined;
  const type = findFileType(row.mime_type);
  return new Response(object.body, {
    headers: {
      "content-type": type?.type ?? "application/octet-stream",
      "content-length": String(object.bytes),
      "content-disposition": toDisposition(type?.shown ?? "attachment", row.filename),
      "content-security-policy": POLICY,
      "cache-control": "public, max-age=31536000, immutable",
    },
  });
}

function toDisposition(kind: "inline" | "attachment", filename: string): string {
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(/['()*]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `${kind}; filename*=UTF-8''${encoded}`;
}
