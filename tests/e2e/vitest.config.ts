/** Does the product work for a person? The real Worker with real D1, KV and R2, a real LLM server, a real Chromium. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "e2e",
    include: ["*.test.ts"],
    root: import.meta.dirname,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
