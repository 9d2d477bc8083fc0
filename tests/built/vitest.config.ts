/** Does what is deployed hold as well? The files of `tests/host` once more, in Node, against the built Worker. */
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { bundleImports } from "../support/bundle-import.ts";

export default defineConfig({
  plugins: [bundleImports()],
  resolve: { alias: { "#target": resolve(import.meta.dirname, "../support/target-built.ts") } },
  test: {
    name: "built",
    include: ["*.test.ts"],
    root: import.meta.dirname,
    globalSetup: [resolve(import.meta.dirname, "build.ts")],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
