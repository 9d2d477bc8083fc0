/** Does what reads a stranger's bundle hold? Plain Node: unpacking, signatures, the scan and the manifest are pure. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "bundle", include: ["*.test.ts"], root: import.meta.dirname, testTimeout: 120_000 },
});
