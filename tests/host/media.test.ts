/** Do files of plugins become the site's and nothing worse? What is taken, how it is sent, who may delete it, who hears of it. */
import { beforeEach, describe, expect, it } from "vitest";
import { target } from "#target";
import { BRIDGE_LIMITS } from "../../host/bridges/limits.ts";
import { FILE_TYPES } from "../../host/media/file-types.ts";
import { callRoute, eventually, install, must, rows, upload } from "./client.ts";
import { bridge, probe } from "./plugins.ts";

beforeEach(() => target.reset());

const bytesOf = (text: string) => ({ bytes: btoa(text) });
const PNG = bytesOf("\x89PNG\r\n\x1a\n and more");
const installWriter = (id = "writer") => install(probe(id, { capabilities: ["media:write"] }));
const put = async (name = "a.png", type = "image/png", bytes = PNG, id = "writer") => {
  const { value, error } = await bridge(id, "media.upload", name, type, bytes);
  expect(error).toBeUndefined();
  return value as unknown as { mediaId: string; storageKey: string; url: string };
};
const objects = async () =>
  (await target.env.BUNDLES.list({ prefix: "media/" })).objects.map(({ key }) => key.slice("media/".length));
const visit = (path: string) => target.fetch(path, { redirect: "manual" });
const refused = (code: string, words: RegExp) => ({
  error: { name: "BridgeError", code, message: expect.stringMatching(words) },
});

describe("an uploaded file", () => {
  it("is at its address, as the type it is, for browsers to keep", async () => {
    await installWriter();
    for (const { type, extension, shown, signatures } of FILE_TYPES) {
      const start = signatures[0]!.reduce((text, [offset, part]) => text.padEnd(offset, "\0") + part, "");
      const { mediaId, storageKey, url } = await put(`My file${extension}`, type, bytesOf(`${start} of ${type}`));
      expect({ type, storageKey, url }).toEqual({
        type,
        storageKey: `${mediaId}${extension}`,
        url: `/media/${storageKey}`,
      });
      const response = await visit(url);
      expect({ type, status: response.status, headers: Object.fromEntries(response.headers) }).toEqual({
        type,
        status: 200,
        headers: expect.objectContaining({
          "content-type": type,
          "content-disposition": `${shown}; filename*=UTF-8''My%20file${extension}`,
          "content-security-policy": expect.stringMatching(/^default-src 'none'; .*; sandbox$/),
          "x-content-type-options": "nosniff",
          "cache-control": "public, max-age=31536000, immutable",
        }),
      });
      expect(new TextDecoder("latin1").decode(await response.arrayBuffer())).toBe(
        new TextDecoder("latin1").decode(Uint8Array.from(`${start} of ${type}`, (char) => char.charCodeAt(0))),
      );
      expect(await bridge("writer", "media.get", mediaId)).toEqual({
        value: {
          id: mediaId,
          filename: `My file${extension}`,
          mimeType: type,
          size: start.length + 4 + type.length,
          url,
          createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      });
    }
    const old = await visit(`/_emdash/api/media/file/${(await objects())[0]}`);
    expect(old.status).toBe(200);
    await old.arrayBuffer();
  });

  it("has bytes that are what they are called", async () => {
    await installWriter();
    const html = bytesOf("<html><script>alert(1)</script>");
    for (const type of FILE_TYPES.map(({ type }) => type)) {
      expect({ type, ...(await bridge("writer", "media.upload", "a", type, html)) }).toEqual({
        type,
        ...refused("INVALID_ARGUMENT", /its bytes are not those of a file of/),
      });
    }
    for (const [type, bytes] of [
      ["image/jpeg", PNG],
      ["application/pdf", PNG],
      ["image/png", bytesOf("")],
      ["image/png", bytesOf("\x89PNG")],
      ["image/png", bytesOf(" \x89PNG\r\n\x1a\n")],
      ["image/webp", bytesOf("RIFF\0\0\0\0WAVE")],
    ] as const) {
      expect(await bridge("writer", "media.upload", "a.png", type, bytes)).toEqual(
        refused("INVALID_ARGUMENT", /its bytes/),
      );
    }
    expect([await objects(), await rows("SELECT * FROM media"), await rows("SELECT * FROM _host_uploads")]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it("is of a type that is never active, whatever it is called", async () => {
    await installWriter();
    for (const type of [
      "image/svg+xml",
      "IMAGE/SVG+XML; charset=utf-8",
      "text/html",
      "image/png, text/html",
      "application/javascript",
      "application/pdf2",
      "image/",
      "",
      "__proto__",
      "constructor",
    ]) {
      expect({ type, ...(await bridge("writer", "media.upload", "a.png", type, PNG)) }).toEqual({
        type,
        ...refused("INVALID_ARGUMENT", /expected one of image\/png, .*SVG and HTML can run scripts/),
      });
    }
    // Another program's row: the site's owner may have put it there.
    for (const [key, type] of [
      ["old.svg", "image/svg+xml"],
      ["old.html", "text/html; charset=utf-8"],
      ["odd.png", "image/png\r\nx-evil: 1"],
    ] as const) {
      await target.env.BUNDLES.put(`media/${key}`, "<svg><script>alert(1)</script></svg>");
      await rows("INSERT INTO media (id, filename, mime_type, storage_key) VALUES (?1, ?1, ?2, ?1)", key, type);
      const response = await visit(`/media/${key}`);
      expect({ key, type: response.headers.get("content-type") }).toEqual({ key, type: "application/octet-stream" });
      expect(response.headers.get("content-disposition")).toMatch(/^attachment;/);
      expect(response.headers.get("content-security-policy")).toMatch(/sandbox$/);
      expect(response.headers.get("x-evil")).toBeNull();
      await response.arrayBuffer();
    }
  });

  it("gets its key from the host alone, and a name in one line", async () => {
    await installWriter();
    for (const [name, kept] of [
      ["../../bundles/x.html", "x.html"],
      ["C:\\temp\\shot.png", "shot.png"],
      ["a\u202egnp.exe", "a\ufffdgnp.exe"],
      ['a"\r\nset-cookie: x=1', 'a" set-cookie: x=1'],
      ["x".repeat(BRIDGE_LIMITS.filenameChars), "x".repeat(BRIDGE_LIMITS.filenameChars)],
      ["half \ud800 pair", "half \ufffd pair"],
      ["folder/", /^[0-9A-Z]{26}\.png$/],
      ["", /^[0-9A-Z]{26}\.png$/],
    ] as const) {
      const { mediaId, storageKey, url } = await put(name);
      expect(storageKey).toMatch(/^[0-9A-Z]{26}\.png$/);
      const { value } = await bridge("writer", "media.get", mediaId);
      if (typeof kept === "string") expect(value?.["filename"]).toBe(kept);
      else expect(value?.["filename"]).toMatch(kept);
      const response = await visit(url);
      expect([response.status, response.headers.get("set-cookie")]).toEqual([200, null]);
      await response.arrayBuffer();
    }
    expect((await objects()).every((key) => /^[0-9A-Z]{26}\.png$/.test(key))).toBe(true);
  });

  it("may have as many bytes as the limit says and not one more", async () => {
    const big = `async ({ input }, ctx) => {
      const bytes = new Uint8Array(input.bytes);
      bytes.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
      try { return await ctx.media.upload("big.png", "image/png", bytes.buffer); } catch (error) { return { code: error.code, message: error.message }; }
    }`;
    // Base64 of a byte costs the guest some 130 units.
    const manifest = { bulkhead: { budgets: { route: { fuel: 500_000_000 } } } };
    await install(probe("writer", { capabilities: ["media:write"], routes: { big }, manifest }));
    const at = (await callRoute("writer", "big", { bytes: BRIDGE_LIMITS.uploadBytes })).body["data"];
    expect(at).toMatchObject({ mediaId: expect.any(String) });
    const over = (await callRoute("writer", "big", { bytes: BRIDGE_LIMITS.uploadBytes + 1 })).body["data"];
    expect(over).toEqual({ code: "INVALID_ARGUMENT", message: expect.stringMatching(/at most 2097152 bytes/) });
    expect(await rows("SELECT size FROM media")).toEqual([{ size: BRIDGE_LIMITS.uploadBytes }]);
  });

  it("whose row cannot be written leaves no bytes behind", async () => {
    await installWriter();
    await target.env.DB.exec(
      "CREATE TRIGGER no_uploads BEFORE INSERT ON _host_uploads BEGIN SELECT RAISE(ABORT, 'secret path /x'); END",
    );
    try {
      const { error } = await bridge("writer", "media.upload", "a.png", "image/png", PNG);
      expect(error).toEqual({
        name: "BridgeError",
        code: "INTERNAL",
        message: "ctx.media.upload failed inside the host; the error was logged there",
      });
    } finally {
      await target.env.DB.exec("DROP TRIGGER no_uploads");
    }
    expect([await objects(), await rows("SELECT * FROM media")]).toEqual([[], []]);
  });
});

describe("ctx.media", () => {
  it("deletes what it uploaded and nothing else", async () => {
    await installWriter();
    await installWriter("other");
    const mine = await put();
    const theirs = await put("b.png", "image/png", PNG, "other");
    await rows("INSERT INTO media (id, filename, mime_type, storage_key) VALUES ('site', 'c', 'image/png', 'c.png')");
    for (const id of [theirs.mediaId, "site"]) {
      expect(await bridge("writer", "media.delete", id)).toEqual(
        refused("DENIED", /writer did not upload it\. A plugin deletes its own uploads only/),
      );
    }
    expect(await bridge("writer", "media.delete", "nothing")).toEqual({ value: false });
    expect(await bridge("writer", "media.delete", mine.mediaId)).toEqual({ value: true });
    expect(await bridge("writer", "media.delete", mine.mediaId)).toEqual({ value: false });
    expect((await visit(mine.url)).status).toBe(404);
    expect(await objects()).toEqual([theirs.storageKey]);
    expect(await rows("SELECT id FROM media ORDER BY id")).toEqual([{ id: theirs.mediaId }, { id: "site" }]);
  });

  it("reinstalled under its id deletes nothing that the one before uploaded", async () => {
    await installWriter();
    const { mediaId, url } = await put();
    await must("DELETE", "/api/admin/plugins/writer?data=keep");
    await installWriter();
    expect(await bridge("writer", "media.delete", mediaId)).toEqual(refused("DENIED", /did not upload/));
    expect((await visit(url)).status).toBe(200);
  });

  it("lists files that are ready, the latest first, by the beginning of their type", async () => {
    await install(probe("reader", { capabilities: ["media:read"] }));
    for (const [id, type, status] of [
      ["a", "image/png", "ready"],
      ["b", "video/mp4", "ready"],
      ["c", "image/gif", "ready"],
      ["d", "image/png", "pending"],
      ["e", "image/webp", "ready"],
    ]) {
      await rows(
        "INSERT INTO media (id, filename, mime_type, storage_key, status) VALUES (?1, ?1, ?2, ?1, ?3)",
        id,
        type,
        status,
      );
    }
    const list = async (options?: unknown) => {
      const { value } = await bridge("reader", "media.list", options);
      const { items, cursor, hasMore } = value as unknown as {
        items: { id: string }[];
        cursor?: string;
        hasMore: boolean;
      };
      return [items.map(({ id }) => id).join(""), cursor, hasMore];
    };
    expect(await list()).toEqual(["ecba", undefined, false]);
    expect(await list({ mimeType: "image/" })).toEqual(["eca", undefined, false]);
    expect(await list({ mimeType: "image/", limit: 2 })).toEqual(["ec", "c", true]);
    expect(await list({ mimeType: "image/", limit: 2, cursor: "c" })).toEqual(["a", undefined, false]);
    for (const mimeType of ["image_", "%", "IMAGE/", "' OR 1=1 --"]) {
      expect(await list({ mimeType })).toEqual(["", undefined, false]);
    }
    expect(await bridge("reader", "media.get", "d")).toEqual({ value: null });
    expect((await visit("/media/d")).status).toBe(404);
    await rows(
      `INSERT INTO media (id, filename, mime_type, storage_key)
       WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT 'n' || i, 'n', 'audio/ogg', 'n' || i FROM n`,
    );
    for (const limit of [100, 101]) expect(await list({ limit })).toEqual([expect.any(String), "n100", true]);
  });

  it("makes no address to upload to", async () => {
    await installWriter();
    const { error } = await bridge("writer", "media.getUploadUrl", "a.png", "image/png");
    expect(error?.message).toMatch(/Use ctx\.media\.upload\(filename, contentType, bytes\)/);
  });
});

describe("an address of a file", () => {
  it("reaches nothing else in the bucket", async () => {
    await installWriter();
    await target.env.BUNDLES.put("media/orphan.png", "x");
    const bundle = (await target.env.BUNDLES.list({ prefix: "bundles/" })).objects[0]!.key;
    for (const key of [
      bundle,
      `..%2F${encodeURIComponent(bundle)}`,
      `../${bundle}`,
      "..%2f..%2f",
      "orphan.png",
      ".png",
      "a.b.c",
      "%00",
      "a%2Fb",
      "__proto__",
      "",
    ]) {
      const response = await visit(`/media/${key}`);
      expect({ key, status: response.status }).toEqual({ key, status: 404 });
    }
  });
});

describe("media:afterUpload", () => {
  const ear = (id: string, capabilities: readonly string[]) =>
    probe(id, {
      capabilities,
      hooks: { "media:afterUpload": `async (event, ctx) => ctx.kv.set("heard", event)` },
    });

  it("tells others who may read media, with the file, and not whoever uploaded it", async () => {
    await install(ear("ear", ["media:read"]));
    await install(ear("denied", ["media:read"]), { deny: ["media:read"] });
    await install(ear("writer", ["media:write"]));
    const { mediaId, url } = await put("A.png");
    await eventually(async () =>
      expect(await bridge("ear", "kv.get", "heard")).toEqual({
        value: {
          media: {
            id: mediaId,
            filename: "A.png",
            mimeType: "image/png",
            size: 17,
            url,
            createdAt: expect.any(String),
          },
        },
      }),
    );
    for (const id of ["denied", "writer"]) expect(await bridge(id, "kv.get", "heard")).toEqual({ value: null });
  });

  it("is not fired for an upload that was refused, and a throw in it changes nothing", async () => {
    await install(ear("ear", ["media:read"]));
    await install(
      probe("thrower", {
        capabilities: ["media:read"],
        hooks: { "media:afterUpload": `() => { throw new Error("no"); }` },
      }),
    );
    await installWriter();
    await bridge("writer", "media.upload", "a.svg", "image/svg+xml", PNG);
    expect(await bridge("ear", "kv.get", "heard")).toEqual({ value: null });
    const { mediaId } = await put();
    expect(await bridge("writer", "media.get", mediaId)).toMatchObject({ value: { id: mediaId } });
  });

  it("without media:read in the manifest is listed as inactive, and not delivered", async () => {
    const plan = await upload(ear("quiet", ["content:read"]));
    expect(plan["hooks"]).toEqual([
      {
        name: "media:afterUpload",
        when: "after a media file was uploaded",
        active: false,
        observes: false,
        reason: "It needs media:read, which is not granted",
      },
    ]);
    expect(JSON.stringify(plan["findings"])).toContain("will not run: It needs media:read, which is not granted");
    await install(ear("quiet2", ["content:read"]));
    await installWriter();
    await put();
    expect(await bridge("quiet2", "kv.get", "heard")).toEqual({ value: null });
  });
});
