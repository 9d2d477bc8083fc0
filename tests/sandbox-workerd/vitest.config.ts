/** Does the sandbox hold in the runtime it is made for? The test files of `tests/sandbox`, in workerd. */
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    cloudflareTest({
      miniflare: {
        compatibilityDate: "2026-08-15",
        modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
      },
    }),
  ],
  test: {
    name: "sandbox-workerd",
    include: ["*.test.ts"],
    // Builds need a file system.
    exclude: ["build*.test.ts"],
    root: resolve(import.meta.dirname, "../sandbox"),
    globalSetup: "assert-built.ts",
    testTimeout: 30_000,
  },
});
