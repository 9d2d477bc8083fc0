/** Are bundles what the host expects: the same bytes for the same files, and manifests that parse? */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseManifest } from "@bulkhead/sdk";
import { unpackTar } from "modern-tar";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildPlugin } from "../../scripts/build-plugin.ts";
import { packBundle } from "../../scripts/pack-bundle.ts";
import { packEntries, packManifest, packNpmPlugin, truncate } from "../support/pack.ts";

const ROOT = resolve(import.meta.dirname, "../..");

async function filesOf(archive: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const entries = await unpackTar(new Uint8Array(gunzipSync(archive)), { strict: true });
  return new Map(entries.map(({ header, data }) => [header.name, new TextDecoder().decode(data)]));
}

describe("packBundle", () => {
  const manifest = { id: "x", version: "1.0.0" };

  test("gives the same bytes for the same files, in whatever order they are named", async () => {
    const pack = (files: Readonly<Record<string, string>>) => packBundle({ manifest, backend: "export {}", files });
    const first = await pack({ "README.md": "a", "backend.js.map": "{}" });
    expect(await pack({ "backend.js.map": "{}", "README.md": "a" })).toEqual(first);
    expect(await pack({ "README.md": "b", "backend.js.map": "{}" })).not.toEqual(first);
  });

  test("leaves no time, owner or operating system in it", async () => {
    const archive = await packBundle({ manifest, backend: "export {}" });
    expect([...archive.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(archive[9]).toBe(255);
    const [entry] = await unpackTar(new Uint8Array(gunzipSync(archive)));
    expect(entry?.header).toMatchObject({ name: "backend.js", uid: 0, gid: 0, mode: 0o644, mtime: new Date(0) });
  });

  test("holds manifest.json and backend.js as they were given", async () => {
    const files = await filesOf(await packManifest(manifest, "export default {}"));
    expect([...files.keys()]).toEqual(["backend.js", "manifest.json"]);
    expect(JSON.parse(files.get("manifest.json")!)).toEqual(manifest);
    expect(files.get("backend.js")).toBe("export default {}");
  });
});

describe("packEntries", () => {
  test("writes what it is told: links, parents, duplicates, wrong checksums, cut ends", async () => {
    const archive = packEntries([
      { path: "a.txt", body: "one" },
      { path: "a.txt", body: "two" },
      { path: "../up", body: "x" },
      { path: "link", type: "2", linkTo: "/etc/passwd" },
    ]);
    const entries = await unpackTar(new Uint8Array(gunzipSync(archive)));
    expect(entries.map(({ header }) => [header.name, header.type])).toEqual([
      ["a.txt", "file"],
      ["a.txt", "file"],
      ["../up", "file"],
      ["link", "symlink"],
    ]);
    const wrong = new Uint8Array(gunzipSync(packEntries([{ path: "a", body: "x", claimedChecksum: 1 }])));
    await expect(unpackTar(wrong, { strict: true })).rejects.toThrow(/checksum/i);
    expect(() => gunzipSync(truncate(archive, 10))).toThrow(/unexpected end/i);
  });
});

describe("the shipped plugin", () => {
  const folder = join(ROOT, "plugins/auto-blog-seo");

  test("builds into a bundle whose manifest parses, with what its code exports", async () => {
    const { archive, manifest } = await buildPlugin(folder);
    const files = await filesOf(archive);
    const wire: unknown = JSON.parse(files.get("manifest.json")!);
    expect(parseManifest(wire)).toEqual({ ok: true, manifest });
    expect(manifest.hooks.map(({ name }) => name)).toEqual(["cron", "page:metadata"]);
    expect(manifest.routes).toEqual([
      { name: "admin", public: false },
      { name: "status", public: true },
    ]);
    expect(wire).toMatchObject({ hooks: [{ name: "cron", timeout: expect.any(Number) }, { name: "page:metadata" }] });
  });

  test("names no machine, imports nothing and stays small", async () => {
    const { archive, backend } = await buildPlugin(folder);
    for (const [path, text] of await filesOf(archive)) expect([path, text.includes(ROOT)]).toEqual([path, false]);
    expect(backend).not.toMatch(/\bimport\b|\brequire\(/);
    expect(backend.length).toBeLessThan(40_000);
  });

  test("has a key and a host for every provider it offers, and a purpose for every power", async () => {
    const { manifest } = await buildPlugin(folder);
    const { settingsSchema } = manifest.admin;
    const { provider } = settingsSchema;
    const offered = provider?.type === "select" ? provider.options.map(({ value }) => value) : [];
    const { secrets = {}, purposes = {}, requiredSettings = [] } = manifest.bulkhead;
    for (const name of offered) {
      expect(settingsSchema[`${name}Key`]).toMatchObject({ type: "secret" });
      expect(secrets[`${name}Key`]?.hosts).toHaveLength(1);
      expect(requiredSettings).toContainEqual({ key: `${name}Key`, when: { provider: name } });
    }
    const bound = Object.values(secrets).flatMap(({ hosts }) => hosts);
    expect(bound.filter((host) => !host.startsWith("{")).toSorted()).toEqual(manifest.allowedHosts.toSorted());
    expect(Object.keys(purposes).toSorted()).toEqual([...manifest.capabilities].toSorted());
  });
});

describe("a plugin that cannot be built", () => {
  let folder: string;
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "plugins-")), "sample");
    await mkdir(join(folder, "src"), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function refusal(plugin: unknown, code: string): Promise<string> {
    await writeFile(join(folder, "plugin.json"), typeof plugin === "string" ? plugin : JSON.stringify(plugin));
    await writeFile(join(folder, "src/index.ts"), code);
    return buildPlugin(folder).then(
      () => "built",
      (error: unknown) => String(error),
    );
  }
  const good = { id: "sample", version: "1.0.0" };
  const code = "export default { routes: { hello: () => 1 } };";

  test("says in which file and why", async () => {
    expect(await refusal(good, code)).toBe("built");
    expect(await refusal("{", code)).toContain("plugin.json: Cannot be read as JSON");
    expect(await refusal({ ...good, version: "one" }, code)).toContain("plugin.json: version");
    expect(await refusal({ ...good, id: "other" }, code)).toContain('Expected "sample"');
    expect(await refusal({ ...good, hooks: ["cron"] }, code)).toContain("plugin.json: hooks");
    expect(await refusal({ ...good, capabilities: ["mind:read"] }, code)).toContain("plugin.json: capabilities[0]");
    expect(await refusal(good, "export const x = 1;")).toContain("src/index.ts");
    expect(await refusal(good, "throw new Error('at load')")).toContain("src/index.ts");
    expect(await refusal(good, "export default {")).toContain("src/index.ts");
    expect(await refusal(good, 'import fs from "node:fs"; export default { routes: { a: () => fs } };')).toContain(
      "node:fs",
    );
  });

  test("is the shipped one under another id, and builds", async () => {
    const copy = join(folder, "../other-name");
    await cp(join(ROOT, "plugins/auto-blog-seo"), copy, { recursive: true });
    await expect(buildPlugin(copy)).rejects.toThrow('Expected "other-name"');
  });
});

test("a published EmDash plugin packs unchanged, and its manifest parses", async () => {
  const files = await filesOf(await packNpmPlugin(join(ROOT, "node_modules/@emdash-cms/plugin-audit-log")));
  const parsed = parseManifest(JSON.parse(files.get("manifest.json")!));
  expect(parsed).toMatchObject({ ok: true, manifest: { id: "audit-log", capabilities: ["content:read"] } });
  expect(files.get("backend.js")).toContain("export");
});
