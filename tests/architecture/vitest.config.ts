/** Do the folders keep to their directions? Plain Node: sources are read as text. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { name: "architecture", include: ["*.test.ts"], root: import.meta.dirname },
});
