/** Where do the shipped plugins' tests run? In Node: the plugin's own code against the contract's boundary, without a host. */
import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    {
      // Workers import a .wasm file as a compiled module; Node has to be shown how.
      name: "compiled-wasm",
      enforce: "pre",
      load(id) {
        if (!id.endsWith(".wasm")) return undefined;
        const bytes = readFileSync(id).toString("base64");
        return `export default new WebAssembly.Module(Buffer.from("${bytes}", "base64"));`;
      },
    },
  ],
  test: { name: "plugins", include: ["*.test.ts"], root: import.meta.dirname, testTimeout: 30_000 },
});
