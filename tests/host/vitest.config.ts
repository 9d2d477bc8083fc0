/** Does the host hold? The tests here in workerd, against the sources; `tests/built` runs the same files against the build. */
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { bundleImports } from "../support/bundle-import.ts";
import { PROVIDERS, SECRETS, VARIABLES } from "../support/target.ts";

export default defineConfig(async () => ({
  plugins: [
    bundleImports(),
    cloudflareTest({
      miniflare: {
        compatibilityDate: "2026-08-15",
        compatibilityFlags: ["nodejs_compat", "global_fetch_strictly_public"],
        modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
        // SQL holds what the tests of plugin SQL need: tables of a host, of a plugin and of another.
        d1Databases: ["DB", "SQL"],
        kvNamespaces: ["CACHE"],
        r2Buckets: ["BUNDLES"],
        // Bound under a name of its own: the target sends by HTTP.
        email: { send_email: [{ name: "MAILBOX", allowed_destination_addresses: ["ada@shop.dev", "bob@shop.dev"] }] },
        bindings: {
          ...SECRETS,
          ...VARIABLES,
          ...PROVIDERS,
          TEST_MIGRATIONS: await readD1Migrations(resolve(import.meta.dirname, "../../migrations")),
        },
      },
    }),
  ],
  resolve: { alias: { "#target": resolve(import.meta.dirname, "../support/target-source.ts") } },
  test: {
    name: "host",
    include: ["*.test.ts"],
    root: import.meta.dirname,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    isolate: false,
  },
}));
