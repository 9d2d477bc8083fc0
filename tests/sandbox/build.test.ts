/** Does the build write what the sandbox runs, from what was pinned? Node only: builds need a file system. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { bundleGuest } from "../../sandbox/build-guest.ts";
import { assertPinned, buildSandbox, readUpstream } from "../../sandbox/build.ts";
import { sandbox, toLimits, toProgram } from "./harness.ts";

const SANDBOX = resolve(import.meta.dirname, "../../sandbox");
const ENGINE = join(SANDBOX, "engine/quickjs.gen.wasm");

describe("the engine", () => {
  test("is the pinned build, metered, byte for byte", async () => {
    await buildSandbox();
    expect(() => assertPinned(readFileSync(ENGINE), "engine")).not.toThrow();
    expect(WebAssembly.validate(readFileSync(ENGINE))).toBe(true);
  });

  test.each(["upstream", "engine"] as const)("with one byte of the %s changed is refused", (which) => {
    const changed = Uint8Array.from(which === "upstream" ? readUpstream() : readFileSync(ENGINE));
    changed[changed.length - 1]! ^= 1;
    expect(() => assertPinned(changed, which)).toThrow(/Cannot build the engine: .* has sha256 .*, expected/);
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
