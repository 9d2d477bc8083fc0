/** `ctx.media`: the site's files. A plugin adds to them and takes away what it added; the rest is not its to delete. */
import { z } from "zod";
import { fromBase64 } from "../crypto.ts";
import { toMediaItem } from "../media/item.ts";
import { uploadMedia } from "../media/upload.ts";
import { deleteUpload, listMedia, readMedia } from "../store/d1/media.ts";
import { ELSEWHERE } from "../usage/stored-change.ts";
import { idArgument, pageLimit } from "./arguments.ts";
import { BridgeError, defineMethod, type BridgeCall } from "./define-bridge.ts";
import { BRIDGE_LIMITS } from "./limits.ts";

const bytesArgument = z
  .strictObject(
    {
      base64: z
        .base64()
        .max(Math.ceil(BRIDGE_LIMITS.uploadBytes / 3) * 4, `Expected at most ${BRIDGE_LIMITS.uploadBytes} bytes`),
    },
    { error: "Expected the bytes as an ArrayBuffer or a typed array" },
  )
  .transform(({ base64 }) => fromBase64(base64))
  .refine((bytes) => bytes.length <= BRIDGE_LIMITS.uploadBytes, {
    message: `Expected at most ${BRIDGE_LIMITS.uploadBytes} bytes`,
  });

/** SECURITY: deleting cannot be undone, so only what the plugin uploaded itself. (tests/host/media.test.ts, "deletes what it uploaded and nothing else") */
async function deleteOwn(call: BridgeCall, id: string): Promise<boolean> {
  const { db, media, log } = call.services;
  const row = await readMedia(db, id);
  if (!row) return false;
  if (!(await deleteUpload(db, id, call.plugin.id))) {
    throw new BridgeError(
      "DENIED",
      `Cannot delete the file "${id}": ${call.plugin.id} did not upload it. A plugin deletes its own uploads only.`,
    );
  }
  // Without its row it is not shown, so bytes that stay are only waste.
  await media?.delete(row.storage_key).catch((error: unknown) => {
    log("error", "a deleted file's bytes are still there", { key: row.storage_key, error: String(error) });
  });
  return true;
}

/** The bridge methods of `ctx.media`. */
export const mediaMethods = [
  defineMethod({
    name: "media.get",
    capability: "media:read",
    summary: "Reads what is known of a file, or null.",
    args: z.tuple([idArgument]),
    kind: "data",
    async handler(call, id) {
      const row = await readMedia(call.services.db, id);
      return row ? toMediaItem(row) : null;
    },
  }),
  defineMethod({
    name: "media.list",
    capability: "media:read",
    summary: "Lists files, the latest first, all or those whose type begins with a text.",
    args: z.tuple([
      z
        .strictObject({
          limit: pageLimit(BRIDGE_LIMITS.pageItems),
          cursor: idArgument.nullish(),
          mimeType: z.string().max(100).nullish(),
        })
        .nullish(),
    ]),
    kind: "data",
    async handler(call, options) {
      const limit = options?.limit ?? BRIDGE_LIMITS.pageItems.default;
      const rows = await listMedia(call.services.db, {
        type: options?.mimeType ?? "",
        before: options?.cursor ?? undefined,
        // One more tells whether there is a next page.
        limit: limit + 1,
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const hasMore = rows.length > limit;
      return { items: page.map(toMediaItem), ...(hasMore && last ? { cursor: last.id } : {}), hasMore };
    },
  }),
  defineMethod({
    name: "media.upload",
    capability: "media:write",
    summary: "Stores a picture, film, sound or PDF of up to 2 MiB. Its address is the site's.",
    args: z.tuple([z.string().max(BRIDGE_LIMITS.filenameChars), z.string().max(100), bytesArgument]),
    kind: "data",
    writes: true,
    stores: (_name, _type, bytes) => ({ collection: ELSEWHERE, puts: [{ id: "", bytes: bytes.length }] }),
    async handler(call, filename, contentType, bytes) {
      const { media } = call.services;
      if (!media) {
        throw new BridgeError(
          "NOT_CONFIGURED",
          "Cannot upload: this host has no R2 bucket for files. Bind one as BUNDLES in wrangler.toml.",
        );
      }
      const uploaded = await uploadMedia(call.services, media, {
        filename,
        contentType,
        bytes,
        plugin: call.plugin.id,
      });
      if (!uploaded.ok) throw new BridgeError("INVALID_ARGUMENT", uploaded.reason);
      const { item, storageKey } = uploaded.value;
      call.hooks.action("media:afterUpload", { media: item });
      return { mediaId: item.id, storageKey, url: item.url };
    },
  }),
  defineMethod({
    name: "media.delete",
    capability: "media:write",
    summary: "Deletes a file that the plugin uploaded; answers whether there was one.",
    args: z.tuple([idArgument]),
    kind: "data",
    writes: true,
    handler: deleteOwn,
  }),
];
