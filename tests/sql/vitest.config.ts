/** Does the guard for plugin SQL hold? Plain Node: the guard is pure, and SQLite itself is there as a module of wasm. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "sql", include: ["*.test.ts"], root: import.meta.dirname, testTimeout: 120_000 },
});
