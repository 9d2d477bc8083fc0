/** Where do the shipped plugins' tests run? In Node: the plugin's own code against the contract's boundary, without a host. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "plugins", include: ["*.test.ts"], root: import.meta.dirname, testTimeout: 30_000 },
});
