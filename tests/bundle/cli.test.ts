/** Does an author sign on the command line what a host takes in? Run as authors run it. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packFiles } from "../../host/bundle/pack.ts";
import { parsePublicKey, verifyText } from "../../host/bundle/publisher-key.ts";
import { readSignature } from "../../host/bundle/signature.ts";
import { toRotationText } from "../../host/bundle/signed-text.ts";
import { unpackBundle } from "../../host/bundle/unpack.ts";

const CLI = resolve(import.meta.dirname, "../../cli/bulkhead.ts");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bulkhead-cli-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function bulkhead(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { cwd: folder }, (error, out, err) => {
      done({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, out, err });
    });
  });
}
const text = (value: string) => new TextEncoder().encode(value);
const bundle = async (name: string, files: Readonly<Record<string, string>>) =>
  writeFile(
    join(folder, name),
    await packFiles(new Map(Object.entries(files).map(([path, body]) => [path, text(body)]))),
  );
const GOOD = { "manifest.json": JSON.stringify({ id: "tidy", version: "1.0.0" }), "backend.js": "export default {};" };
const read = async (name: string) => {
  const unpacked = await unpackBundle(new Uint8Array(await readFile(join(folder, name))));
  if (!unpacked.ok) throw new Error(unpacked.reason.message);
  return readSignature(unpacked.value, { plugin: "tidy", version: "1.0.0", publisher: undefined, now: new Date() });
};

describe("an author", () => {
  it("makes a key, signs, signs again with the next one, and states that it takes the old one's place", async () => {
    const made = await bulkhead("keygen", "--publisher", "Acme", "--out", "old.key");
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/key id     [0-9a-f]{64}\npublic key [\w-]{43}\n/),
    });
    expect((await stat(join(folder, "old.key"))).mode & 0o777).toBe(0o600);
    expect(made.out).not.toContain(
      (JSON.parse(await readFile(join(folder, "old.key"), "utf8")) as { privateKey: { d: string } }).privateKey.d,
    );
    // It is never written over.
    expect((await bulkhead("keygen", "--publisher", "Acme", "--out", "old.key")).code).toBe(1);
    await bulkhead("keygen", "--publisher", "Acme", "--out", "new.key");
    await bundle("tidy.tar.gz", GOOD);

    expect(await bulkhead("sign", "tidy.tar.gz", "--key", "old.key", "--expires", "2999-01-01")).toMatchObject({
      code: 0,
      out: "signed tidy 1.0.0: tidy.tar.gz\n",
    });
    const first = await read("tidy.tar.gz");
    expect(first).toMatchObject({
      ok: true,
      value: { publisher: "Acme", expiresAt: "2999-01-01T00:00:00.000Z", previousKeyId: null },
    });
    const order = ["sign", "tidy.tar.gz", "--key", "new.key", "--previous", "old.key", "--out", "next.tar.gz"];
    expect((await bulkhead(...order)).code).toBe(0);
    const second = await read("next.tar.gz");
    if (!first.ok || !second.ok || !first.value || !second.value) throw new Error("not signed");
    expect(second.value).toMatchObject({ previousKeyId: first.value.keyId, expiresAt: null });

    const { out } = await bulkhead("rotate", "--previous", "old.key", "--key", "new.key");
    expect(out).toContain(`POST /api/admin/publishers/${first.value.keyId}/rotate\n`);
    const { publicKey, statement } = JSON.parse(out.split("\n")[1]!) as Record<"publicKey" | "statement", string>;
    expect(publicKey).toBe(second.value.publicKey);
    const old = await parsePublicKey(first.value.publicKey);
    expect(
      old.ok &&
        (await verifyText(old.value, statement, toRotationText({ from: first.value.keyId, to: second.value.keyId }))),
    ).toBe(true);
  });

  it.each([
    ["what is no bundle", { "evil.sh": "" }, /evil\.sh.*not a file bundles have/],
    ["a manifest a host would refuse", { ...GOOD, "manifest.json": "{}" }, /id/],
    [
      "a manifest that names somebody else",
      { ...GOOD, "manifest.json": JSON.stringify({ id: "tidy", version: "1.0.0", bulkhead: { publisher: "Other" } }) },
      /names the publisher "Other"/,
    ],
  ])("cannot sign %s, and the file stays as it is", async (_, files, words) => {
    await bulkhead("keygen", "--publisher", "Acme", "--out", "own.key");
    await bundle("bad.tar.gz", files);
    const before = await readFile(join(folder, "bad.tar.gz"));
    const { code, err } = await bulkhead("sign", "bad.tar.gz", "--key", "own.key");
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(words) });
    expect(await readFile(join(folder, "bad.tar.gz"))).toEqual(before);
  });

  it("reads what is wrong with a key, a time or a command", async () => {
    await writeFile(join(folder, "no.key"), "{}");
    await chmod(join(folder, "no.key"), 0o600);
    await bundle("some.tar.gz", GOOD);
    expect((await bulkhead("sign", "some.tar.gz", "--key", "no.key")).err).toMatch(
      /no\.key is no key of bulkhead keygen/,
    );
    expect((await bulkhead("sign", "some.tar.gz", "--key", "old.key", "--expires", "soon")).err).toMatch(
      /--expires soon is no time/,
    );
    expect(await bulkhead("keygen")).toMatchObject({ code: 1, out: expect.stringContaining("--publisher <name>") });
    expect(await bulkhead("--help")).toMatchObject({ code: 0, out: expect.stringContaining("bulkhead sign") });
  });
});
