/** How does a media file look to plugins, and at which address is it? Pure. */
import type { MediaItem } from "@bulkhead/sdk";
import { toIso } from "../store/d1/content/row.ts";
import type { MediaRow } from "../store/d1/media.ts";

/** What a file's key looks like: made by this host, or by EmDash. As a pattern within a path. */
export const KEY_PATTERN = "[0-9A-Za-z]{1,64}(?:\\.[a-z0-9]{1,10})?";

/** The file as plugins see it. */
export function toMediaItem(row: MediaRow): MediaItem {
  return {
    id: row.id,
    filename: row.filename,
    mimeType: row.mime_type,
    size: row.size,
    url: toMediaPath(row.storage_key),
    createdAt: toIso(row.created_at) ?? new Date(0).toISOString(),
  };
}

/** The file's address on the site. */
export function toMediaPath(key: string): string {
  return `/media/${encodeURIComponent(key)}`;
}
