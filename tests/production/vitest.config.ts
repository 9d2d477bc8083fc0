/** Does the deployed Worker do the main job? Its built output with production's bindings, beside real LLM servers. */
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "production",
    include: ["*.test.ts"],
    root: import.meta.dirname,
    globalSetup: [resolve(import.meta.dirname, "../built/build.ts")],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
