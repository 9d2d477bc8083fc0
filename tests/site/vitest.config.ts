/** Do content and site hold on a real D1? The tests run in workerd, with the host's own migration. */
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig(async () => {
  const migrations = await readD1Migrations(resolve(import.meta.dirname, "../../migrations"));
  return {
    plugins: [
      cloudflareTest({
        miniflare: {
          compatibilityDate: "2026-08-15",
          compatibilityFlags: ["nodejs_compat"],
          d1Databases: ["DB"],
          // Content alone: the host's later migrations belong to other parts.
          bindings: { TEST_MIGRATIONS: migrations.filter(({ name }) => name.startsWith("0001_")) },
        },
      }),
    ],
    test: { name: "site", include: ["*.test.ts"], root: import.meta.dirname, testTimeout: 30_000 },
  };
});
