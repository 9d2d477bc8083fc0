/** What is refused at upload, with which words, and does a refusal leave anything behind? */
import { beforeAll, describe, expect, it } from "vitest";
import { target } from "#target";
import { BUNDLE_LIMITS } from "../../host/bundle/limits.ts";
import { gzip, packHostile, packPlugin, packRaw, toFile, type HostileEntry } from "../support/bundle.ts";
import { packTar } from "modern-tar";
import { call, callRoute, install, invocations, uploadBytes, type Answer } from "./client.ts";
import { sketch } from "./plugins.ts";
import { everything } from "./stored.ts";

const MANIFEST = toFile("manifest.json", JSON.stringify({ id: "bad", version: "1.0.0" }));
const BACKEND = toFile("backend.js", "export default {};");

let before: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  await target.reset();
  await install(sketch("good", { routes: { hi: `() => 1` } }));
  before = await everything();
});

/** Refused in words, with nothing stored. */
async function expectRefused(send: () => Promise<Answer>, wanted: object, words: RegExp): Promise<void> {
  const { status, body, headers } = await send();
  expect({ status, ...body }).toMatchObject({ ...wanted, title: expect.any(String), type: expect.any(String) });
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(`${JSON.stringify(body["issues"])} ${String(body["detail"])}`).toMatch(words);
  expect(await everything()).toEqual(before);
}

const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const plain = (more: readonly ReturnType<typeof toFile>[]) => packRaw([MANIFEST, BACKEND, ...more]);
const text = (value: string) => new TextEncoder().encode(value);

describe("an archive", () => {
  // prettier-ignore
  const archives: readonly (readonly [string, () => Promise<Uint8Array>, number, string, RegExp])[] = [
    ["that is empty", async () => new Uint8Array(0), 422, "BUNDLE_INVALID", /not a gzip archive\. Expected a \.tar\.gz/],
    ["that is not gzip", async () => text("PK\u0003\u0004 a zip"), 422, "BUNDLE_INVALID", /not a gzip archive/],
    ["whose gzip is cut short", async () => (await plain([])).slice(0, -9), 422, "BUNDLE_INVALID", /damaged|cut short/],
    ["whose gzip is damaged", async () => flip(await plain([]), 40), 422, "BUNDLE_INVALID", /damaged|not a valid tar/],
    ["with bytes after the gzip", async () => new Uint8Array([...(await plain([])), 1, 2, 3]), 422, "BUNDLE_INVALID", /followed by other bytes/],
    ["that unpacks to gigabytes", () => gzip(new Uint8Array(BUNDLE_LIMITS.totalBytes + 1)), 413, "PAYLOAD_TOO_LARGE", /unpacks to more than/],
    ["that is no tar", () => gzip(text("hello".repeat(500))), 422, "BUNDLE_INVALID", /not a valid tar/],
    ["with a wrong checksum in a header", async () => gzip(flip(await packTar([MANIFEST, BACKEND]), 3)), 422, "BUNDLE_INVALID", /not a valid tar/],
    ["that holds no files", () => packRaw([]), 422, "BUNDLE_INVALID", /holds no files/],
    ["without a manifest", () => packRaw([BACKEND]), 422, "MANIFEST_INVALID", /no manifest\.json/],
    ["with its files in a folder", () => packRaw([toFile("package/manifest.json", "{}")]), 422, "BUNDLE_INVALID", /package\/manifest\.json.*not a file bundles have/],
    ["without code", () => packRaw([MANIFEST]), 422, "MANIFEST_INVALID", /no backend\.js/],
    ["with a path that climbs out", () => plain([toFile("../evil.js", "")]), 422, "BUNDLE_INVALID", /\.\.\/evil\.js.*inside the bundle/],
    ["with a path that climbs out in the middle", () => plain([toFile("screenshots/../../evil.js", "")]), 422, "BUNDLE_INVALID", /inside the bundle/],
    ["with an absolute path", () => plain([toFile("/etc/passwd", "")]), 422, "BUNDLE_INVALID", /absolute/],
    ["with a backslash in a path", () => plain([toFile("screenshots\\evil.png", "")]), 422, "BUNDLE_INVALID", /backslash/],
    ["with a file nobody reads", () => plain([toFile("evil.sh", "")]), 422, "BUNDLE_INVALID", /evil\.sh.*not a file bundles have/],
    ["with a hidden file", () => plain([toFile(".env", "")]), 422, "BUNDLE_INVALID", /starts with a dot/],
    ["with a path one character too long", () => plain([toFile(`screenshots/${"a".repeat(BUNDLE_LIMITS.pathChars - 15)}.png`, "")]), 422, "BUNDLE_INVALID", /longer than 200/],
    ["with a migration of another name", () => plain([toFile("migrations/first.sql", "")]), 422, "BUNDLE_INVALID", /migrations\/0001_words\.sql/],
    ["with a symbolic link", () => plain([{ header: { name: "icon.png", type: "symlink", linkname: "/etc/passwd", size: 0 } }]), 422, "BUNDLE_INVALID", /icon\.png.*is a symlink/],
    ["with a hard link", () => plain([{ header: { name: "icon.png", type: "link", linkname: "backend.js", size: 0 } }]), 422, "BUNDLE_INVALID", /icon\.png.*is a link/],
    ["with a device", () => plain([{ header: { name: "icon.png", type: "character-device", size: 0 } }]), 422, "BUNDLE_INVALID", /only plain files/],
    ["with two manifests", () => plain([MANIFEST]), 422, "BUNDLE_INVALID", /manifest\.json.*twice/],
    ["with two manifests, one as ./manifest.json", () => plain([toFile("./manifest.json", "{}")]), 422, "BUNDLE_INVALID", /twice/],
    ["with one entry too many", () => plain(pictures(BUNDLE_LIMITS.entries - 1)), 422, "BUNDLE_INVALID", /more than 64 entries/],
    ["with one byte of code too many", () => packRaw([MANIFEST, toFile("backend.js", filled(BUNDLE_LIMITS.codeBytes + 1))]), 413, "PAYLOAD_TOO_LARGE", /backend\.js.*at most 1048576/],
    ["with one byte of manifest too many", () => packRaw([toFile("manifest.json", filled(BUNDLE_LIMITS.manifestBytes + 1)), BACKEND]), 413, "PAYLOAD_TOO_LARGE", /manifest\.json.*at most 262144/],
    ["with one byte of source map too many", () => plain([toFile("backend.js.map", filled(BUNDLE_LIMITS.sourceMapBytes + 1))]), 413, "PAYLOAD_TOO_LARGE", /backend\.js\.map.*at most/],
    ["with one byte of picture too many", () => plain([toFile("icon.png", filled(BUNDLE_LIMITS.fileBytes + 1))]), 413, "PAYLOAD_TOO_LARGE", /icon\.png.*at most/],
    ["of one byte too many", async () => withSize(await noisy(), BUNDLE_LIMITS.archiveBytes + 1), 413, "PAYLOAD_TOO_LARGE", /more than 2097152 bytes/],
    ["whose manifest is no JSON", () => packRaw([toFile("manifest.json", "{id: 1}"), BACKEND]), 422, "MANIFEST_INVALID", /manifest\.json is not JSON/],
    ["whose manifest is not UTF-8", () => packRaw([toFile("manifest.json", new Uint8Array([0x7b, 0xff, 0x7d])), BACKEND]), 422, "MANIFEST_INVALID", /not UTF-8/],
    ["whose manifest is UTF-16", () => packRaw([toFile("manifest.json", utf16('{"id":"bad","version":"1.0.0"}')), BACKEND]), 422, "MANIFEST_INVALID", /not UTF-8|not JSON/],
    ["whose manifest is of ten megabytes", () => packRaw([toFile("manifest.json", filled(10_000_000)), BACKEND]), 413, "PAYLOAD_TOO_LARGE", /./],
    ["that unpacks to a gigabyte", () => bomb(), 413, "PAYLOAD_TOO_LARGE", /unpacks to more than/],
    ["that is a gzip within a gzip", async () => gzip(await plain([])), 422, "BUNDLE_INVALID", /not a valid tar/],
    ["that is a zip of zips", async () => new Uint8Array([0x50, 0x4b, 3, 4, ...new Uint8Array(500), 0x50, 0x4b, 5, 6]), 422, "BUNDLE_INVALID", /not a gzip archive/],
    ["that is an archive and a page", async () => new Uint8Array([...(await plain([])), ...text("<html><script>alert(1)</script>")]), 422, "BUNDLE_INVALID", /followed by other bytes/],
    ["whose files are named in UTF-16", () => plain([{ header: { name: "m\u0000a\u0000n\u0000", size: 0, type: "file" } }]), 422, "BUNDLE_INVALID", /./],
    ["with a name that looks like another", () => plain([toFile("manifest\u2024json", "{}")]), 422, "BUNDLE_INVALID", /./],
    ["with a name that turns its direction", () => plain([toFile("\u202enosj.tsefinam", "{}")]), 422, "BUNDLE_INVALID", /./],
    ["whose manifest names no code that is there", () => packRaw([MANIFEST, toFile("backend.js ", "export default {};")]), 422, "BUNDLE_INVALID", /./],
    ["of ten thousand files", () => packHostile([...GOOD, ...many(10_000, (i) => ({ name: `screenshots/${i}.png` }))]), 422, "BUNDLE_INVALID", /more than 64 entries/],
    ["of ten thousand folders", () => packHostile([...GOOD, ...many(10_000, (i) => ({ name: `f${i}/`, type: "5" }))]), 422, "BUNDLE_INVALID", /more than 64 entries/],
    ["of two archives, one after the other", async () => join(await plain([]), await plain([])), 422, "BUNDLE_INVALID", /followed by other bytes|not a valid tar|twice/],
    ["of an archive and another that hides behind it", async () => join(await plain([]), await packRaw([toFile("evil.sh", "")])), 422, "BUNDLE_INVALID", /followed by other bytes|not a valid tar|evil/],
    ["cut short within its second file", async () => { const whole = await packHostile([...GOOD, { name: "icon.png", body: noise(40_000) }]); return whole.slice(0, whole.length >> 1); }, 422, "BUNDLE_INVALID", /damaged, cut short/],
    ["with an extended header of three megabytes", () => packHostile([{ name: "pax", type: "x", body: `3000000 comment=${"x".repeat(2_999_983)}\n` }, ...GOOD, { name: "evil.sh" }]), 422, "BUNDLE_INVALID", /./],
    ["with an extended header for all that climbs out", () => packHostile([{ name: "pax", type: "g", body: pax("path", "../evil.js") }, ...GOOD]), 422, "BUNDLE_INVALID", /./],
    ["with an extended header that climbs out", () => packHostile([...GOOD, { name: "pax", type: "x", body: pax("path", "../../evil.js") }, { name: "icon.png" }]), 422, "BUNDLE_INVALID", /evil\.js.*inside the bundle/],
    ["with an extended header that is absolute", () => packHostile([...GOOD, { name: "pax", type: "x", body: pax("path", "/etc/passwd") }, { name: "icon.png" }]), 422, "BUNDLE_INVALID", /absolute/],
    ["with a ten thousand characters long name", () => packHostile([...GOOD, { name: "long", type: "L", body: `screenshots/${"a".repeat(10_000)}.png\u0000` }, { name: "icon.png" }]), 422, "BUNDLE_INVALID", /longer than 200/],
    ["with a name that is not UTF-8", () => packHostile([...GOOD, { name: new Uint8Array([0x69, 0xff, 0xfe, 0x2e, 0x6a, 0x73]) }]), 422, "BUNDLE_INVALID", /has characters outside A-Z a-z/],
    ["with an extended name that is not UTF-8", () => packHostile([...GOOD, { name: "pax", type: "x", body: join(text("13 path="), new Uint8Array([0xff, 0xfe, 0x2e, 0x0a])) }, { name: "icon.png" }]), 422, "BUNDLE_INVALID", /./],
    ["with a zero within a name", () => packHostile([...GOOD, { name: "pax", type: "x", body: pax("path", "icon.png\u0000.sh") }, { name: "x" }]), 422, "BUNDLE_INVALID", /./],
    ["whose header claims more than there is", () => packHostile([...GOOD, { name: "icon.png", size: "00000100000" }]), 422, "BUNDLE_INVALID", /not a valid tar/],
    ["whose header claims eight gigabytes", () => packHostile([...GOOD, { name: "icon.png", size: "77777777777" }]), 413, "PAYLOAD_TOO_LARGE", /icon\.png.*at most/],
    ["whose header claims a negative size", () => packHostile([...GOOD, { name: "icon.png", size: "-0000000001", body: "x" }]), 422, "BUNDLE_INVALID", /./],
    ["with a wrong sum over a header", () => packHostile([...GOOD, { name: "icon.png", checksum: "wrong" }]), 422, "BUNDLE_INVALID", /not a valid tar.*checksum/],
    ["whose manifest is an array", () => packRaw([toFile("manifest.json", "[]"), BACKEND]), 422, "MANIFEST_INVALID", /expected object/i],
    ["whose manifest is null", () => packRaw([toFile("manifest.json", "null"), BACKEND]), 422, "MANIFEST_INVALID", /expected object/i],
  ];

  it.each(archives)("%s is refused, and nothing is stored", async (_, make, status, code, words) => {
    const archive = await make();
    await expectRefused(() => uploadBytes(archive), { status, code }, words);
  });

  it("of a kind that is no archive is refused by its type", async () => {
    const archive = await packPlugin(sketch("typed"));
    for (const type of ["text/html", "application/json", "application/zip"]) {
      await expectRefused(
        () => uploadBytes(archive, type),
        { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
        /application\/gzip/,
      );
    }
  });

  it("missing from a form is refused", async () => {
    const form = new FormData();
    form.set("file", new File([await plain([])], "a.tar.gz"));
    await expectRefused(() => call("POST", "/api/admin/plugins", { body: form }), { status: 400 }, /"bundle"/);
  });

  it("refused leaves what is installed running", async () => {
    expect((await uploadBytes(text("not an archive"))).status).toBe(422);
    expect((await callRoute("good", "hi")).body).toEqual({ success: true, data: 1 });
    await invocations("good", 1);
  });

  it("at every limit is accepted", async () => {
    const code = `export default {};\n//${"x".repeat(BUNDLE_LIMITS.codeBytes - 21)}`;
    expect(code).toHaveLength(BUNDLE_LIMITS.codeBytes);
    const manifest = JSON.stringify({ id: "big", version: "1.0.0", filler: "" });
    const filler = "x".repeat(BUNDLE_LIMITS.manifestBytes - manifest.length);
    const archive = await packRaw([
      toFile("manifest.json", JSON.stringify({ id: "big", version: "1.0.0", filler })),
      toFile("backend.js", code),
      toFile("backend.js.map", filled(BUNDLE_LIMITS.sourceMapBytes)),
      toFile("icon.png", filled(BUNDLE_LIMITS.fileBytes)),
      toFile(`screenshots/${"a".repeat(BUNDLE_LIMITS.pathChars - 16)}.png`, ""),
      ...pictures(BUNDLE_LIMITS.entries - 5),
    ]);
    const { status, body } = await uploadBytes(archive);
    expect(status, JSON.stringify(body)).toBe(201);
    // What no reader of the manifest uses is said, not swallowed.
    expect(body["plan"]).toMatchObject({
      findings: [{ code: "not-signed" }, { code: "unused-keys", message: expect.stringContaining("filler") }],
    });
  });

  it("whose manifest begins with a byte order mark is read as it would be without", async () => {
    const manifest = `\ufeff${JSON.stringify({ id: "marked", version: "1.0.0" })}`;
    const { status, body } = await uploadBytes(await packRaw([toFile("manifest.json", manifest), BACKEND]));
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body["plan"]).toMatchObject({
      plugin: { id: "marked", version: "1.0.0" },
      findings: [{ code: "not-signed" }],
    });
  });
});

const GOOD: readonly HostileEntry[] = [
  { name: "manifest.json", body: JSON.stringify({ id: "bad", version: "1.0.0" }) },
  { name: "backend.js", body: "export default {};" },
];

function many(count: number, make: (i: number) => HostileEntry): readonly HostileEntry[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A record of an extended header: its own length in decimal, then key and value. */
function pax(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length += 1;
  return `${length}${rest}`;
}

function noise(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

function utf16(value: string): Uint8Array {
  return new Uint8Array([0xff, 0xfe, ...Array.from(value, (char) => [char.charCodeAt(0), 0]).flat()]);
}

/** A gigabyte of nothing in a megabyte of gzip. */
async function bomb(): Promise<Uint8Array> {
  const block = new Uint8Array(1_048_576);
  let left = 1_024;
  const zeros = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left === 0) controller.close();
      else controller.enqueue(block);
      left -= 1;
    },
  });
  return new Uint8Array(await new Response(zeros.pipeThrough(new CompressionStream("gzip"))).arrayBuffer());
}

function filled(length: number): Uint8Array {
  return new Uint8Array(length).fill(32);
}

function pictures(count: number) {
  return Array.from({ length: count }, (_, i) => toFile(`screenshots/${i}.png`, ""));
}

/** About 2 MB that gzip cannot make smaller. */
async function noisy(): Promise<Uint8Array> {
  const noise = new Uint8Array(BUNDLE_LIMITS.archiveBytes);
  for (let i = 0; i < noise.length; i += 65_536) crypto.getRandomValues(noise.subarray(i, i + 65_536));
  return gzip(noise);
}

function withSize(bytes: Uint8Array, size: number): Uint8Array {
  const sized = new Uint8Array(size);
  sized.set(bytes.subarray(0, size));
  return sized;
}
