/**
 * Does reading a bundle end in a bundle or a refusal, over thousands of damaged ones? Nothing is thrown, whatever the bytes
 * are; what passes is within the limits.
 */
import { describe, expect, it } from "vitest";
import { digestFiles } from "../../host/bundle/digest.ts";
import { BUNDLE_LIMITS } from "../../host/bundle/limits.ts";
import { packFiles } from "../../host/bundle/pack.ts";
import { maxBytesOf, refusePath } from "../../host/bundle/path.ts";
import { readManifest } from "../../host/bundle/read-manifest.ts";
import { readMigrations } from "../../host/bundle/read-migrations.ts";
import { readSignature } from "../../host/bundle/signature.ts";
import { readStored, readStoredMap, toStored } from "../../host/bundle/stored.ts";
import { unpackBundle } from "../../host/bundle/unpack.ts";
import { createSigningKey, signFiles } from "../../host/bundle/sign.ts";
import { createRandom, mutateArchive, mutateCode, mutateManifest, toTar } from "./mutate.ts";
import { scanned } from "./scanned.ts";

const SEED = 20_261;
const MANIFEST = {
  id: "fuzzed",
  version: "1.0.0",
  capabilities: ["content:write", "network:request"],
  allowedHosts: ["api.shop.dev"],
  storage: { items: { indexes: ["a", ["a", "b"]], uniqueIndexes: ["c"] } },
  hooks: ["cron", { name: "content:beforeSave", priority: 1, timeout: 100 }],
  routes: ["admin", { name: "go", public: true }],
  admin: {
    settingsSchema: {
      key: { type: "secret", label: "Key" },
      base: { type: "url", label: "Base", default: "https://x.dev" },
    },
    pages: [{ path: "/p", label: "P" }],
    widgets: [{ id: "w", size: "half" }],
  },
  declaredAccess: { content: { read: {}, write: {} }, network: { request: { allowedHosts: ["api.shop.dev"] } } },
  bulkhead: {
    publisher: "Acme",
    apiVersion: "^1",
    database: { read: ["ec_posts"], drafts: true },
    schedules: [{ name: "s", cron: "* * * * *", timezone: "UTC" }],
    secrets: { key: { hosts: ["api.shop.dev", "{setting:base}"] } },
    network: { hostsFromSettings: ["base"] },
    page: { slots: ["post.after"], paths: ["/x-*.xml"] },
    budgets: { route: { fuel: 1 } },
  },
};
const CODE = `const helper = async ({ ctx, n = 1 }, ...rest) => { const { content: { create }, ...more } = ctx; return create("posts", { n, rest, more }); };
class Store { #x = 1; constructor(c) { this.c = c; } get x() { return this.#x; } static { Store.y = 1; } *[Symbol.iterator]() { yield this.c?.kv; } }
export default { hooks: { "content:beforeSave": { handler: async (e, ctx) => helper({ ctx }) } }, routes: { async go({ input }, ctx) { for await (const a of new Store(ctx)) label: { if (a) break label; else continue; } return ctx.http.fetch(\`https://api.shop.dev/\${input.id ?? 0x1f}\`, /a+/gu); } } };`;
const REASONS = ["not-gzip", "not-tar", "too-large", "too-many-files", "path", "not-a-file", "duplicate", "empty"];

it("2,500 damaged archives end in files within the limits or in a reason", async () => {
  const random = createRandom(SEED);
  const files = {
    "manifest.json": JSON.stringify(MANIFEST),
    "backend.js": CODE,
    "backend.js.map": "{}",
    "migrations/0001_a.sql": "CREATE TABLE items (a)",
    "README.md": "# Read",
  };
  const tar = await toTar(files);
  const seen = new Map<string, number>();
  for (let i = 0; i < 2_500; i++) {
    const archive = mutateArchive(tar, random);
    const read = await unpackBundle(archive);
    const key = read.ok ? "ok" : read.reason.code;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    if (!read.ok) {
      expect(REASONS).toContain(key);
      expect(read.reason.message.length).toBeLessThan(600);
      continue;
    }
    expect(read.value.size).toBeLessThanOrEqual(BUNDLE_LIMITS.entries);
    for (const [path, bytes] of read.value) {
      expect([refusePath(path), bytes.length <= maxBytesOf(path)]).toEqual([undefined, true]);
    }
    readManifest(read.value);
    readMigrations(read.value);
    // Kept and read again it is the same bundle.
    const digest = await digestFiles(read.value);
    const stored = await toStored(archive, read.value);
    const again = await readStored(stored.archive, digest);
    expect(again.ok).toBe(true);
    if (again.ok && again.value.map)
      expect(await readStoredMap(stored.map!, again.value.map)).toEqual(read.value.get("backend.js.map"));
  }
  // Or it would say nothing.
  expect(seen.get("ok")).toBeGreaterThan(200);
  for (const reason of ["not-gzip", "not-tar", "path", "not-a-file"])
    expect(seen.get(reason), reason).toBeGreaterThan(3);
});

it("1,500 damaged manifests end in a manifest or in issues", () => {
  const random = createRandom(SEED);
  const backend = new TextEncoder().encode(CODE);
  let passed = 0;
  for (let i = 0; i < 1_500; i++) {
    const text = new TextEncoder().encode(mutateManifest(MANIFEST, random));
    const read = readManifest(
      new Map([
        ["manifest.json", text],
        ["backend.js", backend],
      ]),
    );
    if (read.ok) passed += 1;
    else expect(read.reason.length).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>)["added"]).toBeUndefined();
  }
  expect(passed).toBeGreaterThan(20);
});

it("1,000 damaged signatures end in no signature", async () => {
  const random = createRandom(SEED);
  const files = new Map([
    ["manifest.json", new Uint8Array(1)],
    ["backend.js", new Uint8Array(1)],
  ]);
  const [key, previous] = await Promise.all([createSigningKey(), createSigningKey()]);
  const now = new Date("2026-11-28T00:00:00.000Z");
  const context = { plugin: "fuzzed", version: "1.0.0", publisher: undefined, now };
  const signed = await signFiles(files, key, {
    ...context,
    publisher: "Acme",
    signedAt: now,
    expiresAt: new Date("2027-01-01"),
    previous,
  });
  const good = new TextDecoder().decode(signed.get("signature.json"));
  expect((await readSignature(signed, context)).ok).toBe(true);
  const said = (text: string): string => {
    try {
      return JSON.stringify(JSON.parse(text));
    } catch {
      return text;
    }
  };
  for (let i = 0; i < 1_000; i++) {
    const text = i % 2 === 0 ? mutateManifest(JSON.parse(good), random) : mutateCode(good, random);
    const read = await readSignature(new Map([...signed, ["signature.json", new TextEncoder().encode(text)]]), context);
    // Without `previous` it is the same signature with less said.
    const { previous: _, ...rest } = JSON.parse(good) as Record<string, unknown>;
    if (read.ok) expect([said(good), JSON.stringify(rest)], text).toContain(said(text));
    else expect(read.reason.code).toMatch(/^signature-/);
  }
});

describe("the scan", () => {
  it("of 1,500 pieces of damaged code ends in findings", () => {
    const random = createRandom(SEED);
    let read = 0;
    for (let i = 0; i < 1_500; i++) {
      const found = scanned(mutateCode(CODE, random), { capabilities: ["content:read"] });
      if (!found.some(({ code }) => code === "scan-incomplete")) read += 1;
      for (const { message } of found) expect(message.length).toBeLessThan(700);
    }
    expect(read).toBeGreaterThan(50);
  });

  it("and of noise", () => {
    const random = createRandom(SEED);
    for (let i = 0; i < 300; i++) {
      const code = String.fromCharCode(...Array.from({ length: random(400) }, () => random(i % 2 ? 128 : 65_536)));
      expect(() => scanned(code)).not.toThrow();
    }
  });
});

it("a stored bundle of which any byte is another is no bundle, or the same", async () => {
  const random = createRandom(SEED);
  const text = (value: string) => new TextEncoder().encode(value);
  const files = new Map([
    ["manifest.json", text(JSON.stringify(MANIFEST))],
    ["backend.js", text(CODE)],
    ["backend.js.map", text("{}")],
  ]);
  const digest = await digestFiles(files);
  const stored = await toStored(await packFiles(files), files);
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from(stored.archive);
    bytes[random(bytes.length)] = random(256);
    const read = await readStored(bytes, digest);
    if (read.ok) expect(await digestFiles(read.value.files, read.value.map ? [read.value.map] : [])).toBe(digest);
  }
});
