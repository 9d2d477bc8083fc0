/** Does the packed tarball work in an application of its own? Installed into an empty folder, beside a real workerd. */
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "embedding",
    include: ["*.test.ts"],
    root: import.meta.dirname,
    globalSetup: [resolve(import.meta.dirname, "install.ts")],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
