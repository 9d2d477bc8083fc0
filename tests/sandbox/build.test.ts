/** Does the build write what the sandbox runs, from what was pinned? Node only: builds need a file system. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { buildSandbox, bundleGuest, assertPinnedEngine } from "../../sandbox/build.ts";
import { sandbox, toLimits, toProgram } from "./harness.ts";

const SANDBOX = resolve(import.meta.dirname, "../../sandbox");
const ENGINE = join(SANDBOX, "engine/quickjs.gen.wasm");

describe("the engine", () => {
  test("is the pinned build, byte for byte", async () => {
    await buildSandbox();
    expect(() => assertPinnedEngine(readFileSync(ENGINE))).not.toThrow();
    expect(createHash("sha256").update(readFileSync(ENGINE)).digest("hex")).toHaveLength(64);
  });

  test("with one byte changed is refused", () => {
    const changed = Uint8Array.from(readFileSync(ENGINE));
    changed[changed.length - 1]! ^= 1;
    expect(() => assertPinnedEngine(changed)).toThrow(/Cannot build the engine: .* has sha256 .*, expected/);
  });
});

test("a second build writes nothing", async () => {
  await buildSandbox();
  const prelude = join(SANDBOX, "guest/prelude.gen.ts");
  const before = [ENGINE, prelude].map((path) => statSync(path).mtimeMs);
  await buildSandbox();
  expect([ENGINE, prelude].map((path) => statSync(path).mtimeMs)).toEqual(before);
});

test("a bundled guest is an expression that evaluates to its default export", async () => {
  const folder = mkdtempSync(join(tmpdir(), "guest-"));
  writeFileSync(join(folder, "half.ts"), `export const inspected: string = "from another file"; // </script>`);
  writeFileSync(
    join(folder, "index.ts"),
    `import { inspected } from "./half.ts";\nexport default (sandbox: { call: unknown }) => ({ dispatch() {}, inspect: () => [inspected, typeof sandbox.call] });`,
  );
  const runtime = await bundleGuest(join(folder, "index.ts"));
  expect(runtime).not.toContain("export ");
  expect(await sandbox.inspect(toProgram("export {}", { runtime }), toLimits())).toMatchObject({
    ok: true,
    value: '["from another file","function"]',
  });
});

test("a broken embedder's half is a bug, not a failure of the bundle", async () => {
  for (const runtime of ["(", "undefined", "() => { throw new Error('half') }", "() => 1"]) {
    await expect(sandbox.inspect(toProgram("export {}", { runtime }), toLimits())).rejects.toThrow("runtime");
  }
});
